// SPDX-License-Identifier: Apache-2.0
#include "mailctl/routing/record.hpp"

#include "../store/random_domains.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

// Random rows of every kind, as the directory stores them.
std::vector<std::string> random_records() {
    const Domain domain = test::random_domain(test::random_name());
    std::vector<std::string> records{encode_domain(domain_entry(domain, DomainRelation::itself)),
                                     encode_site(test::random_site()), encode_ban(BanAnswer::discard),
                                     encode_name(ListEntry{{}, {Posters::Who::members}})};
    for (const auto& [local, entry] : responder_entries(domain))
        records.push_back(encode_responder(entry));
    for (const auto& [local, entry] : name_entries(domain))
        records.push_back(encode_name(entry));
    return records;
}

// Decodes with every decoder; what comes out must be a value or temporary, and no address may hold a control byte.
void decode_all(const std::string& record) {
    const auto temporary = [](const auto& result) { return result || result.error().kind == ErrorKind::temporary; };
    const auto clean = [](const std::vector<Address>& addresses) {
        for (const Address& address : addresses)
            for (const char c : address.local.text() + address.domain.text())
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
        return true;
    };
    const auto domain = decode_domain(record);
    const auto name = decode_name(record);
    RC_ASSERT(temporary(domain));
    RC_ASSERT(temporary(name));
    RC_ASSERT(temporary(decode_responder(record)));
    RC_ASSERT(temporary(decode_ban(record)));
    RC_ASSERT(temporary(decode_site(record)));
    if (domain) RC_ASSERT(clean(domain->unknown.to));
    if (!name) return;
    if (const auto* mailbox = std::get_if<MailboxEntry>(&*name)) RC_ASSERT(clean(mailbox->forward));
    if (const auto* forward = std::get_if<ForwardEntry>(&*name)) RC_ASSERT(clean(forward->to));
    if (const auto* robot = std::get_if<RobotEntry>(&*name)) RC_ASSERT(clean(robot->copy_to));
    if (const auto* list = std::get_if<ListEntry>(&*name)) RC_ASSERT(clean(list->members));
}

} // namespace

TEST_CASE("every row is decoded as it was encoded") {
    CHECK(rc::check([] {
        const Domain domain = test::random_domain(test::random_name());
        const DomainEntry entry = domain_entry(domain, DomainRelation::itself);
        RC_ASSERT(decode_domain(encode_domain(entry)).value() == entry);
        for (const auto& [local, name] : name_entries(domain))
            RC_ASSERT(decode_name(encode_name(name)).value() == name);
        for (const auto& [local, responder] : responder_entries(domain))
            RC_ASSERT(decode_responder(encode_responder(responder)).value() == responder);
        const Site site = test::random_site();
        RC_ASSERT(decode_site(encode_site(site)).value() == site);
    }));
    for (const auto answer : {BanAnswer::discard, BanAnswer::reject})
        CHECK(decode_ban(encode_ban(answer)).value() == answer);
}

TEST_CASE("no setting of a site is forgotten") {
    Site site;
    site.hostname = DomainName::from_trusted("mx.example");
    site.postmaster = Address::parse("post@example.com").value();
    site.alternate_suffix = DomainName::from_trusted("backup.example");
    site.submit = SubmitBySmtp{"relay.example", 2525};
    site.source_ips = {"192.0.2.1", "2001:db8::1"};
    site.time_zone = "Europe/Berlin";
    site.addresses = {"+-", "-._!"};
    site.mail = {"user", "group", "/mail"};
    site.delivery = {.single_instance = false,
                     .srs = false,
                     .srs_domain = DomainName::from_trusted("srs.example"),
                     .over_quota = OverQuotaAnswer::defer,
                     .quota_warnings = {50, 99},
                     .max_message_size = {1},
                     .max_recipients = 2,
                     .max_connections = 3,
                     .threads = 4,
                     .idle_timeout = std::chrono::seconds(5),
                     .submit_timeout = std::chrono::seconds(9),
                     .max_expansion = 6,
                     .max_depth = 7,
                     .max_hops = 8,
                     .journal = "stdout",
                     .allowed_peers = {"postfix"},
                     .socket_group = "mail"};
    site.replies = {9, 10, 11};
    site.candidates = {1, {2}, 3, {4}, std::chrono::seconds(5)};
    site.maps = {"lmdb", MapMode::postfix, DovecotVersion::v24, "/etc/postfix", {}};
    site.nodes["b"] = {"10.0.0.8:24", "10.0.0.8", NodeState::draining, "b:/mail"};
    CHECK(decode_site(encode_site(site)).value() == site);
    site.submit = SubmitBySendmail{"/opt/sendmail"};
    CHECK(decode_site(encode_site(site)).value() == site);
}

TEST_CASE("dates from the first to the last that TOML can write are kept") {
    for (const auto date : {Date(std::chrono::year{0}, std::chrono::January, std::chrono::day{1}),
                            Date(std::chrono::year{1969}, std::chrono::December, std::chrono::day{31}),
                            Date(std::chrono::year{9999}, std::chrono::December, std::chrono::day{31})}) {
        MailboxEntry entry{"paul", {}, true, {}, Suspension{}};
        entry.suspend->until = date;
        CHECK(decode_name(encode_name(entry)).value() == NameEntry(entry));
    }
}

TEST_CASE("a row with flipped bytes is a value or temporary, never a crash") {
    CHECK(rc::check([] {
        for (std::string record : random_records()) {
            for (int flips = 1 + test::below(3); flips > 0; --flips)
                record[static_cast<std::size_t>(test::below(static_cast<int>(record.size())))] =
                    *rc::gen::arbitrary<char>();
            decode_all(record);
        }
    }));
}

TEST_CASE("a row that was cut or lengthened is temporary") {
    CHECK(rc::check([] {
        for (const std::string& record : random_records()) {
            for (std::size_t size = 0; size < record.size(); ++size) {
                const auto part = std::string_view(record).substr(0, size);
                RC_ASSERT(!decode_domain(part));
                RC_ASSERT(!decode_name(part));
                RC_ASSERT(!decode_ban(part));
                RC_ASSERT(!decode_site(part));
            }
            RC_ASSERT(!decode_domain(record + '\0'));
            RC_ASSERT(!decode_name(record + '\0'));
            RC_ASSERT(!decode_site(record + '\0'));
        }
    }));
}

TEST_CASE("arbitrary bytes are no row") {
    CHECK(rc::check([](const std::string& bytes) { decode_all(bytes); }));
    const std::string many = "F\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"; // a list of 2^64-1 addresses
    CHECK(decode_name(many).error().kind == ErrorKind::temporary);
    CHECK(decode_name("M\xff\xff\xff\xff\x0f").error().kind == ErrorKind::temporary); // a text of 4 GiB
    CHECK(decode_name("F\x01\x03"
                      "a\nb"
                      "\x01"
                      "d")
              .error()
              .kind == ErrorKind::temporary); // a control byte in an address
    CHECK(decode_name("F\x01\x01"
                      "a"
                      "\x03"
                      "d/e")
              .error()
              .kind == ErrorKind::temporary); // a slash in a domain
}
