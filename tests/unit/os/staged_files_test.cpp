// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/staged_files.hpp"

#include "temp_directory.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mailctl;

TEST_CASE("few files and many are not visible before all are durable, and then all are") {
    for (const int count : {2, 100}) {
        CAPTURE(count);
        const test::TempDirectory directory;
        REQUIRE(make_directories(directory / "sub", 0700));
        StagedFiles staged(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i)
            REQUIRE(staged.stage(directory / (i % 2 ? "sub/f" : "f") + std::to_string(i), std::to_string(i), {}));
        REQUIRE(staged.flush());
        CHECK(list_directory(directory.path()).value() == std::vector<std::string>{"sub"});
        REQUIRE(staged.publish());
        CHECK(load_file(directory / "f0").value() == "0");
        CHECK(load_file(directory / "sub/f1").value() == "1");
        CHECK(list_directory(directory / "sub").value().size() == static_cast<std::size_t>(count / 2));
        CHECK_FALSE(find_file(staged_path(directory / "f0")).value());
    }
}

TEST_CASE("staged files that are not published are removed, and their targets stay") {
    const test::TempDirectory directory;
    REQUIRE(replace_file(directory / "a", "old"));
    {
        StagedFiles staged(2);
        REQUIRE(staged.stage(directory / "a", "new", {}));
        REQUIRE(staged.stage(directory / "b", "new", {}));
        REQUIRE(find_file(staged_path(directory / "b")).value());
    }
    CHECK(load_file(directory / "a").value() == "old");
    CHECK_FALSE(find_file(staged_path(directory / "a")).value());
    CHECK_FALSE(find_file(staged_path(directory / "b")).value());
}

TEST_CASE("where one of many cannot take its place, those before it have and those after it are removed") {
    const test::TempDirectory directory;
    {
        StagedFiles staged(3);
        for (const auto* name : {"a", "b", "c"})
            REQUIRE(staged.stage(directory / name, "new", {}));
        REQUIRE(make_directories(directory / "b/in the way", 0700));
        CHECK_FALSE(staged.publish());
    }
    CHECK(load_file(directory / "a").value() == "new");
    CHECK_FALSE(find_file(directory / "c").value());
    CHECK_FALSE(find_file(staged_path(directory / "c")).value());
}

TEST_CASE("a directory that is not there is named before anything is written") {
    const test::TempDirectory directory;
    StagedFiles staged(1);
    CHECK(staged.stage(directory / "none/a", "new", {}).error().kind == ErrorKind::missing);
}
