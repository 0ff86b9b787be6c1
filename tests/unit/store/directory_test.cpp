// SPDX-License-Identifier: Apache-2.0
// The index must answer as the model does, for every name, after every sequence of changes, and whoever is killed
// meanwhile.
#include "mailctl/store/directory.hpp"

#include "../os/temp_directory.hpp"
#include "directory_rows.hpp"
#include "mailctl/routing/record.hpp"
#include "random_domains.hpp"
#include "row_store.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace mailctl;
using namespace std::chrono_literals;

namespace {

DomainName name(const std::string& text) { return DomainName::parse(text).value(); }
SourceStamp source(const std::string& digest = "00") {
    return {{.inode = 1, .size = 2, .mtime_ns = -3, .ctime_ns = 4}, digest};
}

Domain domain_with_mailbox(const std::string& domain_name, const std::string& local, std::uint64_t quota = 0) {
    Domain domain(name(domain_name));
    domain.mailboxes[local].quota.bytes = quota;
    return domain;
}

DomainChange put(const Domain& domain) { return {domain.name, domain, source()}; }
DomainChange drop(const std::string& domain_name) { return {name(domain_name), std::nullopt, {}}; }

Status update(Directory& directory, std::vector<DomainChange> changes, std::uint64_t generation,
              const Site& site = {}) {
    return directory.update(site, changes, generation);
}

// Every row, as bytes.
std::map<std::string, std::string> all_rows(const std::string& path) {
    std::map<std::string, std::string> rows;
    auto store = RowStore::open(path, RowStore::Access::read_only);
    REQUIRE(store);
    const auto reader = RowReader::begin(*store);
    REQUIRE(reader);
    for (auto row = reader->first_row(""); row.value(); row = reader->next_row(""))
        rows.emplace(row.value()->key, row.value()->value);
    return rows;
}

bool same_answers(const Lookup& one, const Lookup& other) {
    for (const std::string& domain_text : test::domain_names) {
        const DomainName asked = DomainName::from_trusted(domain_text);
        if (one.find_domain(asked).value() != other.find_domain(asked).value()) return false;
        for (const std::string& local : test::local_names) {
            if (one.find_name(asked, local).value() != other.find_name(asked, local).value()) return false;
            if (one.find_banished(asked, local).value() != other.find_banished(asked, local).value()) return false;
            if (one.find_responder(asked, local).value() != other.find_responder(asked, local).value()) return false;
        }
        for (const auto* local : {"nobody", "pau", "paul.", "paul+detail"})
            if (other.find_name(asked, local).value()) return false;
    }
    return true;
}

void holds_in_child(const auto& body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body() ? 0 : 1);
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}

} // namespace

TEST_CASE("the directory answers as the model does, for every name") {
    CHECK(rc::check([] {
        const test::TempDirectory temp;
        const Site site = test::random_site();
        ModelLookup::Domains domains;
        std::vector<DomainChange> changes;
        for (int i = test::below(5); i > 0; --i) {
            const DomainName domain_name = test::random_name();
            domains.insert_or_assign(domain_name, test::random_domain(domain_name));
        }
        for (const auto& [domain_name, domain] : domains)
            changes.push_back(put(domain));
        auto directory = Directory::open_for_update(temp / "directory");
        RC_ASSERT(directory.has_value());
        RC_ASSERT(directory->update(site, changes, 7).has_value());
        const auto snapshot = directory->snapshot();
        RC_ASSERT(snapshot.has_value());
        RC_ASSERT((*snapshot)->generation() == 7U);
        RC_ASSERT((*snapshot)->site().value() == site);
        RC_ASSERT(same_answers(ModelLookup(site, domains), **snapshot));
    }));
}

TEST_CASE("any sequence of changes leaves the rows that compiling the result at once would leave") {
    CHECK(rc::check([] {
        const test::TempDirectory temp;
        const Site site = test::random_site();
        ModelLookup::Domains domains;
        {
            auto stepwise = Directory::open_for_update(temp / "stepwise");
            RC_ASSERT(stepwise.has_value());
            for (int step = test::below(6); step >= 0; --step) {
                std::vector<DomainChange> changes;
                for (int i = test::below(3); i >= 0; --i) {
                    const DomainName domain_name = test::random_name();
                    domains.erase(domain_name);
                    DomainChange change{domain_name, std::nullopt, {}};
                    if (test::below(3) != 0) change = put(test::random_domain(domain_name));
                    if (change.domain) domains.emplace(domain_name, *change.domain);
                    changes.push_back(std::move(change));
                }
                RC_ASSERT(stepwise->update(site, changes, 9).has_value());
                const auto snapshot = stepwise->snapshot();
                RC_ASSERT(same_answers(ModelLookup(site, domains), **snapshot));
            }
            auto at_once = Directory::open_for_update(temp / "at-once");
            std::vector<DomainChange> changes;
            for (const auto& [domain_name, domain] : domains)
                changes.push_back(put(domain));
            RC_ASSERT(at_once->update(site, changes, 9).has_value());
        }
        const auto rows = all_rows(temp / "stepwise");
        RC_ASSERT(rows.size() >= 2U); // head and site at least
        RC_ASSERT(rows == all_rows(temp / "at-once"));
    }));
}

TEST_CASE("no password reaches the directory") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    Domain domain = domain_with_mailbox("a.example", "paul");
    domain.mailboxes["paul"].password = "{CRYPT}$y$j9T$secret";
    REQUIRE(update(*directory, {put(domain)}, 1));
    CHECK(load_file(temp / "data.mdb").value().find("$y$j9T$") == std::string::npos);
}

TEST_CASE("sources are found as they were given, and go with their domain") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    REQUIRE(directory);
    CHECK(directory->sources().value().empty());
    Domain domain = domain_with_mailbox("a.example", "paul");
    domain.aliases = {name("alias.example")};
    REQUIRE(update(*directory, {{domain.name, domain, source("ab")}, put(domain_with_mailbox("b.example", "x"))}, 1));
    const auto found = [&](const char* domain_name) {
        return directory->snapshot().value()->find_source(name(domain_name)).value();
    };
    CHECK(found("a.example") == source("ab"));
    CHECK(found("alias.example") == std::nullopt);
    CHECK(directory->domains().value() == std::vector{name("a.example"), name("b.example")});
    CHECK(directory->sources().value().at(0).second == source("ab"));
    REQUIRE(update(*directory, {drop("a.example")}, 2));
    CHECK(directory->domains().value() == std::vector{name("b.example")});
    CHECK_FALSE(directory->snapshot().value()->find_domain(name("alias.example")).value());
}

TEST_CASE("a domain alias claimed twice stays with the other one when one of them goes") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    Domain one(name("a.example")), two(name("b.example"));
    one.aliases = two.aliases = {name("shared.example")};
    REQUIRE(update(*directory, {put(one), put(two)}, 1));
    CHECK(directory->snapshot().value()->find_domain(name("shared.example")).value()->name == one.name);
    REQUIRE(update(*directory, {drop("a.example")}, 2));
    CHECK(directory->snapshot().value()->find_domain(name("shared.example")).value()->name == two.name);
}

TEST_CASE("an open snapshot keeps its view while the directory changes, a new one sees the change") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    REQUIRE(update(*directory, {put(domain_with_mailbox("a.example", "paul"))}, 1));
    const auto before = directory->snapshot().value();
    for (std::uint64_t generation = 2; generation < 60; ++generation) // enough to reuse pages, were they not pinned
        REQUIRE(update(*directory, {put(domain_with_mailbox("a.example", "user" + std::to_string(generation)))},
                       generation));
    CHECK(before->generation() == 1);
    CHECK(before->find_name(name("a.example"), "paul").value());
    CHECK_FALSE(before->find_name(name("a.example"), "user59").value());
    const auto after = directory->snapshot().value();
    CHECK(after->generation() == 59);
    CHECK_FALSE(after->find_name(name("a.example"), "paul").value());
    CHECK(after->find_name(name("a.example"), "user59").value());
}

TEST_CASE("snapshots that came and went do not make the file grow") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    Domain domain(name("a.example"));
    for (int i = 0; i < 500; ++i)
        domain.mailboxes["user" + std::to_string(i)];
    std::uint64_t generation = 1;
    const auto churn = [&](int rounds) {
        for (int i = 0; i < rounds; ++i) {
            for (auto& [local, mailbox] : domain.mailboxes)
                ++mailbox.quota.bytes;
            REQUIRE(update(*directory, {put(domain)}, ++generation));
            REQUIRE(directory->snapshot());
        }
    };
    churn(10);
    const auto size = find_stamp(temp / "data.mdb").value()->size;
    churn(40);
    CHECK(find_stamp(temp / "data.mdb").value()->size <= size + size / 4);
}

TEST_CASE("a change of one mailbox writes little, however large the domain") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    Domain domain(name("a.example"));
    for (int i = 0; i < 20'000; ++i)
        domain.mailboxes["user" + std::to_string(i)].quota.bytes = 1;
    REQUIRE(update(*directory, {put(domain)}, 1));
    const auto written = [] {
        const std::string io = load_file("/proc/self/io").value();
        return std::stoull(io.substr(io.find("wchar: ") + 7));
    };
    const auto before = written();
    domain.mailboxes["user777"].quota.bytes = 2;
    REQUIRE(update(*directory, {put(domain)}, 2));
    CHECK(written() - before < 64 * 1024);
    CHECK(
        std::get<MailboxEntry>(*directory->snapshot().value()->find_name(domain.name, "user777").value()).quota.bytes ==
        2);
}

TEST_CASE("many threads read at once, each with a snapshot of its own") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    REQUIRE(update(*directory, {put(domain_with_mailbox("a.example", "paul", 1))}, 1));
    std::atomic<int> wrong = 0;
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            while (!stop) {
                const auto snapshot = directory->snapshot();
                if (!snapshot)
                    ++wrong;
                else if (const auto entry = (*snapshot)->find_name(name("a.example"), "paul").value();
                         !entry || std::get<MailboxEntry>(*entry).quota.bytes != (*snapshot)->generation())
                    ++wrong;
            }
        });
    for (std::uint64_t generation = 2; generation < 100; ++generation)
        REQUIRE(update(*directory, {put(domain_with_mailbox("a.example", "paul", generation))}, generation));
    stop = true;
    for (auto& thread : threads)
        thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("another process sees each change with its next snapshot, without opening again") {
    const test::TempDirectory temp;
    int to_child[2], to_parent[2];
    REQUIRE(::pipe(to_child) == 0);
    REQUIRE(::pipe(to_parent) == 0);
    holds_in_child([&] {
        auto directory = Directory::open_for_update(temp.path());
        return directory && update(*directory, {put(domain_with_mailbox("a.example", "paul"))}, 1).has_value();
    });
    const pid_t child = ::fork(); // the agent
    if (child == 0) {
        const auto agent = Directory::open(temp.path());
        for (;;) {
            char byte = 0;
            if (::read(to_child[0], &byte, 1) != 1) ::_exit(0);
            const auto snapshot = agent->snapshot();
            const auto generation = snapshot ? static_cast<char>((*snapshot)->generation()) : '\0';
            if (::write(to_parent[1], &generation, 1) != 1) ::_exit(1);
        }
    }
    const auto seen = [&] {
        char byte = 'x';
        REQUIRE(::write(to_child[1], &byte, 1) == 1);
        REQUIRE(::read(to_parent[0], &byte, 1) == 1);
        return int{byte};
    };
    CHECK(seen() == 1);
    auto directory = Directory::open_for_update(temp.path());
    for (int generation = 2; generation < 10; ++generation) {
        REQUIRE(update(*directory, {put(domain_with_mailbox("a.example", "paul"))},
                       static_cast<std::uint64_t>(generation)));
        CHECK(seen() == generation);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (const int fd : {to_child[0], to_child[1], to_parent[0], to_parent[1]})
        ::close(fd);
}

TEST_CASE("a reader notices within a second or so that the directory was replaced or removed") {
    const test::TempDirectory temp;
    const auto compile = [](const std::string& path, std::uint64_t generation) {
        return [path, generation] {
            auto directory = Directory::open_for_update(path);
            return directory &&
                   update(*directory, {put(domain_with_mailbox("a.example", "paul"))}, generation).has_value();
        };
    };
    holds_in_child(compile(temp / "directory", 1));
    holds_in_child(compile(temp / "other", 2));
    const auto reader = Directory::open(temp / "directory");
    REQUIRE(reader);
    const auto old_snapshot = reader->snapshot().value();
    CHECK(old_snapshot->generation() == 1);
    std::filesystem::remove_all(temp / "directory");
    std::this_thread::sleep_for(1050ms);
    const auto gone = reader->snapshot();
    REQUIRE_FALSE(gone);
    CHECK(gone.error().kind == ErrorKind::temporary);
    std::filesystem::rename(temp / "other", temp / "directory");
    CHECK(reader->snapshot().value()->generation() == 2); // asked again at once after a failure
    CHECK(old_snapshot->find_name(name("a.example"), "paul").value());
}

TEST_CASE("what is not compiled, or by another version, is temporary for readers and compiled anew by the writer") {
    const test::TempDirectory temp;
    CHECK(Directory::open(temp / "none").error().kind == ErrorKind::missing);
    CHECK(Directory::open(temp / "none").error().hint == "mailctl apply");
    auto directory = Directory::open_for_update(temp.path());
    CHECK(directory->snapshot().error().kind == ErrorKind::temporary);
    CHECK(directory->needs_full_compile({}).value());
    REQUIRE(update(*directory, {put(domain_with_mailbox("a.example", "paul"))}, 1));
    CHECK_FALSE(directory->needs_full_compile({}).value());
    {
        auto writer = RowWriter::begin(RowStore::open(temp.path(), RowStore::Access::update).value());
        REQUIRE(writer->put(head_key(), encode_head({directory_schema + 1, 1})));
        REQUIRE(writer->commit());
    }
    const auto snapshot = directory->snapshot();
    REQUIRE_FALSE(snapshot);
    CHECK(snapshot.error().kind == ErrorKind::temporary);
    CHECK(snapshot.error().what.ends_with("was compiled by another version of mailctl"));
    CHECK(directory->needs_full_compile({}).value());
    CHECK(directory->sources().value().empty());
    CHECK(directory->domains().value().empty());
    REQUIRE(update(*directory, {put(domain_with_mailbox("b.example", "paul"))}, 2));
    CHECK_FALSE(directory->snapshot().value()->find_domain(name("a.example")).value());
}

TEST_CASE("another alternate suffix needs all domains and moves all alternate names") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    const Domain one = domain_with_mailbox("a.example", "paul"), two = domain_with_mailbox("b.example", "paul");
    Site old_site, new_site;
    old_site.alternate_suffix = name("old.example");
    new_site.alternate_suffix = name("new.example");
    REQUIRE(update(*directory, {put(one), put(two)}, 1, old_site));
    CHECK(directory->needs_full_compile(new_site).value());
    const auto partial = update(*directory, {put(one)}, 2, new_site);
    REQUIRE_FALSE(partial);
    CHECK(partial.error().kind == ErrorKind::conflict);
    CHECK(directory->snapshot().value()->generation() == 1);
    REQUIRE(update(*directory, {put(one), drop("b.example")}, 2, new_site));
    const auto snapshot = directory->snapshot().value();
    CHECK(snapshot->find_domain(name("aexample.new.example")).value()->relation == DomainRelation::alternate);
    for (const auto* gone : {"aexample.old.example", "bexample.old.example", "bexample.new.example"})
        CHECK_FALSE(snapshot->find_domain(name(gone)).value());
}

TEST_CASE("a damaged row is temporary, never a crash or an unknown user") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    Domain domain = domain_with_mailbox("a.example", "paul");
    domain.aliases = {name("alias.example")};
    domain.banished = {{"spam", BanAnswer::reject}};
    REQUIRE(update(*directory, {put(domain)}, 1));
    {
        auto writer = RowWriter::begin(RowStore::open(temp.path(), RowStore::Access::update).value());
        for (const std::string& key :
             {claim_key(domain.name, DomainRelation::itself, domain.name), names_prefix(domain.name) + "paul",
              banished_prefix(domain.name) + "spam", source_key(domain.name)})
            REQUIRE(writer->put(key, "\xff\xff\xff\xff"));
        REQUIRE(writer->commit());
    }
    const auto snapshot = directory->snapshot().value();
    CHECK(snapshot->find_domain(domain.name).error().kind == ErrorKind::temporary);
    CHECK(snapshot->find_domain(name("alias.example")).error().kind == ErrorKind::temporary);
    CHECK(snapshot->find_name(domain.name, "paul").error().kind == ErrorKind::temporary);
    CHECK(snapshot->find_banished(domain.name, "spam").error().kind == ErrorKind::temporary);
    CHECK(snapshot->find_source(domain.name).error().kind == ErrorKind::temporary);
    CHECK_FALSE(
        snapshot->find_name(domain.name, std::string(5000, 'x')).value()); // no such name, and no such key either
}

TEST_CASE("the longest domain and local part fit") {
    const test::TempDirectory temp;
    auto directory = Directory::open_for_update(temp.path());
    const std::string label(63, 'd'), text = label + "." + label + "." + label + "." + std::string(61, 'd');
    Domain domain(DomainName::from_trusted(text));
    domain.aliases = {DomainName::from_trusted("e" + text.substr(1))};
    domain.mailboxes[std::string(255, 'l')];
    domain.banished = {{std::string(255, 'b'), BanAnswer::discard}};
    Site site;
    site.alternate_suffix = domain.name;
    REQUIRE(update(*directory, {put(domain)}, 1, site));
    const auto snapshot = directory->snapshot().value();
    CHECK(snapshot->find_domain(domain.aliases[0]).value()->name == domain.name);
    CHECK(snapshot->find_name(domain.name, std::string(255, 'l')).value());
    CHECK(snapshot->find_banished(domain.name, std::string(255, 'b')).value());
}

TEST_CASE("the mail group may write the reader table and not the data") {
    const test::TempDirectory temp;
    const auto directory = Directory::open_for_update(temp / "directory", ::getegid());
    REQUIRE(directory);
    const auto mode_of = [](const std::string& path) {
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        return status.st_mode & 07777;
    };
    CHECK(mode_of(temp / "directory") == 0750);
    CHECK(mode_of(temp / "directory/data.mdb") == 0640);
    CHECK(mode_of(temp / "directory/lock.mdb") == 0660);
}

TEST_CASE("an unprivileged reader of the group sees a directory it cannot write") {
    if (::geteuid() != 0) return;
    constexpr gid_t group = 54321;
    const test::TempDirectory temp;
    REQUIRE(::chmod(temp.path().c_str(), 0755) == 0);
    holds_in_child([&] {
        auto directory = Directory::open_for_update(temp / "directory", group);
        return directory && update(*directory, {put(domain_with_mailbox("a.example", "paul"))}, 1).has_value();
    });
    holds_in_child([&] {
        if (::setgroups(0, nullptr) != 0 || ::setgid(group) != 0 || ::setuid(54321) != 0) return false;
        const auto directory = Directory::open(temp / "directory");
        return directory && directory->snapshot().value()->find_name(name("a.example"), "paul").value().has_value() &&
               !replace_file(temp / "directory/data.mdb", "x") &&
               ::access((temp / "directory/data.mdb").c_str(), W_OK) != 0;
    });
}

TEST_CASE("one process does not open a directory twice") {
    const test::TempDirectory temp;
    {
        auto writer = Directory::open_for_update(temp.path());
        REQUIRE(update(*writer, {put(domain_with_mailbox("a.example", "paul"))}, 1));
        const auto reader = Directory::open(temp.path());
        REQUIRE(update(*writer, {put(domain_with_mailbox("a.example", "ringo"))}, 2));
        CHECK(reader->snapshot().value()->generation() == 2);
    }
    const auto reader = Directory::open(temp.path());
    const auto writer = Directory::open_for_update(temp.path());
    REQUIRE_FALSE(writer);
    CHECK(writer.error().kind == ErrorKind::temporary);
}

TEST_CASE("an update that is killed leaves the old state or the new one, and does not hold up the next") {
    const test::TempDirectory temp;
    constexpr int mailboxes = 300;
    // In each generation every mailbox has the generation as its quota: any mixture would show.
    const auto state = [](std::uint64_t generation) {
        Domain domain(name("a.example"));
        for (int i = 0; i < mailboxes; ++i)
            domain.mailboxes["user" + std::to_string(i)].quota.bytes = generation;
        return domain;
    };
    holds_in_child([&] {
        auto directory = Directory::open_for_update(temp.path());
        return directory && update(*directory, {put(state(1))}, 1).has_value();
    });
    std::uint64_t last = 1;
    int moved = 0;
    for (int round = 0; round < 25; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto directory = Directory::open_for_update(temp.path());
            for (std::uint64_t generation = last + 1; directory; ++generation)
                if (!update(*directory, {put(state(generation))}, generation)) break;
            ::_exit(1);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5 + 3 * round));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFSIGNALED(status));
        const auto reader = Directory::open(temp.path());
        REQUIRE(reader);
        const auto snapshot = reader->snapshot().value();
        const std::uint64_t generation = snapshot->generation();
        CHECK(generation >= last);
        moved += generation > last;
        last = generation;
        for (int i = 0; i < mailboxes; ++i) {
            const auto entry = snapshot->find_name(name("a.example"), "user" + std::to_string(i)).value();
            REQUIRE(entry);
            CHECK(std::get<MailboxEntry>(*entry).quota.bytes == generation);
        }
    }
    CHECK(moved > 0);
}
