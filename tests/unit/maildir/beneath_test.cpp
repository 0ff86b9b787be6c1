// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/beneath.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

TEST_CASE("what lies below a directory is opened; what leads out of it or through a link is not") {
    const MailRoot outside, root;
    write_file(outside / "secret", "s");
    REQUIRE(::mkdir((root / "inner").c_str(), 0700) == 0);
    write_file(root / "inner/file", "f");
    REQUIRE(::symlink(outside.path().c_str(), (root / "link").c_str()) == 0);
    REQUIRE(::symlink("file", (root / "inner/near").c_str()) == 0);
    const FileDescriptor directory(::open(root.path().c_str(), O_PATH | O_DIRECTORY));

    CHECK(open_beneath(directory.get(), "inner/file", O_RDONLY));
    CHECK_FALSE(open_beneath(directory.get(), "link/secret", O_RDONLY));
    CHECK_FALSE(open_beneath(directory.get(), "inner/near", O_RDONLY));
    CHECK_FALSE(open_beneath(directory.get(), "../" + outside.path().substr(outside.path().rfind('/') + 1), O_RDONLY));
    CHECK_FALSE(open_beneath(directory.get(), outside / "secret", O_RDONLY));
    const auto absent = open_beneath(directory.get(), "inner/nothing", O_RDONLY);
    REQUIRE_FALSE(absent);
    CHECK(absent.error().kind == ErrorKind::missing);
}

TEST_CASE("only a file is opened as one, at once, and to be written only if it has no other name") {
    const MailRoot root;
    REQUIRE(::mkfifo((root / "fifo").c_str(), 0600) == 0);
    REQUIRE(::mkdir((root / "directory").c_str(), 0700) == 0);
    write_file(root / "one", "1");
    write_file(root / "two", "2");
    REQUIRE(::link((root / "two").c_str(), (root / "another").c_str()) == 0);
    const FileDescriptor directory(::open(root.path().c_str(), O_PATH | O_DIRECTORY));

    for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_APPEND}) {
        CHECK_FALSE(open_beneath(directory.get(), "fifo", flags));
        CHECK(open_beneath(directory.get(), "one", flags));
    }
    CHECK_FALSE(open_beneath(directory.get(), "directory", O_RDONLY));
    CHECK(open_beneath(directory.get(), "two", O_RDONLY));
    const auto linked = open_beneath(directory.get(), "two", O_RDWR);
    REQUIRE_FALSE(linked);
    CHECK(linked.error().os_error == EMLINK);
    CHECK(open_beneath(directory.get(), "directory", O_PATH | O_DIRECTORY));
    CHECK(open_beneath(directory.get(), "new", O_WRONLY | O_CREAT | O_EXCL, 0600));
}
