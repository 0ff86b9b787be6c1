// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/held_mail.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct Store {
    MailRoot root;
    std::string path = root / "mail";
    Store() { std::filesystem::create_directory(path); }
    [[nodiscard]] MailStore open() const { return MailStore::open(path, "mx.example").value(); }
    void put(const std::string& place, std::string_view name) const { write(path + "/one.example/" + place, name); }
    static void write(const std::string& directory, std::string_view name) {
        std::ofstream(directory + '/' + std::string(name)) << "text";
    }
    [[nodiscard]] std::vector<std::string> names(const std::string& place) const {
        return names_in(path + "/one.example/" + place);
    }
};

const Address joe = address("joe@one.example");

} // namespace

TEST_CASE("held mail has a Maildir beside the mailboxes, whatever the name") {
    CHECK(held_directory(HeldFor::candidate, joe) == "one.example/.candidates/joe");
    CHECK(held_directory(HeldFor::suspended, joe) == "one.example/.held/joe");
    Store store;
    const auto mail = store.open();
    const Address odd{LocalPart::from_trusted(".lock"), joe.domain};
    REQUIRE(open_held(mail, HeldFor::candidate, odd));
    REQUIRE(open_held(mail, HeldFor::candidate, joe));
    REQUIRE(open_held(mail, HeldFor::candidate, joe));
    CHECK(held_names(mail, HeldFor::candidate, joe.domain).value() == std::vector{odd, joe});
    CHECK(held_names(mail, HeldFor::suspended, joe.domain).value().empty());
}

TEST_CASE("what is held for one reason is held for another, with names and flags, and can go back") {
    Store store;
    const auto mail = store.open();
    REQUIRE(open_held(mail, HeldFor::candidate, joe));
    store.put(".candidates/joe/new", "1.a");
    store.put(".candidates/joe/cur", "2.b:2,FS");
    CHECK_FALSE(held_since(mail, HeldFor::banished, joe).value());
    CHECK(keep_for(mail, HeldFor::candidate, HeldFor::banished, joe).value() == 2);
    CHECK(store.names(".banished/joe/cur") == std::vector<std::string>{"2.b:2,FS"});
    CHECK_FALSE(std::filesystem::exists(store.path + "/one.example/.candidates/joe"));
    CHECK(held_messages(mail, HeldFor::banished, joe).value().size() == 2);
    CHECK(held_since(mail, HeldFor::banished, joe).value());
    CHECK(keep_for(mail, HeldFor::candidate, HeldFor::banished, joe).value() == 0); // again, as after a crash
    CHECK(keep_for(mail, HeldFor::banished, HeldFor::candidate, joe).value() == 2);
    CHECK(store.names(".candidates/joe/new") == std::vector<std::string>{"1.a"});
}

TEST_CASE("released mail keeps names and flags and leaves nothing behind") {
    Store store;
    const auto mail = store.open();
    REQUIRE(open_held(mail, HeldFor::candidate, joe));
    REQUIRE(mail.create_mailbox(paul));
    store.put(".candidates/joe/new", "1.a");
    store.put(".candidates/joe/cur", "2.b:2,FS");
    store.put(".candidates/joe/tmp", "3.c");
    store.put("paul", "maildirsize");
    CHECK(release_held(mail, HeldFor::candidate, joe, paul).value() == 2);
    CHECK(store.names("paul/new") == std::vector<std::string>{"1.a"});
    CHECK(store.names("paul/cur") == std::vector<std::string>{"2.b:2,FS"});
    CHECK_FALSE(std::filesystem::exists(store.path + "/one.example/paul/maildirsize"));
    CHECK_FALSE(std::filesystem::exists(store.path + "/one.example/.candidates/joe"));
    CHECK(release_held(mail, HeldFor::candidate, joe, paul).value() == 0); // again, as after a crash
}

TEST_CASE("a message of the same name is not replaced") {
    Store store;
    const auto mail = store.open();
    REQUIRE(open_held(mail, HeldFor::candidate, joe));
    REQUIRE(mail.create_mailbox(paul));
    store.put(".candidates/joe/new", "1.a");
    store.put("paul/new", "1.a");
    CHECK(release_held(mail, HeldFor::candidate, joe, paul).value() == 1);
    CHECK(store.names("paul/new").size() == 2);
}

TEST_CASE("held mail follows a new name, also to another domain, and where nothing is held nothing is made") {
    Store store;
    const auto mail = store.open();
    const Address ann{LocalPart::from_trusted("ann"), DomainName::from_trusted("two.example")};
    REQUIRE(rename_held(mail, HeldFor::suspended, joe, ann));
    CHECK_FALSE(std::filesystem::exists(store.path + "/two.example"));
    REQUIRE(open_held(mail, HeldFor::suspended, joe));
    store.put(".held/joe/cur", "1.a:2,S");
    for (int time = 0; time < 2; ++time) { // again, as after a crash
        REQUIRE(rename_held(mail, HeldFor::suspended, joe, ann));
        CHECK(std::filesystem::exists(store.path + "/two.example/.held/ann/cur/1.a:2,S"));
        CHECK_FALSE(std::filesystem::exists(store.path + "/one.example/.held/joe"));
    }
}

TEST_CASE("a release that was cut short after its last message still has the usage counted anew") {
    Store store;
    const auto mail = store.open();
    REQUIRE(open_held(mail, HeldFor::candidate, joe));
    REQUIRE(mail.create_mailbox(paul));
    store.put("paul", "maildirsize");
    CHECK(release_held(mail, HeldFor::candidate, joe, paul).value() == 0);
    CHECK_FALSE(std::filesystem::exists(store.path + "/one.example/paul/maildirsize"));
}

TEST_CASE("dropped mail is gone with its directory") {
    Store store;
    const auto mail = store.open();
    REQUIRE(open_held(mail, HeldFor::suspended, joe));
    store.put(".held/joe/new", "1.a");
    CHECK(drop_held(mail, HeldFor::suspended, joe).value() == 1);
    CHECK_FALSE(std::filesystem::exists(store.path + "/one.example/.held/joe"));
    CHECK(drop_held(mail, HeldFor::suspended, joe).value() == 0);
}

TEST_CASE("whoever moves held mail waits for deliveries, and they for him") {
    using namespace std::chrono_literals;
    Store store;
    const auto mail = store.open();
    const auto lock = [&](HeldLock::Kind kind) {
        return HeldLock::acquire(mail, HeldFor::candidate, joe.domain, kind, 1ms);
    };
    {
        const auto one = lock(HeldLock::Kind::shared), two = lock(HeldLock::Kind::shared);
        CHECK(one.has_value());
        CHECK(two.has_value());
        CHECK(lock(HeldLock::Kind::alone).error().kind == ErrorKind::temporary);
    }
    const auto alone = lock(HeldLock::Kind::alone);
    CHECK(alone.has_value());
    CHECK(lock(HeldLock::Kind::shared).error().kind == ErrorKind::temporary);
}

TEST_CASE("a directory that is not named as a held name is written is nobody's") {
    const MailRoot root;
    const auto store = root.store();
    const auto domain = DomainName::parse("one.example").value();
    REQUIRE(open_held(store, HeldFor::candidate, address("paul@one.example")));
    REQUIRE(open_held(store, HeldFor::candidate, address("\"a/b %\"@one.example")));
    for (const char* name : {"%2E%2E", "%70aul", "Paul", "%0A", "%ZZ", "a%", "\xff", "x\x1b"})
        std::filesystem::create_directories(root / (std::string("one.example/.candidates/") + name + "/new"));
    const auto names = held_names(store, HeldFor::candidate, domain);
    REQUIRE(names);
    REQUIRE(names->size() == 2);
    CHECK(names->at(0).key() == "a/b %@one.example");
    CHECK(names->at(1).key() == "paul@one.example");
}

TEST_CASE("a stream of deliveries does not keep out who wants the area alone") {
    using namespace std::chrono_literals;
    const Store store;
    std::atomic<bool> over = false;
    std::vector<std::thread> deliveries;
    for (int i = 0; i < 6; ++i)
        deliveries.emplace_back([&] {
            const auto mail = store.open();
            while (!over) {
                const auto lock = HeldLock::acquire(mail, HeldFor::candidate, joe.domain, HeldLock::Kind::shared, 10s);
                std::this_thread::sleep_for(20ms);
            }
        });
    std::this_thread::sleep_for(100ms);
    const auto mail = store.open();
    CHECK(HeldLock::acquire(mail, HeldFor::candidate, joe.domain, HeldLock::Kind::alone, 2s).has_value());
    over = true;
    for (auto& delivery : deliveries)
        delivery.join();
}
