// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/history.hpp"

#include "../os/temp_directory.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/files.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace mailctl;

namespace {

HistoryRecord record(std::uint64_t id) {
    HistoryRecord result;
    result.id = id;
    result.time = parse_rfc3339("2026-11-22T03:28:00.123456Z").value();
    result.actor = "alice\n(root)";
    result.command = "mailctl mailbox create 'paul@example.com'";
    result.reason = "digest 00\nend: \xff\xfe";
    result.reverts = 3;
    result.files = {make_file_change("domains/empty.example.toml", "", std::nullopt),
                    make_file_change("domains/example.com.toml", "[domain]\na = 1\n", "[domain]\na = 2\n"),
                    make_file_change("domains/new.example.toml", std::nullopt, "[domain]\n")};
    result.mail = {{"move", "paul@example.com", "saul@example.com"}, {"purge", "a b@example.com", ""}};
    return result;
}

HistoryRecord bare(std::uint64_t id) {
    HistoryRecord result;
    result.id = id;
    return result;
}

Status add(const std::string& history, std::uint64_t id) {
    TRY(save_pending(history, bare(id)));
    return publish_pending(history, id);
}

std::vector<std::uint64_t> ids(const std::vector<HistoryRecord>& records) {
    std::vector<std::uint64_t> result;
    for (const auto& entry : records)
        result.push_back(entry.id);
    return result;
}

} // namespace

TEST_CASE("a file change knows what was and what is there") {
    const auto changed = make_file_change("x.toml", "a\n", "b\n");
    CHECK(changed.before_digest == digest("a\n"));
    CHECK(changed.after_digest == digest("b\n"));
    CHECK(apply_patch("a\n", changed.patch).value() == "b\n");
    const auto made = make_file_change("x.toml", std::nullopt, "");
    CHECK_FALSE(made.before_digest);
    CHECK(made.after_digest == digest(""));
    CHECK(made.patch.empty());
}

TEST_CASE("a record is read back as it was written") {
    CHECK(parse_record(format_record(record(42))).value() == record(42));
    CHECK(parse_record(format_record(bare(1))).value() == bare(1));
}

TEST_CASE("the files of a record are in order, however they were written, and two changes of one stay as they were") {
    HistoryRecord written = bare(1);
    written.files = {make_file_change("b", "1", "2"), make_file_change("b", "2", "0"), make_file_change("a", "", "1")};
    const auto files = parse_record(format_record(written)).value().files;
    CHECK(files == std::vector{written.files[2], written.files[0], written.files[1]});
}

TEST_CASE("a record that was cut, lengthened or altered anywhere is refused") {
    const std::string text = format_record(record(42));
    for (std::size_t size = 0; size < text.size(); ++size)
        CHECK_FALSE(parse_record(std::string_view(text).substr(0, size)));
    CHECK_FALSE(parse_record(text + "\n"));
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string altered = text;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        CHECK_FALSE(parse_record(altered));
    }
}

TEST_CASE("a record that is whole and says nonsense is refused") {
    const auto sealed = [](const std::string& body) { return parse_record(body + "digest " + digest(body) + "\n"); };
    const std::string start = "mailctl-history 1\nid 1\ntime 2026-11-22T03:28:00Z\nactor 0:\ncommand 0:\nreason 0:\n";
    CHECK(sealed(start));
    for (const std::string& body :
         {std::string(), std::string("mailctl-history 2\n") + start.substr(18), start + "more\n", start + "file 99:x\n",
          start + "file 1:x\nfrom absent\nto absent\nhunk 0 18446744073709551615:x 0:\n", start + "reverts \n",
          start + "reverts 01\n", start + "file 1:x\nfrom absent\nto absent\nhunk 99999999999999999999999 0: 0:\n"}) {
        CAPTURE(body);
        const auto parsed = sealed(body);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().kind == ErrorKind::invalid);
    }
}

TEST_CASE("a change is pending until it is published or dropped") {
    const test::TempDirectory temp;
    const std::string history = temp / "lib/history";
    CHECK(find_pending(history).value() == std::nullopt);
    REQUIRE(save_pending(history, record(1)));
    CHECK(find_pending(history).value() == record(1));
    CHECK(next_record_id(history).value() == 1);
    REQUIRE(publish_pending(history, 1));
    CHECK(find_pending(history).value() == std::nullopt);
    CHECK(load_record(history, 1).value() == record(1));
    REQUIRE(save_pending(history, record(2)));
    REQUIRE(drop_pending(history));
    CHECK(find_pending(history).value() == std::nullopt);
    CHECK(load_record(history, 2).error().kind == ErrorKind::missing);
}

TEST_CASE("a pending record that cannot be read says nothing, and is set aside under a name that is told") {
    const test::TempDirectory temp;
    REQUIRE(replace_file(temp / "pending", "half a rec"));
    CHECK(find_pending(temp.path()).value() == std::nullopt);
    const auto aside = set_aside_unreadable(temp.path());
    REQUIRE(aside);
    REQUIRE(aside->has_value());
    CHECK(load_file(**aside).value() == "half a rec");
    CHECK(set_aside_unreadable(temp.path()).value() == std::nullopt);
}

TEST_CASE("records are for the owner's eyes only") {
    const test::TempDirectory temp;
    const std::string history = temp / "history";
    REQUIRE(save_pending(history, record(1)));
    struct stat status {};
    REQUIRE(::stat(history.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0700);
    REQUIRE(::stat((history + "/pending").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("records are listed newest first, in portions, over the shelves' borders") {
    const test::TempDirectory temp;
    const std::string history = temp / "history";
    CHECK(next_record_id(history).value() == 1);
    CHECK(list_records(history, 10).value().empty());
    for (const std::uint64_t id : {1UL, 2UL, 9UL, 10UL, 999UL, 1000UL, 1001UL, 2000UL})
        REQUIRE(add(history, id));
    CHECK(next_record_id(history).value() == 2001);
    CHECK(ids(list_records(history, 100).value()) == std::vector<std::uint64_t>{2000, 1001, 1000, 999, 10, 9, 2, 1});
    CHECK(ids(list_records(history, 3).value()) == std::vector<std::uint64_t>{2000, 1001, 1000});
    CHECK(ids(list_records(history, 3, 1000).value()) == std::vector<std::uint64_t>{999, 10, 9});
    CHECK(list_records(history, 3, 1).value().empty());
}
