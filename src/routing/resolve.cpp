// SPDX-License-Identifier: Apache-2.0
// The walk of specification 4, breadth first: every name is looked at once, at its least depth, so the result depends
// neither on the order of targets nor on how often a name is mentioned.
#include "mailctl/routing/resolve.hpp"

#include "elsewhere.hpp"
#include "gathering.hpp"
#include "mailctl/base/bounds.hpp"
#include "mailctl/routing/local_name.hpp"
#include "posting.hpp"
#include "step_text.hpp"
#include "walk_item.hpp"
#include "walk_notes.hpp"

#include <fmt/format.h>

#include <deque>
#include <set>

namespace mailctl {

namespace {

class Walk {
  public:
    Walk(const Lookup& lookup, const ResolveSettings& settings, const Address& recipient)
        : lookup_(lookup),
          settings_(settings), plan_{.recipient = recipient, .resolved = recipient, .walk = {}, .outcome = Discard{}},
          gathered_(settings.max_expansion), notes_(settings.keep) {}

    Result<Plan> from_recipient() {
        queue_.push_back({.address = plan_.recipient});
        return run();
    }
    Result<Plan> from_unclaimed(const DomainEntry& domain) {
        const WalkItem item{.address = plan_.recipient};
        TRY_ASSIGN(const bool caught, try_catchrest(item, domain));
        if (!caught) act_on_unknown(item, domain, plan_.recipient.local.key());
        return run();
    }

  private:
    Result<Plan> run() {
        while (!queue_.empty() && !gathered_.is_over_limit()) {
            const WalkItem item = std::move(queue_.front());
            queue_.pop_front();
            TRY(visit(item));
        }
        plan_.outcome = gathered_.conclude();
        plan_.walk = notes_.take();
        return std::move(plan_);
    }

    Status visit(const WalkItem& item) {
        TRY_ASSIGN(const auto domain, lookup_.find_domain(item.address.domain));
        if (!domain) {
            if (is_hosts_postmaster(item, settings_.hostname))
                ask_postmaster(item, {.name = *settings_.hostname, .unknown = {}, .patterns = {}});
            else
                leave(item);
            return {};
        }
        note("domain", item.address.domain.display(), relation_text(*domain), true);
        if (item.depth == 0) plan_.resolved = {item.address.local, domain->name};
        const auto detail = split_detail(item.address.local, settings_.delimiters);
        const auto key = item.address.local.key();
        const bool reserved = is_reserved_name(key) || (detail && is_reserved_name(detail->base_key));
        if (domain->suspended && !reserved) {
            answer_later(item, {450, "4.2.1", "domain is suspended"});
            return {};
        }
        TRY_ASSIGN(bool decided, try_name(item, *domain, key, reserved, nullptr));
        if (!decided && detail) {
            TRY_ASSIGN(decided, try_name(item, *domain, detail->base_key, reserved, &*detail));
        }
        if (decided) return {};
        if (domain->unknown.kind == UnknownAction::Kind::elsewhere) {
            act_on_unknown(item, *domain, key);
            return {};
        }
        if (!reserved && !item.is_member) return act_on_unclaimed(item, *domain, detail ? detail->base_key : key);
        reserved ? ask_postmaster(item, *domain) : no_such_user(item);
        return {};
    }

    // Steps 5 and 6. `key` is without its detail: that makes no further candidate.
    Status act_on_unclaimed(const WalkItem& item, const DomainEntry& domain, const std::string& key) {
        TRY_ASSIGN(const bool known, lookup_.is_candidate(domain.name, key));
        if (known) {
            note("candidate", key + '@' + domain.name.display(), "known", true);
            hold(item, domain, HoldDelivery::Why::candidate, key);
            return {};
        }
        TRY_ASSIGN(const bool caught, try_catchrest(item, domain));
        if (caught) return {};
        const bool wants_name = domain.unknown.kind == UnknownAction::Kind::candidate;
        if (wants_name && !is_allowed_name(key, settings_.local_part_characters)) {
            note_unknown(domain, "candidate, but names may not be written so here");
            no_such_user(item);
        } else {
            act_on_unknown(item, domain, key);
        }
        return {};
    }

    // Steps 2 and 3 for the whole name; step 4 does the same for the name without its detail.
    Result<bool> try_name(const WalkItem& item, const DomainEntry& domain, const std::string& key, bool reserved,
                          const Detail* detail) {
        const auto subject = key + '@' + domain.name.display();
        if (!reserved) {
            TRY_ASSIGN(const auto ban, find_ban(lookup_, domain, key));
            note("banished", subject, ban ? ban_text(*ban) : "not banished", ban.has_value());
            if (ban) {
                if (!item.is_target && !plan_.banned) plan_.banned = BanHit{domain.name, ban->name};
                answer_ban(item, ban->answer);
                return true;
            }
        }
        TRY_ASSIGN(const auto entry, lookup_.find_name(domain.name, key));
        note(detail == nullptr ? "exact name" : "detail", subject, entry ? entry_text(*entry, key) : "not found",
             entry.has_value());
        if (entry) {
            TRY(take(item, domain, key, *entry, detail == nullptr ? std::string() : detail->folder));
        }
        return entry.has_value();
    }

    Status take(const WalkItem& item, const DomainEntry& domain, const std::string& key, const NameEntry& entry,
                const std::string& folder) {
        if (const auto* list = std::get_if<ListEntry>(&entry)) return take_list(item, domain, key, *list);
        if (const auto* other = std::get_if<ElsewhereEntry>(&entry))
            hand_on(item, domain, other->node);
        else if (const auto* mailbox = std::get_if<MailboxEntry>(&entry))
            take_mailbox(item, domain, *mailbox, folder);
        else if (item.is_member)
            leave_out(item, "members of a list are mailboxes and lists");
        else if (const auto* forward = std::get_if<ForwardEntry>(&entry))
            take_forward(item, domain, key, *forward);
        else
            take_robot(item, domain, key, std::get<RobotEntry>(entry));
        return {};
    }

    void take_mailbox(const WalkItem& item, const DomainEntry& domain, const MailboxEntry& entry,
                      const std::string& folder) {
        const Address mailbox{LocalPart::from_trusted(entry.mailbox), domain.name};
        const bool suspended = entry.suspend && in_force(*entry.suspend, settings_.today);
        if (suspended && answer_suspended(item, domain, mailbox, *entry.suspend)) return;
        relay(item, domain);
        if (entry.store || item.from_mailbox == mailbox.key())
            gathered_.add(LocalDelivery{mailbox, folder, entry.quota, item.by_catch_all, item.list});
        if (entry.has_autoreply && !suspended) may_answer(item, mailbox);
        if (!entry.forward.empty()) expand(item, domain, mailbox.display(), entry.forward, mailbox.key());
    }

    void take_forward(const WalkItem& item, const DomainEntry& domain, const std::string& key,
                      const ForwardEntry& entry) {
        relay(item, domain);
        expand(item, domain, key + '@' + domain.name.display(), entry.to, {});
    }

    // To the machine that has it, with its detail.
    void hand_on(const WalkItem& item, const DomainEntry& domain, const std::string& node) {
        const Address to{item.address.local, domain.name};
        const bool came_here = !item.is_target && !item.by_catch_all;
        const auto by = came_here && settings_.hostname ? passing_mark(to, *settings_.hostname) : plan_.resolved;
        gathered_.add(ForwardDelivery{to, by, item.by_catch_all, item.list, node});
    }

    void take_robot(const WalkItem& item, const DomainEntry& domain, const std::string& key, const RobotEntry& entry) {
        if (!entry.answers && entry.copy_to.empty()) return answer_no(item, {550, "5.2.1", "address is switched off"});
        relay(item, domain);
        const Address robot{LocalPart::from_trusted(key), domain.name};
        if (entry.answers) may_answer(item, robot);
        if (!entry.copy_to.empty()) expand(item, domain, robot.display(), entry.copy_to, {});
    }

    Status take_list(const WalkItem& item, const DomainEntry& domain, const std::string& key, const ListEntry& entry) {
        const Address list{LocalPart::from_trusted(key), domain.name};
        if (settings_.sender && !item.list) {
            if (!*settings_.sender) {
                note("list", list.display(), "bounces are not redistributed", true);
                gathered_.add_discard();
                return {};
            }
            TRY_ASSIGN(const bool allowed, may_post(lookup_, list, entry, **settings_.sender, settings_.delimiters));
            if (!allowed) {
                note("list", list.display(), fmt::format("'{}' may not post", (*settings_.sender)->display()), true);
                answer_no(item, {550, "5.7.1", "you may not post to this list"});
                return {};
            }
        }
        relay(item, domain);
        WalkItem sent = item;
        sent.list = list;
        sent.is_member = true;
        expand(sent, domain, list.display(), entry.members, {});
        return {};
    }

    // Backscatter is never worth it: who wrote to nobody in particular gets no answer.
    void may_answer(const WalkItem& item, const Address& responder) {
        if (!item.by_catch_all && !item.list) gathered_.add_responder(responder);
    }

    void relay(const WalkItem& item, const DomainEntry& domain) {
        if (domain.relay_to.empty() || item.relayed == domain.name) return;
        const Address to{item.address.local, domain.name};
        if (gathered_.add(RelayDelivery{to, domain.relay_to}))
            note("relay", to.display(), "also to " + domain.relay_to, true);
    }

    void hold(const WalkItem& item, const DomainEntry& domain, HoldDelivery::Why why, const std::string& key) {
        relay(item, domain);
        gathered_.add(HoldDelivery{why, {LocalPart::from_trusted(key), domain.name}});
    }

    bool answer_suspended(const WalkItem& item, const DomainEntry& domain, const Address& mailbox,
                          const Suspension& suspension) {
        switch (suspension.receive) {
        case SuspendedReceive::accept:
            return false;
        case SuspendedReceive::reject:
            answer_no(item, {550, "5.2.1", "mailbox is suspended"});
            return true;
        case SuspendedReceive::defer:
            answer_later(item, {450, "4.2.1", "mailbox is suspended"});
            return true;
        case SuspendedReceive::hold:
            hold(item, domain, HoldDelivery::Why::suspended, mailbox.local.key());
            return true;
        }
        return false;
    }

    Result<bool> try_catchrest(const WalkItem& item, const DomainEntry& domain) {
        const std::string key(catchrest_name);
        TRY_ASSIGN(const auto entry, lookup_.find_name(domain.name, key));
        note("catchrest", key + '@' + domain.name.display(), entry ? entry_text(*entry, key) : "not found",
             entry.has_value());
        if (!entry) return false;
        WalkItem caught = item;
        caught.by_catch_all = true;
        TRY(take(caught, domain, key, *entry, {}));
        return true;
    }

    void act_on_unknown(const WalkItem& item, const DomainEntry& domain, const std::string& key) {
        WalkItem caught = item;
        caught.by_catch_all = true;
        const auto& unknown = domain.unknown;
        switch (unknown.kind) {
        case UnknownAction::Kind::reject:
            note_unknown(domain, "reject");
            return no_such_user(item);
        case UnknownAction::Kind::discard:
            note_unknown(domain, "discard");
            relay(item, domain);
            gathered_.add_discard();
            return;
        case UnknownAction::Kind::redirect:
            note_unknown(domain, "redirect to " + texts(unknown.to));
            return redirect(caught, domain, unknown.to);
        case UnknownAction::Kind::domain:
            return try_in_domain(caught, domain);
        case UnknownAction::Kind::candidate:
            note_unknown(domain, "candidate");
            return hold(item, domain, HoldDelivery::Why::candidate, key);
        case UnknownAction::Kind::elsewhere:
            note_unknown(domain, fmt::format("on node '{}'", unknown.node));
            return hand_on(item, domain, unknown.node);
        }
    }

    // A target that is unclaimed itself comes back to the same redirect: it does not exist, which is no loop.
    void redirect(const WalkItem& item, const DomainEntry& domain, const std::vector<Address>& targets) {
        const auto node = "*@" + domain.name.display();
        if (item.is_target && expanded_.contains({node, true})) return no_such_user(item);
        relay(item, domain);
        expand(item, domain, node, targets, {});
    }

    void try_in_domain(const WalkItem& item, const DomainEntry& domain) {
        const auto name = item.address.local.key() + '@' + domain.name.display();
        if (!domain.unknown.domain || !tried_.emplace(name, item.is_target).second) {
            note_unknown(domain, "its domain was tried before");
            return no_such_user(item);
        }
        note_unknown(domain, fmt::format("the same name in '{}'", domain.unknown.domain->display()));
        relay(item, domain);
        WalkItem other = item;
        other.address.domain = *domain.unknown.domain;
        push(std::move(other));
    }

    void ask_postmaster(const WalkItem& item, const DomainEntry& domain) {
        const auto name = item.address.local.key() + '@' + domain.name.display();
        note("postmaster", name, settings_.postmaster ? settings_.postmaster->display() : "the site has none", true);
        if (!settings_.postmaster) return answer_later(item, {451, "4.3.5", "no postmaster is set"});
        gathered_.add_postmaster();
        relay(item, domain);
        expand(item, domain, name, {*settings_.postmaster}, {});
    }

    // An address elsewhere.
    void leave(const WalkItem& item) {
        const bool is_recipient = !item.is_target && !item.by_catch_all;
        note("domain", item.address.domain.display(), is_recipient ? "not a domain of this site" : "elsewhere", true);
        if (is_recipient) return answer_no(item, {550, std::string(elsewhere_code), "not a domain of this site"});
        if (item.is_member && !settings_.is_one_of_many) return leave_out(item, "members of a list are of this site");
        gathered_.add(ForwardDelivery{item.address, plan_.resolved, item.by_catch_all, item.list});
    }

    void expand(const WalkItem& item, const DomainEntry& domain, const std::string& node,
                const std::vector<Address>& targets, const std::string& mailbox) {
        if (!expanded_.emplace(node, item.by_catch_all).second) {
            note("expand", node, "expanded before", false);
            gathered_.add_loop();
            return;
        }
        if (notes_.wants_more()) note("expand", node, "to " + texts(targets), true);
        for (const auto& target : targets)
            push({.address = target,
                  .depth = item.depth,
                  .by_catch_all = item.by_catch_all,
                  .is_target = true,
                  .from_mailbox = mailbox,
                  .list = item.list,
                  .is_member = item.is_member && mailbox.empty(),
                  .relayed = domain.relay_to.empty() ? item.relayed : domain.name});
    }

    void push(WalkItem item) {
        const auto most = bounds::visits_per_target * settings_.max_expansion;
        if (++pushed_ > most)
            return gathered_.add_over_limit({451, "4.6.0", fmt::format("more than {} addresses on the way", most)});
        if (++item.depth > settings_.max_depth)
            gathered_.add_over_limit(
                {451, "4.6.0", fmt::format("more than {} levels of forwarding", settings_.max_depth)});
        queue_.push_back(std::move(item));
    }

    void answer_ban(const WalkItem& item, BanAnswer answer) {
        if (answer == BanAnswer::discard) return gathered_.add_discard();
        answer_no(item, {550, "5.7.1", "address is refused"});
    }
    void no_such_user(const WalkItem& item) {
        if (!item.is_target) return answer_no(item, {550, "5.1.1", "no such user"});
        leave_out(item, "does not exist");
    }
    void leave_out(const WalkItem& item, std::string_view why) {
        note("expand", item.address.display(), fmt::format("{}, left out", why), false);
        gathered_.add_missing();
    }
    void answer_no(const WalkItem& item, Reject reject) {
        if (item.is_target) note("expand", item.address.display(), "left out: " + reject.text, false);
        gathered_.add_refusal(std::move(reject));
    }
    void answer_later(const WalkItem& item, Defer defer) {
        note("expand", item.address.display(), "later: " + defer.text, false);
        if (item.is_target) gathered_.add_waiting({item.address, plan_.resolved, item.by_catch_all, item.list});
        gathered_.add_delay(std::move(defer));
    }

    void note(std::string rule, std::string subject, std::string outcome, bool matched) {
        notes_.add({std::move(rule), std::move(subject), std::move(outcome), matched});
    }
    void note_unknown(const DomainEntry& domain, std::string outcome) {
        note("unknown", domain.name.display(), std::move(outcome), true);
    }

    const Lookup& lookup_;
    const ResolveSettings& settings_;
    Plan plan_;
    Gathering gathered_;
    WalkNotes notes_;
    std::deque<WalkItem> queue_;
    std::size_t pushed_ = 0;
    std::set<std::pair<std::string, bool>> expanded_; // (name, by catch-all)
    std::set<std::pair<std::string, bool>> tried_;    // names that `unknown = domain` passed on
};

} // namespace

Result<Plan> resolve(const Lookup& lookup, const ResolveSettings& settings, const Address& recipient) {
    return Walk(lookup, settings, recipient).from_recipient();
}

Result<std::optional<Plan>> resolve_unclaimed(const Lookup& lookup, const ResolveSettings& settings,
                                              const DomainName& domain) {
    TRY_ASSIGN(const auto entry, lookup.find_domain(domain));
    if (!entry) return fail(ErrorKind::missing, fmt::format("no domain '{}'", domain.display()));
    TRY_ASSIGN(const auto catchrest, lookup.find_name(entry->name, catchrest_name));
    if (!catchrest && entry->unknown.kind == UnknownAction::Kind::domain) return std::nullopt;
    const Address stand_in{LocalPart::from_trusted("*"), entry->name};
    TRY_ASSIGN(auto plan, Walk(lookup, settings, stand_in).from_unclaimed(*entry));
    return plan;
}

} // namespace mailctl
