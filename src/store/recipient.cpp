// SPDX-License-Identifier: Apache-2.0
// SRS first: its addresses are not in the directory.
#include "mailctl/store/recipient.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/routing/local_name.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    TRY_ASSIGN(const auto found, find_file(paths.srs_secret));
    const std::string text = found.value_or(""); // its lines are views
    for (const auto line : split(text, '\n'))
        if (!trim(line).empty()) keys.secrets.emplace_back(trim(line));
    if (keys.secrets.empty() && site.delivery.srs)
        return fail(ErrorKind::temporary,
                    fmt::format("'{}' {}", paths.srs_secret,
                                found ? "holds no secret to sign senders with" : "is missing: the site's SRS secret"),
                    "'mailctl init' makes one; a backup keeps old senders valid; delivery.srs=false does without");
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

IsOwnAddress own_addresses(const Lookup& lookup, const ResponderEntry& entry, const Address& responder,
                           const std::string& delimiters) {
    return [&lookup, &entry, &responder, &delimiters](const Address& address) {
        const auto is_name = [&](const std::string& key) {
            return key == responder.local.key() || std::ranges::find(entry.own_names, key) != entry.own_names.end();
        };
        const auto detail = split_detail(address.local, delimiters);
        if (!is_name(address.local.key()) && !(detail && is_name(detail->base_key))) return false;
        if (address.domain == responder.domain) return true;
        const auto domain = lookup.find_domain(address.domain);
        return domain && *domain && (*domain)->name == responder.domain;
    };
}

} // namespace mailctl
