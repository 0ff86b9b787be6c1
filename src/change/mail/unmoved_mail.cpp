// SPDX-License-Identifier: Apache-2.0
// What is owed has the form of a history record without files.
#include "mailctl/change/mail/unmoved_mail.hpp"

#include "mailctl/os/files.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/tombstones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {

namespace {

std::string debts_in(const Paths& paths) { return paths.history + "/unmoved"; }
std::string debts_of(const SiteView& view) { return debts_in(view.paths()); }

MailOrder about(std::string verb, const Address& mailbox) { return {std::move(verb), mailbox.key(), ""}; }

std::vector<MailOrder> orders_before(const HistoryRecord& record, const MailMoves& moves) {
    std::vector<MailOrder> owed;
    for (const auto& order : moves.orders)
        if (order.verb == "restore") owed.push_back(order);
    for (const auto& mailbox : moves.created)
        if (record.reverts) owed.push_back(mail_order::restore(mailbox, *record.reverts));
    return owed;
}

std::vector<MailOrder> orders_of_renames(const MailMoves& moves) {
    std::vector<MailOrder> owed;
    for (const auto& [from, to] : moves.renamed)
        owed.push_back(mail_order::rename(from, to));
    return owed;
}

std::vector<MailOrder> orders_after(const MailMoves& moves) {
    std::vector<MailOrder> owed;
    for (const auto& order : moves.orders)
        if (order.verb != "restore") owed.push_back(order);
    for (const auto& [from, to] : moves.renamed_domains)
        owed.push_back(mail_order::rename_domain(from, to));
    for (const auto& mailbox : moves.removed)
        owed.push_back(about("removed", mailbox));
    for (const auto& mailbox : moves.released)
        owed.push_back(about("released", mailbox));
    return owed;
}

// A name that leaves is remembered also where its mail could not leave: whoever gets it next is to find none of it.
Status remember_leaving(const SiteView& view, const HistoryRecord& record, const MailMoves& moves) {
    std::vector<Tombstone> tombstones;
    for (const auto& mailbox : moves.removed)
        tombstones.push_back({mailbox, record.id, record.time, {}, {}});
    if (tombstones.empty()) return {};
    TRY_ASSIGN(auto state, state_of(view));
    return record_tombstones(state, tombstones);
}

struct Debt {
    std::string file;
    HistoryRecord record;
};

Status save_debt(const SiteView& view, const Debt& debt) {
    TRY(make_directories(debts_of(view), 0700));
    return replace_file(debt.file, format_record(debt.record), FileMode{.mode = 0600, .group = {}});
}

Result<bool> is_mailbox(const SiteView& view, const Address& address) {
    TRY_ASSIGN(const auto domain, view.find_applied_domain(address.domain));
    return domain && domain->mailboxes.contains(address.local.key());
}

// A mailbox that has its old name again needs nothing.
Status follow_rename(const SiteView& view, const MailOrder& order, Address from, MailMoves& moves) {
    TRY_ASSIGN(auto to, Address::parse(order.argument));
    TRY_ASSIGN(const bool has_old_name, is_mailbox(view, from));
    TRY_ASSIGN(const bool has_new_name, is_mailbox(view, to));
    if (has_new_name && !has_old_name) moves.renamed.push_back({std::move(from), std::move(to)});
    return {};
}

// A domain that has its old name again needs nothing.
Status follow_domain_rename(const SiteView& view, const MailOrder& order, const DomainName& from, MailMoves& moves) {
    TRY_ASSIGN(auto to, Address::parse(order.argument));
    TRY_ASSIGN(const auto old_name, view.find_applied_domain(from));
    TRY_ASSIGN(const auto new_name, view.find_applied_domain(to.domain));
    if (new_name && !old_name) moves.renamed_domains.push_back({from, std::move(to.domain)});
    return {};
}

// Without what has become pointless.
Result<MailMoves> moves_of(const SiteView& view, const Debt& debt) {
    MailMoves moves;
    for (const auto& order : debt.record.mail) {
        TRY_ASSIGN(auto mailbox, Address::parse(order.mailbox));
        if (order.verb == "rename") {
            TRY(follow_rename(view, order, std::move(mailbox), moves));
            continue;
        }
        if (order.verb == "rename-domain") {
            TRY(follow_domain_rename(view, order, mailbox.domain, moves));
            continue;
        }
        TRY_ASSIGN(const bool there, is_mailbox(view, mailbox));
        if (order.verb == "removed" && !there) moves.removed.push_back(std::move(mailbox));
        if (order.verb == "released" && there) moves.released.push_back(std::move(mailbox));
        if (order.verb == "removed" || order.verb == "released") continue;
        const bool needs_mailbox = order.verb == "restore" || order.verb == "retire";
        if (needs_mailbox == there) moves.orders.push_back(order);
    }
    return moves;
}

Status pay(const SiteView& view, const Debt& debt, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto moves, moves_of(view, debt));
    MoveReport report;
    TRY(rename_maildirs(view, debt.record, moves, report));
    TRY(prepare_maildirs(view, debt.record, moves, report));
    TRY(retire_maildirs(view, debt.record, moves, report));
    TRY(remove_file(debt.file));
    notes.insert(notes.end(), report.notes.begin(), report.notes.end());
    if (report.unpacked) notes.push_back("the mail stays in the archive area: " + report.unpacked->what);
    return {};
}

// Both, of an order that names two.
std::vector<Address> mailboxes_of(const MailOrder& order) {
    std::vector<Address> mailboxes;
    if (auto mailbox = Address::parse(order.mailbox)) mailboxes.push_back(std::move(*mailbox));
    if (order.verb != "rename" && order.verb != "rename-domain") return mailboxes;
    if (auto to = Address::parse(order.argument)) mailboxes.push_back(std::move(*to));
    return mailboxes;
}

bool concerns(const Debt& debt, const std::set<DomainName>& domains) {
    return std::ranges::any_of(debt.record.mail, [&](const MailOrder& order) {
        return std::ranges::any_of(mailboxes_of(order),
                                   [&](const Address& mailbox) { return domains.contains(mailbox.domain); });
    });
}

Result<std::vector<Debt>> load_debts(const SiteView& view, std::vector<std::string>& notes) {
    std::vector<Debt> debts;
    const auto names = list_directory(debts_of(view));
    if (!names && names.error().kind == ErrorKind::missing) return debts;
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        const auto file = debts_of(view) + '/' + name;
        TRY_ASSIGN(const auto text, load_file(file));
        if (auto record = parse_record(text))
            debts.push_back({file, std::move(*record)});
        else
            notes.push_back(fmt::format("'{}' is damaged: look whether mail of change {} lies where it does not "
                                        "belong, and remove the file",
                                        file, name));
    }
    return debts;
}

std::string_view file_ending(Owed what) {
    if (what == Owed::renames) return "-renames";
    return what == Owed::before_compiling ? "-before" : "";
}

} // namespace

Status owe_mail(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, Owed what,
                const Error& reason, MoveReport& report) {
    Debt debt{fmt::format("{}/{}{}", debts_of(view), record.id, file_ending(what)), record};
    debt.record.files.clear();
    if (what == Owed::renames)
        debt.record.mail = orders_of_renames(moves);
    else
        debt.record.mail = what == Owed::before_compiling ? orders_before(record, moves) : orders_after(moves);
    report.unmoved = reason;
    if (debt.record.mail.empty()) return {}; // Maildirs to be made: the agent makes them
    TRY(save_debt(view, debt));
    // A state that cannot be written holds nothing up: what is owed is remembered, and keeps the name.
    if (what == Owed::after_compiling) static_cast<void>(remember_leaving(view, record, moves));
    return {};
}

Result<bool> owes_mail(const Paths& paths) {
    const auto names = list_directory(debts_in(paths));
    if (names) return !names->empty();
    if (names.error().kind == ErrorKind::missing) return false;
    return fail(names.error());
}

Result<bool> move_owed_mail(const SiteView& view, const std::set<DomainName>* domains,
                            std::vector<std::string>& notes) {
    bool any = false;
    std::vector<std::string> unread;
    TRY_ASSIGN(const auto debts, load_debts(view, domains ? unread : notes));
    for (const auto& debt : debts) {
        if (domains && !concerns(debt, *domains)) continue;
        const auto paid = pay(view, debt, notes);
        if (!paid)
            notes.push_back(fmt::format("mail of change {} stays where it is: {}", debt.record.id, paid.error().what));
        any = any || paid;
    }
    return any;
}

Result<OwedNames> OwedNames::load(const SiteView& view) {
    OwedNames owed;
    std::vector<std::string> unread;
    TRY_ASSIGN(const auto debts, load_debts(view, unread));
    for (const auto& debt : debts)
        for (const auto& order : debt.record.mail)
            if (order.verb == "rename" || order.verb == "removed")
                for (auto& mailbox : mailboxes_of(order))
                    owed.names_.emplace(std::move(mailbox), debt.record.id);
    return owed;
}

Status OwedNames::check(const MailMoves& moves, const std::optional<std::uint64_t>& reverts) const {
    std::vector<Address> touched = moves.created;
    touched.insert(touched.end(), moves.removed.begin(), moves.removed.end());
    for (const auto& [from, to] : moves.renamed)
        touched.insert(touched.end(), {from, to});
    for (const auto& mailbox : touched) {
        const auto owed = names_.find(mailbox);
        if (owed == names_.end() || owed->second == reverts) continue;
        return fail(
            ErrorKind::conflict,
            fmt::format("'{}' waits for mail of change {}, which could not be moved yet", mailbox.display(),
                        owed->second),
            fmt::format("'mailctl apply' says why; or revert that change: mailctl history revert {}", owed->second));
    }
    return {};
}

} // namespace mailctl
