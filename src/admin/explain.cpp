// SPDX-License-Identifier: Apache-2.0
// The Plan for an address, in words and as data.
#include "mailctl/admin/explain.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/mail/autoreply.hpp"
#include "mailctl/site/mailbox_use.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"
#include "mailctl/store/recipient.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mailctl {

namespace {

struct Explanation {
    std::string outcome; // deliver, discard, reject, defer
    std::string answer;  // of the agent: "550 5.1.1 no such user"
    std::vector<std::string> mailboxes, forwards;
    std::vector<std::string> lines;      // what will be done, for people
    std::string sender;                  // as forwards carry it
    std::vector<std::string> nodes = {}; // of the mailboxes, where the site has nodes
};

std::string use_key(const LocalDelivery& local) { return local.mailbox.key() + '\n' + local.folder; }

// Of the mailboxes that mail goes to what is in them, where it matters.
std::map<std::string, MailboxUse> find_uses(const SiteView& view, const std::vector<Plan>& plans) {
    std::vector<UseQuestion> questions;
    std::vector<std::string> keys;
    for (const auto& plan : plans) {
        const auto* deliver = std::get_if<Deliver>(&plan.outcome);
        if (!deliver) continue;
        for (const auto& delivery : deliver->deliveries) {
            const auto* local = std::get_if<LocalDelivery>(&delivery);
            if (!local || (local->quota.bytes == 0 && local->folder.empty())) continue;
            const auto count = local->quota.bytes == 0 ? UseQuestion::Count::nothing : UseQuestion::Count::exact;
            questions.push_back({local->mailbox, local->quota, count, false, local->folder});
            keys.push_back(use_key(*local));
        }
    }
    const auto answers = look_into_mailboxes(view, questions);
    std::map<std::string, MailboxUse> uses;
    for (std::size_t i = 0; i < keys.size(); ++i)
        uses.emplace(std::move(keys[i]), answers[i]);
    return uses;
}

// What is known besides the address: who sends, how big.
class Explainer {
  public:
    Explainer(const World& world, const SiteView& view, const ExplainRequest& request, const SrsKeys& keys,
              const Lookup& lookup, std::map<std::string, MailboxUse> uses)
        : view_(view), request_(request), keys_(keys), lookup_(lookup), now_(world.clock()), uses_(std::move(uses)) {}

    [[nodiscard]] Explanation explain(const Plan& plan) const {
        Explanation result;
        std::visit([&](const auto& outcome) { add(result, outcome); }, plan.outcome);
        const auto& limit = view_.site().delivery.max_message_size;
        if (request_.size && limit.bytes != 0 && *request_.size > limit) {
            result = {"reject", fmt::format("552 5.3.4 larger than {}", format_size(limit)), {}, {}, {}, {}};
            result.lines.push_back("refused: " + result.answer);
        }
        return result;
    }

  private:
    void add(Explanation& result, const Deliver& deliver) const {
        result.outcome = "deliver";
        for (const auto& delivery : deliver.deliveries)
            std::visit([&](const auto& each) { add(result, each); }, delivery);
        for (const auto& responder : deliver.responders)
            result.lines.push_back(responder_text(responder));
    }
    // Who may answer, and whether he would this sender; what the message itself says against it is not known here.
    [[nodiscard]] std::string responder_text(const Address& responder) const {
        const auto entry = lookup_.find_responder(responder.domain, responder.local.key());
        const std::string who = fmt::format("'{}'", responder.display());
        if (!entry || !*entry) return fmt::format("may be answered by {}", who);
        const auto& text = **entry;
        const auto is_own = own_addresses(lookup_, text, responder, view_.site().addresses.delimiters);
        const auto today = day_in_zone(now_, view_.site().time_zone);
        auto objection = object_to_date(text.start, text.end, today);
        if (!objection && request_.from) objection = object_to_sender(*request_.from, is_own);
        if (objection) return fmt::format("not answered by {}: {}", who, *objection);
        return fmt::format("{} answered by {}, once in {} to each sender, unless it is automatic or list mail",
                           request_.from ? "is" : "may be", who, format_age(text.every));
    }
    void add(Explanation& result, const LocalDelivery& local) const {
        result.mailboxes.push_back(local.mailbox.display());
        std::string line = fmt::format("deliver to mailbox '{}'", local.mailbox.display());
        if (!view_.site().nodes.empty()) add_node(result, line, local.mailbox);
        if (!local.folder.empty()) line += fmt::format(", {}", folder_text(local));
        if (local.by_catch_all) line += ", by the catch-all";
        if (local.list) line += list_text(*local.list);
        if (is_over(local)) {
            const bool defer = view_.site().delivery.over_quota == OverQuotaAnswer::defer;
            const auto* answer = local.list ? "it waits in the MTA" : defer ? "452 4.2.2" : "552 5.2.2";
            line += fmt::format(", which is over its quota of {}: {}", format_size_rounded(local.quota), answer);
        }
        result.lines.push_back(std::move(line));
    }
    void add_node(Explanation& result, std::string& line, const Address& mailbox) const {
        std::vector<std::string> unused;
        const auto domain = view_.usable_domain(mailbox.domain, unused);
        const std::string node = domain && *domain ? node_of(**domain, mailbox.local.key()) : "";
        result.nodes.push_back(node);
        line += node.empty() ? " on this host" : fmt::format(" on node '{}'", node);
    }
    void add(Explanation& result, const ForwardDelivery& forward) const {
        result.forwards.push_back(forward.to.display());
        std::string line = fmt::format("forward to '{}'", forward.to.display());
        if (!forward.node.empty()) line += fmt::format(" on node '{}'", forward.node);
        if (forward.list) {
            line += list_text(*forward.list);
        } else if (request_.from && *request_.from && forward.node.empty()) {
            const Sender sender =
                view_.site().delivery.srs ? srs_rewrite(*request_.from, keys_, today()) : *request_.from;
            result.sender = sender_text(sender);
            line += fmt::format(" with sender '{}'", result.sender);
        }
        result.lines.push_back(std::move(line));
    }
    static void add(Explanation& result, const HoldDelivery& hold) {
        result.lines.push_back(hold.why == HoldDelivery::Why::candidate
                                   ? fmt::format("hold for candidate '{}', while there is room", hold.name.display())
                                   : fmt::format("hold for suspended mailbox '{}'", hold.name.display()));
    }
    static void add(Explanation& result, const RelayDelivery& relay) {
        result.lines.push_back(fmt::format("pass on '{}' to {}", relay.to.display(), relay.server));
    }
    static std::string list_text(const Address& list) {
        const Address owner{LocalPart::from_trusted(list_owner_name(list.local.key())), list.domain};
        return fmt::format(", by list '{}' with sender '{}'", list.display(), owner.display());
    }
    static void add(Explanation& result, const Discard&) {
        result.outcome = "discard";
        result.lines.emplace_back("accept and lose it");
    }
    static void add(Explanation& result, const Reject& reject) {
        result.outcome = "reject";
        result.answer = fmt::format("{} {} {}", reject.code, reject.enhanced, reject.text);
        result.lines.push_back("refuse: " + result.answer);
    }
    static void add(Explanation& result, const Defer& defer) {
        result.outcome = "defer";
        result.answer = fmt::format("{} {} {}", defer.code, defer.enhanced, defer.text);
        result.lines.push_back("ask to try again later: " + result.answer);
    }

    [[nodiscard]] std::string folder_text(const LocalDelivery& local) const {
        const std::string there = fmt::format("folder '{}'", local.folder);
        const auto use = uses_.find(use_key(local));
        if (use == uses_.end() || !use->second.known) return there + " if it exists";
        return use->second.has_folder ? there : "INBOX, because there is no " + there;
    }
    [[nodiscard]] bool is_over(const LocalDelivery& local) const {
        if (local.quota.bytes == 0) return false;
        const auto use = uses_.find(use_key(local));
        if (use == uses_.end() || !use->second.used) return false;
        const auto used = static_cast<std::uint64_t>(std::max<std::int64_t>(use->second.used->bytes, 0));
        return used + request_.size.value_or(ByteCount{}).bytes > local.quota.bytes;
    }
    [[nodiscard]] DayNumber today() const {
        return std::chrono::floor<std::chrono::days>(now_).time_since_epoch().count();
    }

    const SiteView& view_;
    const ExplainRequest& request_;
    const SrsKeys& keys_;
    const Lookup& lookup_;
    Instant now_;
    std::map<std::string, MailboxUse> uses_; // by use_key
};

std::string step_text(const Step& step) { return fmt::format("{} {}: {}", step.rule, step.subject, step.outcome); }

std::string walk_text(const Plan& plan, const Explanation& explanation) {
    std::size_t rule = 0, subject = 0;
    for (const auto& step : plan.walk) {
        rule = std::max(rule, step.rule.size());
        subject = std::max(subject, step.subject.size());
    }
    std::string text = plan.recipient.display();
    if (plan.resolved.key() != plan.recipient.key()) text += fmt::format(" (really {})", plan.resolved.display());
    text += '\n';
    for (const auto& step : plan.walk)
        text += fmt::format("  {} {:<{}}  {:<{}}  {}\n", step.matched ? '*' : ' ', step.rule, rule, step.subject,
                            subject, step.outcome);
    for (const auto& line : explanation.lines)
        text += fmt::format("  => {}\n", line);
    return text;
}

Cells row_of(const Plan& plan, const Explanation& explanation) {
    std::vector<std::string> walk;
    for (const auto& step : plan.walk)
        walk.push_back(step_text(step));
    const auto optional = [](const std::string& text) { return text.empty() ? CellValue{} : CellValue{text}; };
    Cells row{{"address", plan.recipient.display()},
              {"resolved", plan.resolved.display()},
              {"outcome", explanation.outcome},
              {"answer", optional(explanation.answer)},
              {"mailboxes", explanation.mailboxes},
              {"forwards", explanation.forwards},
              {"sender", optional(explanation.sender)},
              {"actions", explanation.lines},
              {"walk", std::move(walk)}};
    if (!explanation.nodes.empty()) row.push_back({"nodes", explanation.nodes});
    return row;
}

// The walk goes wherever mail goes, but an owner is not shown what other domains do with it.
Status refuse_foreign(const SiteView& view, const Plan& plan) {
    if (view.role().kind == Role::Kind::site) return {};
    std::vector<std::string> unused;
    for (const auto& step : plan.walk) {
        const auto name = DomainName::parse(step.subject.substr(step.subject.rfind('@') + 1));
        if (!name) continue;
        const auto domain = view.usable_domain(*name, unused);
        if (!domain && domain.error().kind == ErrorKind::missing) continue;
        if (!domain) return fail(domain.error());
        if (*domain != nullptr && view.role().administers(**domain)) continue;
        return fail(ErrorKind::denied,
                    fmt::format("'{}' leads to '{}', which is not for '{}' to look into", plan.recipient.display(),
                                printable(step.subject), printable(view.role().text())),
                    "the site's administrator can follow it there");
    }
    return {};
}

Status note_unapplied(const SiteView& view, const DomainName& domain, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto text, view.find_text({domain}));
    TRY_ASSIGN(const auto applied, view.find_applied_text({domain}));
    if (text != applied)
        notes.push_back(
            fmt::format("'{}' was edited and is not applied yet, so the agent does not know of it: mailctl apply",
                        view.paths().domain_file(domain)));
    return {};
}

} // namespace

Result<Report> explain_addresses(const World& world, const ExplainRequest& request) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("explanation", Layout::story);
        TRY_ASSIGN(const auto* lookup, view.applied());
        State state = state_to_read(view);
        const CandidateLookup known(*lookup, state, view.paths().state);
        SrsKeys keys{view.site().delivery.srs_domain.value_or(view.site().hostname), {}};
        if (auto loaded = load_srs_keys(view.paths(), view.site()))
            keys = std::move(*loaded);
        else
            report.notes.push_back(fmt::format("senders are shown as they are: {}", loaded.error().what));
        auto settings = resolve_settings(view.site(), day_in_zone(world.clock(), view.site().time_zone));
        if (request.from) settings.sender = request.from;
        std::vector<Plan> plans;
        for (const auto& address : request.addresses) {
            TRY_ASSIGN(auto plan, resolve_recipient(known, settings, keys, address));
            TRY(refuse_foreign(view, plan));
            plans.push_back(std::move(plan));
        }
        const Explainer explainer(world, view, request, keys, *lookup, find_uses(view, plans));
        for (const auto& plan : plans) {
            const auto explanation = explainer.explain(plan);
            if (!report.text.empty()) report.text += '\n';
            report.text += walk_text(plan, explanation);
            report.rows.push_back(row_of(plan, explanation));
            TRY(note_unapplied(view, plan.resolved.domain, report.notes));
        }
        return report;
    });
}

} // namespace mailctl
