// SPDX-License-Identifier: Apache-2.0
// All rows of a domain together: names against one another, aliases to their mailboxes, and what becomes of the file.
#include "import_domain.hpp"

#include "mailctl/change/account_changes.hpp"
#include "mailctl/config/domain_text.hpp"
#include "mailctl/config/model_edits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

// Who has which name once the rows have come true. A row that wants a name that somebody else keeps is the one that is
// refused, and of two rows the later.
class DomainPlanner::Claims {
  public:
    explicit Claims(Planning& planned) : planned_(planned) {}

    void claim(const std::string& name, const std::string& holder, Planned* planned) {
        const auto [at, is_free] = claims_.try_emplace(name, Claim{holder, planned});
        if (is_free || at->second.holder == holder) return;
        auto& other = at->second;
        const bool is_later =
            planned && planned->row &&
            (!other.planned || !other.planned->row || other.planned->row->number < planned->row->number);
        if (is_later)
            losers_.emplace(planned, fmt::format("'{}' is taken by {}", name, other.holder));
        else if (other.planned && other.planned->row)
            losers_.emplace(other.planned, fmt::format("'{}' is taken by {}", name, holder));
    }
    // A name in a row of its own is what that row says, not what a mailbox had.
    [[nodiscard]] bool is_moved(const std::string& alias) const {
        const auto found = planned_.find(alias);
        return found != planned_.end() && std::holds_alternative<AliasOf>(found->second.after);
    }
    void claim_mailbox(const std::string& local, const Mailbox& mailbox, Planned* planned) {
        claim(local, fmt::format("mailbox '{}'", local), planned);
        for (const auto& alias : mailbox.aliases)
            if ((planned && planned->sets_aliases) || !is_moved(alias))
                claim(alias, fmt::format("alias of mailbox '{}'", local), planned);
    }
    [[nodiscard]] const std::map<const Planned*, std::string>& losers() const { return losers_; }

  private:
    struct Claim {
        std::string holder;
        Planned* planned;
    };
    Planning& planned_;
    std::unordered_map<std::string, Claim> claims_;
    std::map<const Planned*, std::string> losers_;
};

bool DomainPlanner::drop_conflicts() {
    Claims claims(planned_);
    for (auto& [local, planned] : planned_) {
        if (const auto* mailbox = std::get_if<Mailbox>(&planned.after))
            claims.claim_mailbox(local, *mailbox, &planned);
        else if (const auto* alias = std::get_if<AliasOf>(&planned.after))
            claims.claim(local, fmt::format("alias of mailbox '{}'", alias->mailbox), &planned);
        else
            claims.claim(local, fmt::format("{} '{}'", kind_name(kind_of(planned.after)), local), &planned);
    }
    const auto is_planned = [&](const std::string& local) { return planned_.contains(local); };
    if (before_) {
        for (const auto& [local, mailbox] : before_->mailboxes)
            if (!is_planned(local)) claims.claim_mailbox(local, mailbox, nullptr);
        for (const auto& [local, unused] : before_->forwards)
            if (!is_planned(local)) claims.claim(local, fmt::format("forward '{}'", local), nullptr);
        for (const auto& [local, unused] : before_->robots)
            if (!is_planned(local)) claims.claim(local, fmt::format("robot '{}'", local), nullptr);
        for (const auto& [local, unused] : before_->lists)
            if (!is_planned(local)) claims.claim(local, fmt::format("list '{}'", local), nullptr);
        for (const auto& ban : before_->banished)
            if (!ban.is_pattern() && !is_planned(ban.name))
                claims.claim(ban.name, fmt::format("banished name '{}'", ban.name), nullptr);
    }
    if (claims.losers().empty()) return false;
    for (const auto& [planned, why] : claims.losers())
        import_.rows.object(import_.errors, *planned->row, planned->address_cell,
                            {why, "a name is used once in a domain: take it from there first"});
    std::erase_if(planned_, [&](const auto& entry) { return claims.losers().contains(&entry.second); });
    return true;
}

DomainPlanner::Planned* DomainPlanner::mailbox_of(const std::string& local) {
    if (const auto planned = planned_.find(local); planned != planned_.end())
        return std::holds_alternative<Mailbox>(planned->second.after) ? &planned->second : nullptr;
    if (!before_) return nullptr;
    const auto there = before_->mailboxes.find(local);
    if (there == before_->mailboxes.end()) return nullptr;
    auto& planned = planned_[local];
    planned.before = planned.after = there->second;
    order_.push_back(local);
    return &planned;
}

void DomainPlanner::settle_aliases() {
    if (!import_.kinds.contains(AccountKind::alias)) return;
    const auto rows = order_; // mailbox_of adds to it
    for (const auto& local : rows) {
        const auto found = planned_.find(local);
        if (found == planned_.end() || !std::holds_alternative<AliasOf>(found->second.after)) continue;
        const auto& target = std::get<AliasOf>(found->second.after).mailbox;
        auto* mailbox = mailbox_of(target);
        if (!mailbox) {
            import_.rows.object(import_.errors, *found->second.row, found->second.address_cell,
                                {fmt::format("no mailbox '{}' to be an alias of", address_of(target).display()),
                                 "name a mailbox of this domain; for other targets make a forward"});
            planned_.erase(found);
            continue;
        }
        if (const auto* earlier = found->second.before ? std::get_if<AliasOf>(&*found->second.before) : nullptr;
            earlier && earlier->mailbox != target)
            if (auto* holder = mailbox_of(earlier->mailbox))
                std::erase(std::get<Mailbox>(holder->after).aliases, local);
        auto& aliases = std::get<Mailbox>(mailbox->after).aliases;
        if (std::ranges::find(aliases, local) == aliases.end()) aliases.push_back(local);
    }
}

void DomainPlanner::prune() {
    if (!before_) return;
    const auto remove_missing = [&](const auto& accounts, AccountKind kind) {
        if (!import_.kinds.contains(kind)) return;
        for (const auto& [local, unused] : accounts)
            if (!lines_.contains(local)) removed_.emplace(local, kind);
    };
    remove_missing(before_->mailboxes, AccountKind::mailbox);
    remove_missing(before_->forwards, AccountKind::forward);
    remove_missing(before_->robots, AccountKind::robot);
    remove_missing(before_->lists, AccountKind::list);
    remove_missing(bans_, AccountKind::banished);
    for (const auto& [local, kind] : removed_)
        planned_.erase(local); // touched only because a row took an alias away
    if (!import_.kinds.contains(AccountKind::alias)) return;
    for (const auto& [alias, holder] : alias_holders_) {
        if (lines_.contains(alias) || removed_.contains(holder)) continue;
        auto* mailbox = mailbox_of(holder);
        if (mailbox->sets_aliases || std::erase(std::get<Mailbox>(mailbox->after).aliases, alias) == 0) continue;
        removed_.emplace(alias, AccountKind::alias);
    }
}

void DomainPlanner::object(const std::string& local, const Objection& objection) {
    const auto planned = planned_.find(local);
    if (planned == planned_.end() || !planned->second.row) return;
    import_.rows.object(import_.errors, *planned->second.row, planned->second.address_cell, objection);
    planned_.erase(planned);
}

std::string DomainPlanner::new_text() const {
    std::string text = compose_domain(new_domain(name_, import_.site.defaults));
    for (const auto kind :
         {AccountKind::mailbox, AccountKind::forward, AccountKind::robot, AccountKind::list, AccountKind::banished}) {
        bool is_first = true;
        for (const auto& local : order_) {
            const auto planned = planned_.find(local);
            if (planned == planned_.end() || kind_of(planned->second.after) != kind) continue;
            if (is_first && kind == AccountKind::banished) text += "\n[banished]\n";
            is_first = false;
            text += compose_account(address_of(local), planned->second.after);
        }
    }
    return text;
}

std::optional<FileAction> DomainPlanner::action() const {
    if (!before_) return planned_.empty() ? std::nullopt : std::optional<FileAction>(new_text());
    DomainDraft change(*before_);
    for (const auto& [local, kind] : removed_)
        if (kind != AccountKind::alias) change.remove(kind, local);
    for (const auto& local : order_) {
        const auto planned = planned_.find(local);
        if (planned == planned_.end() || std::holds_alternative<AliasOf>(planned->second.after)) continue;
        if (planned->second.before && *planned->second.before == planned->second.after) continue;
        change.put(local, planned->second.after);
        for (const auto& key : planned->second.cleared)
            change.say(kind_of(planned->second.after), local, {key, SaidKey::How::cleared});
    }
    auto edits = edits_of(change);
    if (edits.empty()) return std::nullopt;
    return edits;
}

DomainTally DomainPlanner::tally() const {
    DomainTally tally;
    tally.deleted = removed_.size();
    for (const auto& [local, planned] : planned_) {
        if (!planned.row) continue;
        if (!planned.before)
            ++tally.created;
        else if (*planned.before == planned.after)
            ++tally.unchanged;
        else
            ++tally.changed;
        const auto* mailbox = std::get_if<Mailbox>(&planned.after);
        if (mailbox && !planned.before && !mailbox->password) ++tally.without_password;
    }
    return tally;
}

void DomainPlanner::add_generated(std::vector<std::pair<Address, std::string>>& generated) const {
    if (import_.passwords.empty()) return;
    for (const auto& local : order_)
        if (const auto planned = planned_.find(local); planned != planned_.end() && !planned->second.generated.empty())
            generated.emplace_back(address_of(local), planned->second.generated);
}

} // namespace mailctl
