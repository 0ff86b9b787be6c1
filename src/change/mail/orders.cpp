// SPDX-License-Identifier: Apache-2.0
// The words that records hold for what is to become of mail.
#include "mailctl/base/text.hpp"
#include "mailctl/change/mail/moves.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

std::set<Address> MailMoves::retired() const {
    std::set<Address> addresses;
    for (const auto& order : orders)
        if (auto address = Address::parse(order.mailbox); address && order.verb == "retire")
            addresses.insert(std::move(*address));
    for (const auto& address : removed)
        addresses.erase(address);
    return addresses;
}

std::vector<Address> MailMoves::leaving() const {
    std::vector<Address> addresses = removed;
    std::ranges::copy(retired(), std::back_inserter(addresses));
    return addresses;
}

Status MailMoves::follow(std::span<const MailOrder> given) {
    static const std::set<std::string, std::less<>> known{"keep-until", "pack",      "purge",    "restore",
                                                          "retire",     "hand-over", "left-out", "put-away"};
    for (const auto& order : given) {
        if (order.verb == "rename-domain") {
            TRY_ASSIGN(auto before, Address::parse(order.mailbox));
            TRY_ASSIGN(auto after, Address::parse(order.argument));
            renamed_domains.push_back({std::move(before.domain), std::move(after.domain)});
            continue;
        }
        if (order.verb != "rename") {
            if (!known.contains(order.verb))
                return fail(ErrorKind::invalid, fmt::format("no order '{}' for mail", printable(order.verb)),
                            "a newer mailctl wrote it");
            orders.push_back(order);
            continue;
        }
        TRY_ASSIGN(Address from, Address::parse(order.mailbox));
        TRY_ASSIGN(Address to, Address::parse(order.argument));
        std::erase(removed, from);
        std::erase(created, to);
        renamed.push_back({std::move(from), std::move(to)});
    }
    return {};
}

namespace mail_order {

MailOrder keep_until(const Address& mailbox, Instant when) {
    return {"keep-until", mailbox.key(), format_rfc3339(when)};
}
MailOrder pack(const Address& mailbox, const std::string& file) { return {"pack", mailbox.key(), file}; }
MailOrder purge(const Address& mailbox) { return {"purge", mailbox.key(), ""}; }
MailOrder rename(const Address& from, const Address& to) { return {"rename", from.key(), to.key()}; }
MailOrder rename_domain(const DomainName& from, const DomainName& to) {
    return {"rename-domain", "postmaster@" + from.text(), "postmaster@" + to.text()};
}
MailOrder restore(const Address& mailbox, std::uint64_t change) {
    return {"restore", mailbox.key(), std::to_string(change)};
}
MailOrder retire(const Address& mailbox) { return {"retire", mailbox.key(), ""}; }
MailOrder hand_over(const Address& mailbox, const Address& to, const std::string& folder) {
    return {"hand-over", mailbox.key(), to.key() + " " + folder};
}

MailOrder put_away(const DomainName& domain) { return {"put-away", "postmaster@" + domain.text(), ""}; }
MailOrder left_out(const DomainName& domain) { return {"left-out", "postmaster@" + domain.text(), ""}; }
bool was_left_out(const HistoryRecord& record, const Address& mailbox) {
    return std::ranges::find(record.mail, left_out(mailbox.domain)) != record.mail.end();
}

Result<std::vector<MailOrder>> undoing(const HistoryRecord& record) {
    std::vector<MailOrder> orders;
    for (const auto& order : record.mail) {
        TRY_ASSIGN(const Address mailbox, Address::parse(order.mailbox));
        if (order.verb == "retire") orders.push_back(restore(mailbox, record.id));
        if (order.verb == "restore") orders.push_back(retire(mailbox)); // nothing new where the mailbox itself goes
        if (order.verb != "rename" && order.verb != "rename-domain") continue;
        TRY_ASSIGN(const Address to, Address::parse(order.argument));
        orders.push_back(order.verb == "rename" ? rename(to, mailbox) : rename_domain(to.domain, mailbox.domain));
    }
    return orders;
}

} // namespace mail_order

} // namespace mailctl
