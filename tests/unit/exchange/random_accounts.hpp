// SPDX-License-Identifier: Apache-2.0
// Random accounts that a domain file may hold, with the texts that spreadsheets, CSV and our own words for "nothing"
// make trouble with.
#pragma once

#include "mailctl/model/account.hpp"

#include <rapidcheck.h>

#include <string>
#include <vector>

namespace mailctl::test {

inline std::size_t under(std::size_t limit) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, limit));
}
inline bool heads() { return under(2) == 0; }
template <class T>
const T& any_of(const std::vector<T>& choices) {
    return choices[under(choices.size())];
}

// Pieces that are joined: each at the front, in the middle or at the end of some text sooner or later.
inline std::string nasty_line() {
    static const std::vector<std::string> pieces{"=",
                                                 "+",
                                                 "-",
                                                 "@",
                                                 "'",
                                                 "none",
                                                 "None",
                                                 "****",
                                                 " ",
                                                 ",",
                                                 ";",
                                                 "|",
                                                 "\"",
                                                 "\\",
                                                 "a",
                                                 "Ann",
                                                 "0",
                                                 "true",
                                                 "Gr\xc3\xbc\xc3\x9f"
                                                 "e",
                                                 "\xe2\x82\xac",
                                                 "1+1",
                                                 "sep=",
                                                 "{CRYPT}$6$x",
                                                 "\xef\xbb\xbf"};
    std::string text;
    for (auto count = under(5); count > 0; --count)
        text += any_of(pieces);
    return text;
}
inline std::string nasty_block() {
    static const std::vector<std::string> ends{"\n", "\r\n", "\r", "\t", "", "  ", "\n\n"};
    std::string text;
    for (auto count = under(4); count > 0; --count)
        text += any_of(ends) + nasty_line() + any_of(ends);
    return text;
}

inline const DomainName own = DomainName::from_trusted("example.com");

inline Address some_address() {
    static const std::vector<std::string> locals{"paul",  "Ringo",    "a b",          "x\"y", "",
                                                 "-dash", "p+detail", "\xc3\xa9mile", "a,b"};
    static const std::vector<std::string> domains{"example.com", "other.example", "xn--bcher-kva.example"};
    Address address{LocalPart::from_trusted(any_of(locals)), DomainName::from_trusted(any_of(domains))};
    return address;
}
inline std::vector<Address> some_addresses(std::size_t least = 0) {
    std::vector<Address> addresses;
    for (auto count = least + under(3); count > 0; --count)
        addresses.push_back(some_address());
    return addresses;
}
inline std::optional<Date> some_date() {
    if (heads()) return std::nullopt;
    return Date(std::chrono::sys_days(std::chrono::days(20'000 + static_cast<int>(under(1000)))));
}

template <class Reply>
void fill_reply(Reply& reply) {
    reply.enabled = heads();
    if (heads()) reply.from = "Paul <paul@example.com>";
    reply.subject = nasty_line();
    reply.message = nasty_block();
    reply.html = nasty_block();
    if (heads()) reply.attach = {"price list.pdf", "b\"c\\d,e;f", "-x"};
    reply.every = std::chrono::hours(1 + static_cast<int>(under(8000)));
}

inline Mailbox some_mailbox() {
    Mailbox mailbox;
    mailbox.name = nasty_line();
    if (heads()) mailbox.password = "{CRYPT}$6$saltsalt$abcdefghijklmnopqrstuvwx";
    if (heads()) mailbox.quota.bytes = under(1'000'000'000);
    mailbox.forward = some_addresses();
    mailbox.copy_to = some_addresses();
    mailbox.store = heads() || (mailbox.forward.empty() && mailbox.copy_to.empty());
    if (heads()) mailbox.recovery = some_address();
    if (heads())
        mailbox.suspend = Suspension{heads(), static_cast<SuspendedReceive>(under(4)), nasty_line(), some_date()};
    if (heads()) {
        fill_reply(mailbox.autoreply.emplace());
        mailbox.autoreply->start = some_date();
        mailbox.autoreply->end = some_date();
        if (mailbox.autoreply->start && mailbox.autoreply->end && *mailbox.autoreply->end < *mailbox.autoreply->start)
            std::swap(mailbox.autoreply->start, mailbox.autoreply->end);
    }
    if (heads()) mailbox.node = "store-2.example.com";
    return mailbox;
}

inline Account some_account() {
    switch (under(5)) {
    case 0: {
        Forward forward{some_addresses(1)};
        return forward;
    }
    case 1: {
        Robot robot;
        fill_reply(robot);
        robot.copy_to = some_addresses();
        return robot;
    }
    case 2: {
        List list{some_addresses(), {}, {}};
        if (heads()) list.post = {any_of<Posters::Who>({Posters::Who::domain, Posters::Who::members})};
        if (heads())
            list.post = Posters::only({*Address::parse("paul@example.com"), *Address::parse("\"a b\"@other.example")});
        if (under(4) == 0) list.post = Posters::only({});
        if (heads()) list.owner = some_address();
        return list;
    }
    case 3:
        return Ban{"promo-*", heads() ? BanAnswer::discard : BanAnswer::reject};
    default: {
        auto mailbox = some_mailbox();
        if (heads()) mailbox.aliases = {"macca", "-p", "none"};
        return mailbox;
    }
    }
}

} // namespace mailctl::test
