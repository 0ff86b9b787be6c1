// SPDX-License-Identifier: Apache-2.0
#include "mailctl/base/error.hpp"

#include <doctest/doctest.h>

#include <cerrno>

namespace mailctl {

TEST_CASE("every kind of error has the exit code the manual promises") {
    CHECK(exit_code(ErrorKind::failed) == 1);
    CHECK(exit_code(ErrorKind::usage) == 2);
    CHECK(exit_code(ErrorKind::missing) == 3);
    CHECK(exit_code(ErrorKind::conflict) == 4);
    CHECK(exit_code(ErrorKind::invalid) == 4);
    CHECK(exit_code(ErrorKind::found) == 5);
    CHECK(exit_code(ErrorKind::partial) == 6);
    CHECK(exit_code(ErrorKind::denied) == 13);
    CHECK(exit_code(ErrorKind::temporary) == 75);
    CHECK(exit_code(ErrorKind::interrupted) == 130);
}

TEST_CASE("a kind is named by its own word") {
    CHECK(kind_name(ErrorKind::usage) == "usage");
    CHECK(kind_name(ErrorKind::temporary) == "temporary");
    CHECK(kind_name(ErrorKind::interrupted) == "interrupted");
}

TEST_CASE("a failure that may pass by itself is temporary, so that no mail bounces for it") {
    for (const int value : {ENOSPC, EDQUOT, EAGAIN, EIO, ESTALE, ENOMEM, EMFILE, ENFILE, EROFS})
        CHECK(system_error(value, "cannot write", "/x").kind == ErrorKind::temporary);
    CHECK(system_error(ENOENT, "cannot open", "/x").kind == ErrorKind::missing);
    CHECK(system_error(EACCES, "cannot open", "/x").kind == ErrorKind::denied);
    CHECK(system_error(EPERM, "cannot open", "/x").kind == ErrorKind::denied);
    CHECK(system_error(EINVAL, "cannot open", "/x").kind == ErrorKind::failed);
}

TEST_CASE("a system error names activity, path and cause in that order") {
    CHECK(system_error(ENOSPC, "cannot write", "/var/vmail/x").what ==
          "cannot write '/var/vmail/x': No space left on device");
}

TEST_CASE("a caller puts its own activity in front and keeps kind and hint") {
    const Error leaf{ErrorKind::temporary, "disk full", "make room"};
    const auto error = leaf.while_doing("cannot deliver to 'a@b'");
    CHECK(error.what == "cannot deliver to 'a@b': disk full");
    CHECK(error.kind == ErrorKind::temporary);
    CHECK(error.hint == "make room");
}

} // namespace mailctl
