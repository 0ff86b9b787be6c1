// SPDX-License-Identifier: Apache-2.0
// Whatever can be made again is made again where it was damaged; the rest says which file it is and what to do.
#include "test_site.hpp"

#include "mailctl/os/staged_files.hpp"
#include "mailctl/store/directory.hpp"

#include <algorithm>
#include <fcntl.h>
#include <functional>
#include <random>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace damaged_files_tests {

namespace {

bool says(const Report& report, std::string_view part) {
    return std::ranges::any_of(report.notes, [&](const auto& note) { return note.find(part) != std::string::npos; });
}

struct Damage {
    std::string what;
    std::function<void(const std::string& file)> done;
};

void overwrite(const std::string& file, std::size_t offset, const std::string& bytes) {
    FileDescriptor out(::open(file.c_str(), O_WRONLY));
    REQUIRE(::pwrite(out.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
            static_cast<ssize_t>(bytes.size()));
}

std::string noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string bytes(size, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
    return bytes;
}

std::vector<Damage> damages(std::size_t size) {
    std::vector<Damage> all;
    for (const std::size_t left :
         {std::size_t{0}, std::size_t{1}, std::size_t{100}, std::size_t{4095}, std::size_t{4096}, std::size_t{5000},
          std::size_t{8192}, size / 2, size - 4096, size - 1})
        all.push_back({"cut off at " + std::to_string(left),
                       [left](const std::string& file) { std::filesystem::resize_file(file, left); }});
    for (std::size_t page = 0; page * 4096 < size && page < 8; ++page) {
        all.push_back({"noise in page " + std::to_string(page), [page](const std::string& file) {
                           overwrite(file, page * 4096, noise(4096, static_cast<unsigned>(page)));
                       }});
        all.push_back({"zeros in page " + std::to_string(page),
                       [page](const std::string& file) { overwrite(file, page * 4096, std::string(4096, '\0')); }});
    }
    for (const std::size_t offset : {std::size_t{40}, std::size_t{128}, std::size_t{136}, std::size_t{4096 + 40},
                                     std::size_t{4096 + 88}, std::size_t{8192 + 12}, std::size_t{8192 + 20}})
        all.push_back({"a word at " + std::to_string(offset),
                       [offset](const std::string& file) { overwrite(file, offset, noise(8, 7)); }});
    all.push_back({"noise all over", [size](const std::string& file) { overwrite(file, 0, noise(size, 3)); }});
    all.push_back({"one byte of a row", [size](const std::string& file) { overwrite(file, size - 20, "\x01"); }});
    all.push_back({"a directory", [](const std::string& file) {
                       std::filesystem::remove(file);
                       std::filesystem::create_directory(file);
                   }});
    return all;
}

std::vector<std::string> answers(const TestSite& site) {
    return {site.outcome("u7@one.example"), site.outcome("u150@one.example"), site.outcome("nobody@one.example"),
            site.outcome("u3@two.example")};
}
const std::vector<std::string> right{"deliver", "deliver", "reject", "deliver"};

void fill(TestSite& site) {
    site.create_domain("one.example");
    site.create_domain("two.example");
    std::vector<NewMailbox> many;
    for (int i = 0; i < 160; ++i)
        many.push_back(new_mailbox("u" + std::to_string(i) + "@one.example"));
    for (int i = 0; i < 5; ++i)
        many.push_back(new_mailbox("u" + std::to_string(i) + "@two.example"));
    good(create_mailboxes(site.world, many, {}));
}

} // namespace

TEST_CASE("a compiled directory that was cut off or overwritten is never mapped, and made anew") {
    TestSite site;
    fill(site);
    const std::string directory = site.path("lib/directory"), kept = site.path("kept");
    std::filesystem::copy(directory, kept, std::filesystem::copy_options::recursive);
    const auto size = std::filesystem::file_size(directory + "/data.mdb");
    const auto all = damages(size);
    CHECK(all.size() >= 33);
    int number = 0;
    for (const auto& damage : all) {
        CAPTURE(damage.what);
        std::filesystem::remove_all(directory);
        std::filesystem::copy(kept, directory, std::filesystem::copy_options::recursive);
        damage.done(directory + "/data.mdb");
        if (std::filesystem::is_directory(directory + "/data.mdb")) {
            CHECK(bad(apply_hand_edits(site.world, {})).what.find("data.mdb") != std::string::npos);
            continue;
        }
        CHECK(answers(site) == right);
        if (++number % 2 == 0) site.create_mailbox("new" + std::to_string(number) + "@two.example");
        good(apply_hand_edits(site.world, {}));
        CHECK(answers(site) == right);
        CHECK(good(Directory::open(directory)).domains().value().size() == 2);
    }
    CHECK(good(check_maps(site.world)).status == 0);
}

TEST_CASE("a copy of a site, and a lock file that is damaged, are no reason to stop") {
    TestSite site;
    fill(site);
    const std::string directory = site.path("lib/directory"), kept = site.path("kept");
    std::filesystem::rename(directory, kept);
    std::filesystem::copy(kept, directory, std::filesystem::copy_options::recursive);
    CHECK(good(Directory::open(directory)).domains().value().size() == 2); // another inode, the same rows
    for (const std::size_t size : {std::size_t{1}, std::size_t{64}, std::size_t{4095}}) {
        std::filesystem::resize_file(directory + "/lock.mdb", size);
        CHECK(answers(site) == right);
        good(apply_hand_edits(site.world, {}));
        CHECK(good(Directory::open(directory)).domains().value().size() == 2);
    }
}

TEST_CASE("a pending record that cannot be read is set aside, and the next change goes on") {
    TestSite site;
    fill(site);
    site.write("lib/history/pending", noise(300, 1));
    CHECK(answers(site) == right);
    const auto report = site.create_mailbox("new@two.example");
    CHECK(says(report, "lib/history/unreadable-1"));
    CHECK(says(report, "mailctl apply"));
    CHECK(site.outcome("new@two.example") == "deliver");
    CHECK(site.exists("lib/history/unreadable-1"));
}

TEST_CASE("a damaged record of the history is in the way of its own revert only") {
    TestSite site;
    fill(site);
    site.create_mailbox("a@two.example");
    const auto damaged = std::stoull(TestSite::cell(good(list_history(site.world, 1)).rows.front(), "id"));
    site.create_mailbox("b@two.example");
    site.write("lib/history/000000/" + std::to_string(damaged), "rubbish");
    CHECK(says(good(list_history(site.world)), std::to_string(damaged) + "' is damaged"));
    const auto error = bad(revert_change(site.world, damaged, {}));
    CHECK(error.what.find("lib/history/000000/" + std::to_string(damaged)) != std::string::npos);
    CHECK(error.hint.find("backup") != std::string::npos);
    good(revert_change(site.world, damaged + 1, {}));
    good(show_change(site.world, 1));
    CHECK(site.outcome("b@two.example") == "reject");
}

TEST_CASE("applied texts that were damaged are made anew from the files") {
    TestSite site;
    fill(site);
    site.write("lib/history/applied/mailctl.toml", noise(50, 2));
    site.write("lib/history/applied/domains/one.example.toml", "[[[");
    CHECK(answers(site) == right);
    good(apply_hand_edits(site.world, {}));
    CHECK(site.read("lib/history/applied/mailctl.toml") == site.read("etc/mailctl.toml"));
    CHECK(site.read("lib/history/applied/domains/one.example.toml") == site.domain_text("one.example"));
    CHECK(answers(site) == right);
    CHECK(good(check_maps(site.world)).status == 0);
}

TEST_CASE("an edit by hand that lands between the last look and the rename is kept") {
    TestSite site;
    fill(site);
    const std::string path = site.path("etc/domains/two.example.toml");
    const auto stamp = good(find_stamp(path));
    site.write("etc/domains/two.example.toml", "# edited\n");
    REQUIRE(stage_file(staged_path(path), path, "# ours\n", FileMode{}));
    CHECK_FALSE(good(rename_unless_changed(staged_path(path), path, stamp)));
    CHECK(site.read("etc/domains/two.example.toml") == "# edited\n");
    CHECK_FALSE(good(remove_unless_changed(path, stamp)));
    CHECK(site.read("etc/domains/two.example.toml") == "# edited\n");
    CHECK(good(remove_unless_changed(path, good(find_stamp(path)))));
    CHECK_FALSE(std::filesystem::exists(path));
}

} // namespace damaged_files_tests
