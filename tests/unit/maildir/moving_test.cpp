// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/moving.hpp"

#include "mailctl/maildir/mail_archive.hpp"
#include "mailctl/maildir/mail_transfer.hpp"
#include "maildirs.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace moving_tests {

namespace {

const Address paul = address("paul@one.example");
const ArchiveTag tag{noon, 7};

dev_t device_of(const std::string& path) {
    struct stat about {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    return about.st_dev;
}

// A directory on another file system than the temporary directory's.
class OtherFileSystem {
  public:
    OtherFileSystem() : path_(std::string(place()) + "/mailctl-moving-" + std::to_string(::getpid())) {
        std::filesystem::remove_all(path_);
        std::filesystem::create_directory(path_);
    }
    ~OtherFileSystem() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    static const char* place() {
        const TempDirectory here;
        for (const char* other : {"/dev/shm", "/run", "/var/tmp", "/root"})
            if (std::filesystem::is_directory(other) && device_of(other) != device_of(here.path())) return other;
        FAIL("this machine has one file system only");
        return "";
    }
    std::string path_;
};

FileDescriptor opened(const std::string& path) { return FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY)); }

// A domain whose directory is a link to another disk, and in it paul with a message, flags, a folder and a link.
struct Elsewhere : MailRoot {
    Elsewhere() {
        std::filesystem::create_symlink(other.path(), *this / "one.example");
        REQUIRE(store().create_mailbox(paul));
        write_file(*this / "one.example/paul/cur/1.a.b:2,FS", "seen");
        const timespec times[2] = {{1'600'000'000, 5}, {1'500'000'000, 7}};
        ::utimensat(AT_FDCWD, (*this / "one.example/paul/cur/1.a.b:2,FS").c_str(), times, 0);
        std::filesystem::create_directories(*this / "one.example/paul/.Sent/cur");
        write_file(*this / "one.example/paul/.Sent/cur/2.a.b:2,S", "sent");
        std::filesystem::create_symlink("cur", *this / "one.example/paul/link");
    }
    OtherFileSystem other;
};

void check_paul(const std::string& place) {
    CHECK(content_of(place + "/cur/1.a.b:2,FS") == "seen");
    CHECK(content_of(place + "/.Sent/cur/2.a.b:2,S") == "sent");
    CHECK(std::filesystem::read_symlink(place + "/link") == "cur");
    struct stat about {};
    REQUIRE(::stat((place + "/cur/1.a.b:2,FS").c_str(), &about) == 0);
    CHECK(about.st_mtim.tv_sec == 1'500'000'000);
    CHECK(about.st_mtim.tv_nsec == 7);
}

} // namespace

TEST_CASE("a mailbox on another file system is archived and comes back, whole and once") {
    const Elsewhere root;
    const auto archived = archive_mailbox(root.store(), paul, tag).value();
    REQUIRE(archived);
    check_paul(root / archived->place);
    CHECK(names_in(root.other.path()).empty());
    CHECK(names_in(root / ".archive/one.example").size() == 1);
    CHECK(restore_mailbox(root.store(), paul, tag).value() == Restored::done);
    check_paul(root / "one.example/paul");
    CHECK(names_in(root / ".archive/one.example").empty());
    CHECK(names_in(root.other.path()) == std::vector<std::string>{"paul"});
}

TEST_CASE("copying that was cut short goes on from there") {
    const Elsewhere root;
    std::filesystem::create_directories(root / ".archive/one.example");
    const auto from = opened(root.other.path()), to = opened(root / ".archive/one.example");
    const std::string name = archive_place(paul, tag).substr(std::string(".archive/one.example/").size());
    // Killed in the second step, with half a copy: the source has its other name.
    REQUIRE(move_entry(from, "paul", to, name).value() == Moved::done);
    REQUIRE(move_entry(to, name, from, "paul").value() == Moved::done);
    std::filesystem::rename(root.other.path() + "/paul", root.other.path() + "/%moving-paul");
    SUBCASE("without a place for the copy it has been copied") {
        CHECK(move_entry(from, "paul", to, name).value() == Moved::done);
        CHECK(names_in(root.other.path()).empty());
    }
    SUBCASE("the archive finds it all the same") {
        const auto archived = archive_mailbox(root.store(), paul, tag);
        REQUIRE(archived);
        CHECK(names_in(root.other.path()).empty());
    }
}

TEST_CASE("copying that was cut short and is undone leaves all of the source and nothing of the copy") {
    const Elsewhere root;
    const Address saul = address("saul@two.example");
    std::filesystem::create_directories(root / "two.example");
    std::filesystem::create_directories(root / ".archive/one.example");
    const auto from = opened(root.other.path());
    const auto fail_half_way = [&](const std::string& target_parent, const auto& move) {
        const std::string deep = root.other.path() + "/paul/.Sent/cur/"; // too deep to be copied
        std::string path = deep;
        for (int level = 0; level < 70; ++level)
            path += "d/";
        std::filesystem::create_directories(path);
        CHECK_FALSE(move());
        CHECK(names_in(root.other.path()) == std::vector<std::string>{"%moving-paul"});
        std::filesystem::remove_all(root.other.path() + "/%moving-paul/.Sent/cur/d");
        CHECK_FALSE(names_in(target_parent).empty());
    };
    SUBCASE("a renaming") {
        fail_half_way(root / "two.example", [&] { return rename_mailbox(root.store(), paul, saul, tag); });
        CHECK_FALSE(rename_mailbox(root.store(), saul, paul, tag).value());
        CHECK(names_in(root / "two.example").empty());
    }
    SUBCASE("an archiving") {
        fail_half_way(root / ".archive/one.example", [&] { return archive_mailbox(root.store(), paul, tag); });
        CHECK(restore_mailbox(root.store(), paul, tag).value() == Restored::not_archived);
        CHECK(names_in(root / ".archive/one.example").empty());
    }
    check_paul(root.other.path() + "/paul");
}

TEST_CASE("what is in the way of a copy stays, and so does the source") {
    const Elsewhere root;
    std::filesystem::create_directories(root / "two.example/paul/cur");
    const auto from = opened(root.other.path()), to = opened(root / "two.example");
    CHECK(move_entry(from, "paul", to, "paul").value() == Moved::in_the_way);
    check_paul(root / "one.example/paul");
    CHECK(names_in(root / "two.example/paul") == std::vector<std::string>{"cur"});
    CHECK(move_entry(from, "nobody", to, "x").value() == Moved::nothing_there);
}

TEST_CASE("messages of two file systems join") {
    const Elsewhere root;
    const auto ann = address("ann@two.example");
    REQUIRE(root.store().create_mailbox(ann));
    write_file(root / "two.example/ann/cur/1.a.b:2,FS", "another");
    const auto from = root.store().find_mailbox(paul).value(), to = root.store().find_mailbox(ann).value();
    CHECK(move_messages(root.store(), *from, *to).value() == 1);
    CHECK(names_in(root / "two.example/ann/cur") == std::vector<std::string>{"1.a.b:2,FS", "2-1.a.b:2,FS"});
    CHECK(content_of(root / "two.example/ann/cur/2-1.a.b:2,FS") == "seen");
}

TEST_CASE("archived mail joins what is there, folder by folder") {
    const Elsewhere root;
    const auto archived = archive_mailbox(root.store(), paul, tag).value();
    REQUIRE(root.store().create_mailbox(paul));
    write_file(root / "one.example/paul/new/3.a.b", "newer");
    std::filesystem::create_directories(root / "one.example/paul/.Sent/cur");
    write_file(root / "one.example/paul/.Sent/cur/4.a.b:2,S", "newer");
    const auto to = root.store().find_mailbox(paul).value();
    CHECK(join_archived(root.store(), archived->place, *to).value());
    CHECK(content_of(root / "one.example/paul/cur/1.a.b:2,FS") == "seen");
    CHECK(content_of(root / "one.example/paul/new/3.a.b") == "newer");
    CHECK(names_in(root / "one.example/paul/.Sent/cur") == std::vector<std::string>{"2.a.b:2,S", "4.a.b:2,S"});
    CHECK_FALSE(join_archived(root.store(), archived->place, *to).value());
}

TEST_CASE("a link that a stranger put in a domain's place is not followed") {
    if (::geteuid() != 0) return; // nobody else can give links away
    const Elsewhere root;
    REQUIRE(::lchown((root / "one.example").c_str(), 12345, 12345) == 0);
    CHECK_FALSE(root.store().find_mailbox(paul));
    CHECK_FALSE(archive_mailbox(root.store(), paul, tag));
}

TEST_CASE("a folder below a folder whose name gets too long is handed over under a shorter one") {
    const MailRoot root;
    const auto ann = address("ann@one.example");
    REQUIRE(root.store().create_mailbox(paul));
    REQUIRE(root.store().create_mailbox(ann));
    const std::string name = "." + std::string(253, 'x');
    std::filesystem::create_directories(root / ("one.example/paul/" + name + "/cur"));
    write_file(root / ("one.example/paul/" + name + "/cur/1.a.b:2,S"), "deep");
    const auto archived = archive_mailbox(root.store(), paul, tag).value();
    const auto to = root.store().find_mailbox(ann).value();
    REQUIRE(hand_over(root.store(), archived->place, *to, "Paul"));
    REQUIRE(hand_over(root.store(), archived->place, *to, "Paul")); // again: nothing is left
    int found = 0;
    for (const auto& folder : names_in(root / "one.example/ann"))
        found += folder.starts_with(".Paul.x") && names_in(root / ("one.example/ann/" + folder + "/cur")).size() == 1;
    CHECK(found == 1);
}

TEST_CASE("a tree of any depth is removed with few descriptors") {
    const MailRoot root;
    std::filesystem::create_directory(root / "deep");
    FileDescriptor at = opened(root / "deep");
    for (int level = 0; level < 2000; ++level) {
        REQUIRE(::mkdirat(at.get(), "d", 0700) == 0);
        FileDescriptor file(::openat(at.get(), "file", O_WRONLY | O_CREAT, 0600));
        at = FileDescriptor(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY));
    }
    std::filesystem::create_symlink("/etc", root / "deep/link");
    const auto top = opened(root.path());
    REQUIRE(remove_tree(top.get(), "deep"));
    CHECK(names_in(root.path()).empty());
    CHECK(std::filesystem::exists("/etc/passwd"));
}

} // namespace moving_tests
