// What is owed has the form of a history record without files.
#include "unmoved_mail.hpp"

#include "mailctl/os/files.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/tombstones.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

std::string debts_of(const SiteView& view) { return view.paths().history + "/unmoved"; }

MailOrder about(std::string verb, const Address& mailbox) { return {std::move(verb), mailbox.key(), ""}; }

std::vector<MailOrder> orders_before(const HistoryRecord& record, const MailMoves& moves) {
    std::vector<MailOrder> owed;
    for (const auto& order : moves.orders)
        if (order.verb == "restore") owed.push_back(order);
    for (const auto& mailbox : moves.created)
        if (record.reverts) owed.push_back(mail_order::restore(mailbox, *record.reverts));
    return owed;
}

std::vector<MailOrder> orders_after(const MailMoves& moves) {
    std::vector<MailOrder> owed;
    for (const auto& order : moves.orders)
        if (order.verb != "restore") owed.push_back(order);
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

Status refuse_unsafe(const SiteView& view, const MailMoves& moves, const Error& reason) {
    TRY_ASSIGN(auto state, state_of(view));
    for (const auto& mailbox : moves.created) {
        TRY_ASSIGN(const bool had_owner, was_ever_deleted(state, mailbox));
        if (had_owner) return fail(reason);
    }
    return {};
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

// Without what has become pointless.
Result<MailMoves> moves_of(const SiteView& view, const Debt& debt) {
    MailMoves moves;
    for (const auto& order : debt.record.mail) {
        TRY_ASSIGN(auto mailbox, Address::parse(order.mailbox));
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
    TRY(prepare_maildirs(view, debt.record, moves, report));
    TRY(retire_maildirs(view, debt.record, moves, report));
    TRY(remove_file(debt.file));
    notes.insert(notes.end(), report.notes.begin(), report.notes.end());
    if (report.unpacked) notes.push_back("the mail stays in the archive area: " + report.unpacked->what);
    return {};
}

} // namespace

Status owe_mail(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, Owed what,
                const Error& reason, MoveReport& report) {
    Debt debt{fmt::format("{}/{}{}", debts_of(view), record.id, what == Owed::before_compiling ? "-before" : ""),
              record};
    debt.record.files.clear();
    if (what == Owed::before_compiling) {
        TRY(refuse_unsafe(view, moves, reason));
        debt.record.mail = orders_before(record, moves);
    } else {
        TRY(remember_leaving(view, record, moves));
        debt.record.mail = orders_after(moves);
    }
    report.unmoved = reason;
    if (debt.record.mail.empty()) return {}; // Maildirs to be made: the agent makes them
    return save_debt(view, debt);
}

Status move_owed_mail(const SiteView& view, std::vector<std::string>& notes) {
    const auto names = list_directory(debts_of(view));
    if (!names && names.error().kind == ErrorKind::missing) return {};
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        Debt debt{debts_of(view) + '/' + name, {}};
        TRY_ASSIGN(const auto text, load_file(debt.file));
        auto record = parse_record(text);
        if (!record) {
            notes.push_back(fmt::format("'{}' is damaged: look whether mail of change {} lies where it does not "
                                        "belong, and remove the file",
                                        debt.file, name));
            continue;
        }
        debt.record = std::move(*record);
        if (auto paid = pay(view, debt, notes); !paid)
            notes.push_back(fmt::format("mail of change {} stays where it is: {}", debt.record.id, paid.error().what));
    }
    return {};
}

} // namespace mailctl
