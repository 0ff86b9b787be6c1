// SPDX-License-Identifier: Apache-2.0
// Random domains for properties, over few names, so that names are claimed twice, missed and found often. Made with
// rapidcheck's generators inside a property, so that a failing case shrinks.
#pragma once

#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"

#include <rapidcheck.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mailctl::test {

inline int below(int limit) { return *rc::gen::inRange(0, limit); }
inline bool coin() { return below(2) == 1; }

inline const std::vector<std::string> domain_names{"a.example",
                                                   "b.example",
                                                   "c.example",
                                                   "aexample.backup.example",
                                                   "d.example",
                                                   "e.example",
                                                   "bexample.backup.example"};
inline const std::vector<std::string> local_names{
    "paul", "ringo", "john", "p", "pa", "catchrest", "info", "", "a b", "\xc3\xa9mile", "postmaster", "paul.m"};

inline DomainName random_name() {
    return DomainName::from_trusted(
        domain_names[static_cast<std::size_t>(below(static_cast<int>(domain_names.size())))]);
}
inline std::string random_local() {
    return local_names[static_cast<std::size_t>(below(static_cast<int>(local_names.size())))];
}
inline Address random_address() { return {LocalPart::from_trusted(random_local()), random_name()}; }
inline std::vector<Address> random_addresses() {
    std::vector<Address> addresses;
    for (int i = below(4); i > 0; --i)
        addresses.push_back(random_address());
    return addresses;
}

inline UnknownAction random_unknown() {
    UnknownAction action;
    action.kind = static_cast<UnknownAction::Kind>(below(5));
    if (action.kind == UnknownAction::Kind::redirect) action.to = random_addresses();
    if (action.kind == UnknownAction::Kind::domain) action.domain = random_name();
    return action;
}

inline Suspension random_suspension() {
    Suspension suspension{coin(), static_cast<SuspendedReceive>(below(4)), coin() ? "unpaid" : "", {}};
    if (coin()) suspension.until = Date(std::chrono::sys_days(std::chrono::days(below(100'000) - 50'000)));
    return suspension;
}

template <class Reply>
Reply random_reply() {
    Reply reply;
    reply.enabled = coin();
    reply.subject = coin() ? "" : "Re\nturn";
    reply.message = coin() ? "" : *rc::gen::arbitrary<std::string>();
    if (coin()) reply.attach = {"a.pdf", "b"};
    reply.every = std::chrono::seconds(below(1'000'000));
    return reply;
}

inline Robot random_robot() {
    auto robot = random_reply<Robot>();
    robot.copy_to = random_addresses();
    return robot;
}

inline List random_list() {
    List list;
    list.members = random_addresses();
    if (coin()) list.post = {Posters::Who::members};
    if (coin()) list.owner = random_address();
    return list;
}

inline Mailbox random_mailbox() {
    Mailbox mailbox;
    mailbox.password = "{CRYPT}$y$j9T$never-in-the-directory";
    mailbox.quota.bytes = coin() ? 0 : *rc::gen::arbitrary<std::uint64_t>();
    mailbox.store = coin();
    mailbox.forward = random_addresses();
    mailbox.copy_to = random_addresses();
    for (int i = below(3); i > 0; --i)
        mailbox.aliases.push_back(random_local());
    if (below(4) == 0) mailbox.suspend = random_suspension();
    if (below(4) == 0) mailbox.autoreply = random_reply<Autoreply>();
    if (mailbox.autoreply && coin()) mailbox.autoreply->end = Date(std::chrono::sys_days(std::chrono::days(20'000)));
    return mailbox;
}

inline Domain random_domain(const DomainName& name) {
    Domain domain(name);
    domain.state = coin() ? DomainState::active : DomainState::suspended;
    domain.unknown = random_unknown();
    if (coin()) domain.relay_to = "mx.customer.example:25";
    for (int i = below(3); i > 0; --i)
        domain.aliases.push_back(random_name());
    for (int i = below(4); i > 0; --i)
        domain.mailboxes[random_local()] = random_mailbox();
    for (int i = below(2); i > 0; --i)
        domain.forwards[random_local()] = Forward{random_addresses()};
    for (int i = below(2); i > 0; --i)
        domain.robots[random_local()] = random_robot();
    for (int i = below(2); i > 0; --i)
        domain.lists[random_local()] = random_list();
    for (int i = below(4); i > 0; --i)
        domain.banished.push_back({coin() ? random_local() : "p*" + random_local(), static_cast<BanAnswer>(below(2))});
    return domain;
}

inline Site random_site() {
    Site site;
    if (coin()) site.alternate_suffix = DomainName::from_trusted("backup.example");
    if (coin()) site.postmaster = random_address();
    if (coin()) site.submit = SubmitBySmtp{"127.0.0.1", static_cast<unsigned short>(below(65536))};
    site.delivery.max_depth = static_cast<unsigned>(below(100));
    site.delivery.srs = coin();
    site.delivery.allowed_peers = {"postfix", random_local()};
    if (coin()) site.delivery.srs_domain = random_name();
    site.delivery.over_quota = coin() ? OverQuotaAnswer::defer : OverQuotaAnswer::reject;
    site.maps.mode = coin() ? MapMode::agent : MapMode::postfix;
    site.addresses.delimiters = coin() ? "+-" : "";
    return site;
}

} // namespace mailctl::test
