// The walk of SPEC section 4, breadth first: every name is looked at once, at its least depth, so the result depends
// neither on the order of targets nor on how often a name is mentioned.
#include "mailctl/routing/resolve.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <deque>
#include <set>

namespace mailctl {

namespace {

template <class... Cases>
struct Match : Cases... {
    using Cases::operator()...;
};

// One address to look at: the recipient, or what a forward, a redirect or `unknown = domain` leads to.
struct Item {
    Address address;
    unsigned depth = 0;
    bool by_catch_all = false;
    bool is_target = false;        // named by a forward or redirect; otherwise it speaks for the recipient itself
    std::string from_mailbox = {}; // key of the mailbox that forwards here
};

// A name without its +detail. Absent when there is no delimiter after the first byte.
struct Detail {
    std::string base_key, folder;
};
std::optional<Detail> split_detail(const LocalPart& local, const std::string& delimiters) {
    const auto at = local.text().find_first_of(delimiters);
    if (at == std::string::npos || at == 0) return std::nullopt;
    return Detail{local.key().substr(0, at), local.text().substr(at + 1)};
}

std::string texts(const std::vector<Address>& addresses) {
    std::vector<std::string> parts;
    for (const auto& address : addresses)
        parts.push_back(address.display());
    return join(parts, ", ");
}

class Walk {
  public:
    Walk(const Lookup& lookup, const ResolveSettings& settings, const Address& recipient)
        : lookup_(lookup), settings_(settings), plan_{recipient, recipient, {}, Discard{}} {}

    Result<Plan> from_recipient() {
        queue_.push_back({.address = plan_.recipient});
        return run();
    }
    Result<Plan> from_unclaimed(const DomainEntry& domain) {
        const Item item{.address = plan_.recipient};
        TRY_ASSIGN(const bool caught, try_catchrest(item, domain));
        if (!caught) act_on_unknown(item, domain);
        return run();
    }

  private:
    Result<Plan> run() {
        while (!queue_.empty() && !over_limit_) {
            const Item item = std::move(queue_.front());
            queue_.pop_front();
            TRY(visit(item));
        }
        plan_.outcome = conclude();
        return std::move(plan_);
    }

    Status visit(const Item& item) {
        TRY_ASSIGN(const auto domain, lookup_.find_domain(item.address.domain));
        if (!domain) {
            leave(item);
            return {};
        }
        note_domain(item, *domain);
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
        if (reserved) {
            ask_postmaster(item, *domain);
            return {};
        }
        TRY_ASSIGN(decided, try_catchrest(item, *domain));
        if (!decided) act_on_unknown(item, *domain);
        return {};
    }

    // Steps 2 and 3 for the whole name; step 4 does the same for the name without its detail.
    Result<bool> try_name(const Item& item, const DomainEntry& domain, const std::string& key, bool reserved,
                          const Detail* detail) {
        const auto subject = key + '@' + domain.name.display();
        if (!reserved) {
            TRY_ASSIGN(const auto ban, find_ban(domain, key));
            note("banished", subject, ban ? ban_text(*ban) : "not banished", ban.has_value());
            if (ban) {
                answer_ban(item, ban->answer);
                return true;
            }
        }
        TRY_ASSIGN(const auto entry, lookup_.find_name(domain.name, key));
        note(detail == nullptr ? "exact name" : "detail", subject, entry ? entry_text(*entry, key) : "not found",
             entry.has_value());
        if (entry) take(item, domain, key, *entry, detail == nullptr ? std::string() : detail->folder);
        return entry.has_value();
    }

    Result<std::optional<Ban>> find_ban(const DomainEntry& domain, const std::string& key) {
        TRY_ASSIGN(const auto exact, lookup_.find_banished(domain.name, key));
        if (exact) return Ban{key, *exact};
        for (const Ban& pattern : domain.patterns)
            if (matches_glob(pattern.name, key)) return pattern;
        return std::nullopt;
    }

    void take(const Item& item, const DomainEntry& domain, const std::string& key, const NameEntry& entry,
              const std::string& folder) {
        std::visit(
            Match{[&](const MailboxEntry& mailbox) { take_mailbox(item, domain, mailbox, folder); },
                  [&](const ForwardEntry& forward) { expand(item, key + '@' + domain.name.display(), forward.to, {}); },
                  [&](const PendingEntry& pending) {
                      const auto* kind = pending.kind == PendingEntry::Kind::robot ? "robot" : "list";
                      answer_later(item, {451, "4.3.0", fmt::format("{} not acted on yet", kind)});
                  }},
            entry);
    }

    void take_mailbox(const Item& item, const DomainEntry& domain, const MailboxEntry& entry,
                      const std::string& folder) {
        const Address mailbox{LocalPart::from_trusted(entry.mailbox), domain.name};
        if (entry.suspend && in_force(*entry.suspend, settings_.today) && answer_suspended(item, *entry.suspend))
            return;
        if (entry.store || item.from_mailbox == mailbox.key())
            add(LocalDelivery{mailbox, folder, entry.quota, item.by_catch_all});
        if (!entry.forward.empty()) expand(item, mailbox.display(), entry.forward, mailbox.key());
    }

    bool answer_suspended(const Item& item, const Suspension& suspension) {
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
            answer_later(item, {451, "4.3.0", "holding mail is not acted on yet"});
            return true;
        }
        return false;
    }

    Result<bool> try_catchrest(const Item& item, const DomainEntry& domain) {
        const std::string key(catchrest_name);
        TRY_ASSIGN(const auto entry, lookup_.find_name(domain.name, key));
        note("catchrest", key + '@' + domain.name.display(), entry ? entry_text(*entry, key) : "not found",
             entry.has_value());
        if (!entry) return false;
        Item caught = item;
        caught.by_catch_all = true;
        take(caught, domain, key, *entry, {});
        return true;
    }

    void act_on_unknown(const Item& item, const DomainEntry& domain) {
        Item caught = item;
        caught.by_catch_all = true;
        const auto& unknown = domain.unknown;
        switch (unknown.kind) {
        case UnknownAction::Kind::reject:
            note_unknown(domain, "reject");
            return no_such_user(item);
        case UnknownAction::Kind::discard:
            note_unknown(domain, "discard");
            discarded_ = true;
            return;
        case UnknownAction::Kind::redirect:
            note_unknown(domain, "redirect to " + texts(unknown.to));
            return redirect(caught, "*@" + domain.name.display(), unknown.to);
        case UnknownAction::Kind::domain:
            return try_in_domain(caught, domain);
        case UnknownAction::Kind::candidate:
            note_unknown(domain, "candidate");
            return answer_later(item, {451, "4.3.0", "candidates are not acted on yet"});
        }
    }

    // A target that is unclaimed itself comes back to the same redirect: it does not exist, which is no loop.
    void redirect(const Item& item, const std::string& node, const std::vector<Address>& targets) {
        if (item.is_target && expanded_.contains({node, true})) return no_such_user(item);
        expand(item, node, targets, {});
    }

    void try_in_domain(const Item& item, const DomainEntry& domain) {
        const auto name = item.address.local.key() + '@' + domain.name.display();
        if (!domain.unknown.domain || !tried_.emplace(name, item.is_target).second) {
            note_unknown(domain, "its domain was tried before");
            return no_such_user(item);
        }
        note_unknown(domain, fmt::format("the same name in '{}'", domain.unknown.domain->display()));
        Item other = item;
        other.address.domain = *domain.unknown.domain;
        push(std::move(other));
    }

    void ask_postmaster(const Item& item, const DomainEntry& domain) {
        const auto name = item.address.local.key() + '@' + domain.name.display();
        note("postmaster", name, settings_.postmaster ? settings_.postmaster->display() : "the site has none", true);
        if (!settings_.postmaster) return answer_later(item, {451, "4.3.5", "no postmaster is set"});
        asked_postmaster_ = true;
        expand(item, name, {*settings_.postmaster}, {});
    }

    // An address elsewhere.
    void leave(const Item& item) {
        const bool is_recipient = !item.is_target && !item.by_catch_all;
        note("domain", item.address.domain.display(), is_recipient ? "not a domain of this site" : "elsewhere", true);
        if (is_recipient) return answer_no(item, {550, "5.1.2", "not a domain of this site"});
        add(ForwardDelivery{item.address, plan_.resolved, item.by_catch_all});
    }

    void expand(const Item& item, const std::string& node, const std::vector<Address>& targets,
                const std::string& mailbox) {
        if (!expanded_.emplace(node, item.by_catch_all).second) {
            note("expand", node, "expanded before", false);
            looped_ = true;
            return;
        }
        note("expand", node, "to " + texts(targets), true);
        for (const auto& target : targets)
            push({target, item.depth, item.by_catch_all, true, mailbox});
    }

    void push(Item item) {
        if (++item.depth > settings_.max_depth)
            over_limit_ = {451, "4.6.0", fmt::format("more than {} levels of forwarding", settings_.max_depth)};
        queue_.push_back(std::move(item));
    }

    void add(const LocalDelivery& delivery) {
        const auto [at, is_new] = places_.try_emplace(delivery.mailbox.key(), deliveries_.size());
        if (is_new) return append(delivery);
        auto& known = std::get<LocalDelivery>(deliveries_[at->second]);
        known.folder = std::min(known.folder, delivery.folder); // any mention without a detail means INBOX
        known.by_catch_all = known.by_catch_all && delivery.by_catch_all;
    }
    void add(const ForwardDelivery& delivery) {
        const auto [at, is_new] = places_.try_emplace(delivery.to.key(), deliveries_.size());
        if (is_new) return append(delivery);
        auto& known = std::get<ForwardDelivery>(deliveries_[at->second]);
        known.by_catch_all = known.by_catch_all && delivery.by_catch_all;
    }
    void append(Delivery delivery) {
        deliveries_.push_back(std::move(delivery));
        if (deliveries_.size() > settings_.max_expansion)
            over_limit_ = {451, "4.6.0", fmt::format("more than {} final targets", settings_.max_expansion)};
    }

    void answer_ban(const Item& item, BanAnswer answer) {
        if (answer == BanAnswer::discard)
            discarded_ = true;
        else
            answer_no(item, {550, "5.7.1", "address is refused"});
    }
    void no_such_user(const Item& item) {
        if (!item.is_target) return answer_no(item, {550, "5.1.1", "no such user"});
        note("expand", item.address.display(), "does not exist, left out", false);
        dangling_ = true;
    }
    void answer_no(const Item& item, Reject reject) {
        if (item.is_target) note("expand", item.address.display(), "left out: " + reject.text, false);
        if (!refused_) refused_ = std::move(reject);
    }
    void answer_later(const Item& item, Defer defer) {
        note("expand", item.address.display(), "later: " + defer.text, false);
        if (item.is_target) waiting_.push_back(item);
        if (!later_) later_ = std::move(defer);
    }

    Outcome conclude() {
        if (over_limit_) return *over_limit_;
        if (!deliveries_.empty()) {
            for (const auto& item : waiting_)
                add(ForwardDelivery{item.address, plan_.resolved, item.by_catch_all});
            return Deliver{std::move(deliveries_)};
        }
        if (later_) return *later_;
        if (dangling_) return Defer{451, "4.3.5", "the address this leads to does not exist"};
        if (refused_) return *refused_;
        if (discarded_) return Discard{};
        if (asked_postmaster_) return Defer{451, "4.3.5", "the site's postmaster leads back to itself"};
        if (looped_) return Reject{554, "5.4.6", "mail for this address goes in a loop"};
        return Defer{451, "4.3.5", "this address leads nowhere"};
    }

    void note(std::string rule, std::string subject, std::string outcome, bool matched) {
        plan_.walk.push_back({std::move(rule), std::move(subject), std::move(outcome), matched});
    }
    void note_unknown(const DomainEntry& domain, std::string outcome) {
        note("unknown", domain.name.display(), std::move(outcome), true);
    }
    void note_domain(const Item& item, const DomainEntry& domain) {
        const auto* relation = domain.relation == DomainRelation::itself  ? "a domain of this site"
                               : domain.relation == DomainRelation::alias ? "alias of '{}'"
                                                                          : "alternate name of '{}'";
        note("domain", item.address.domain.display(), fmt::format(fmt::runtime(relation), domain.name.display()), true);
    }
    static std::string ban_text(const Ban& ban) {
        return fmt::format("'{}' = {}", ban.name, ban.answer == BanAnswer::discard ? "discard" : "reject");
    }
    static std::string entry_text(const NameEntry& entry, const std::string& key) {
        return std::visit(Match{[&](const MailboxEntry& mailbox) {
                                    return mailbox.mailbox == key
                                               ? fmt::format("mailbox '{}'", key)
                                               : fmt::format("alias of mailbox '{}'", mailbox.mailbox);
                                },
                                [&](const ForwardEntry&) { return fmt::format("forward '{}'", key); },
                                [&](const PendingEntry& pending) {
                                    const auto* kind = pending.kind == PendingEntry::Kind::robot ? "robot" : "list";
                                    return fmt::format("{} '{}'", kind, key);
                                }},
                          entry);
    }

    const Lookup& lookup_;
    const ResolveSettings& settings_;
    Plan plan_;
    std::deque<Item> queue_;
    std::set<std::pair<std::string, bool>> expanded_; // (name, by catch-all)
    std::set<std::pair<std::string, bool>> tried_;    // names that `unknown = domain` passed on
    std::map<std::string, std::size_t> places_;       // address key -> index in deliveries_
    std::vector<Delivery> deliveries_;
    std::vector<Item> waiting_; // targets that answered "later"
    std::optional<Defer> over_limit_, later_;
    std::optional<Reject> refused_;
    bool dangling_ = false, discarded_ = false, looped_ = false, asked_postmaster_ = false;
};

} // namespace

bool is_reserved_name(std::string_view local_key) { return local_key == "postmaster" || local_key == "abuse"; }

ResolveSettings resolve_settings(const Site& site, Date today) {
    return {site.addresses.delimiters, site.delivery.max_depth, site.delivery.max_expansion, site.postmaster, today};
}

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
