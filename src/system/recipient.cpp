// SRS first: its addresses are not in the directory.
#include "mailctl/system/recipient.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/system/files.hpp"

namespace mailctl {
namespace {

Plan srs_plan(const Address& recipient, const SrsReversal& reversal) {
    Plan plan{.recipient = recipient, .resolved = recipient, .walk = {}, .outcome = Discard{}};
    std::string outcome;
    if (reversal.verdict == SrsVerdict::genuine) {
        outcome = "return to " + reversal.address->text();
        plan.outcome = Deliver{{ForwardDelivery{.to = *reversal.address, .by = recipient}}};
    } else {
        const bool expired = reversal.verdict == SrsVerdict::expired;
        outcome = expired ? "rewritten sender, too old" : "rewritten sender, not signed by this site";
        plan.outcome = Reject{550, "5.1.1", expired ? "this return address has expired" : "no such return address"};
    }
    plan.walk.push_back({"srs", recipient.text(), std::move(outcome), true});
    return plan;
}

} // namespace

Result<SrsKeys> load_srs_keys(const Paths& paths, const Site& site) {
    SrsKeys keys{.domain = site.delivery.srs_domain.value_or(site.hostname), .secrets = {}};
    TRY_ASSIGN(const auto text, find_file(paths.srs_secret));
    for (const auto line : split(text.value_or(""), '\n'))
        if (!trim(line).empty()) keys.secrets.emplace_back(trim(line));
    return keys;
}

Result<Plan> resolve_recipient(const Lookup& lookup, const ResolveSettings& settings, const SrsKeys& srs_keys,
                               const Address& recipient) {
    if (recipient.domain == srs_keys.domain) {
        const auto today =
            std::chrono::sys_days(settings.today).time_since_epoch().count(); // a day more or less is within its age
        const auto reversal = srs_reverse(recipient.local, srs_keys, today);
        if (reversal.verdict != SrsVerdict::not_srs) return srs_plan(recipient, reversal);
    }
    return resolve(lookup, settings, recipient);
}

} // namespace mailctl
