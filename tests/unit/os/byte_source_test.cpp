// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/byte_source.hpp"

#include "mailctl/os/process.hpp"
#include "temp_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace mailctl;
using namespace mailctl::test;

namespace {

std::string many_lines() {
    std::string text;
    for (int i = 0; i < 40'000; ++i)
        text += "line " + std::to_string(i) + " of a log\n";
    return text;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

// In small pieces, so that what is unpacked never fits at once.
Result<std::string> all_of(ByteSource& source, std::size_t piece = 1000) {
    std::string all, buffer(piece, '\0');
    for (;;) {
        TRY_ASSIGN(const std::size_t got, source.read(buffer));
        if (got == 0) return all;
        all.append(buffer, 0, got);
    }
}

void pack(const char* program, const std::string& path) {
    const auto done = run({program, "-k", "-q", path});
    REQUIRE(done);
    REQUIRE(done->status == 0);
}

} // namespace

TEST_CASE("a log reads the same as it was written, whatever compressed it") {
    const TempDirectory directory;
    const auto path = directory / "log", text = many_lines();
    write(path, text);
    for (const auto& [program, ending] :
         {std::pair{"gzip", ".gz"}, std::pair{"xz", ".xz"}, std::pair{"zstd", ".zst"}}) {
        pack(program, path);
        auto log = open_log(path + ending);
        REQUIRE(log);
        CHECK(log->is_compressed);
        CHECK_MESSAGE(all_of(*log->bytes).value() == text, program);
        auto again = open_log(path + ending);
        CHECK(again->bytes->skip(text.size() - 5).value() == true);
        CHECK(all_of(*again->bytes).value() == text.substr(text.size() - 5));
        CHECK(open_log(path + ending)->bytes->skip(text.size() + 1).value() == false);
        auto whole = open_log(path + ending); // its last bytes fill what they are read into
        CHECK(whole->bytes->skip(text.size()).value() == true);
        CHECK_MESSAGE(all_of(*whole->bytes).value() == "", program);
    }
    auto plain = open_log(path);
    CHECK_FALSE(plain->is_compressed);
    CHECK(plain->bytes->skip(text.size() + 1).value() == false);
    CHECK(plain->bytes->skip(7).value() == true);
    CHECK(all_of(*plain->bytes).value() == text.substr(7));
}

TEST_CASE("members of gzip and frames of zstd may follow one another") {
    const TempDirectory directory;
    const auto path = directory / "log";
    for (const auto& [program, ending] :
         {std::pair{"gzip", ".gz"}, std::pair{"xz", ".xz"}, std::pair{"zstd", ".zst"}}) {
        write(path, "one\n");
        pack(program, path);
        std::ifstream packed(path + ending, std::ios::binary);
        const std::string once((std::istreambuf_iterator<char>(packed)), {});
        write(path + ending, once + once);
        CHECK_MESSAGE(all_of(*open_log(path + ending)->bytes).value() == "one\none\n", program);
        CHECK(run({"rm", path + ending}));
    }
}

TEST_CASE("a compressed log that was cut off gives what it has and says so") {
    const TempDirectory directory;
    const auto path = directory / "log", text = many_lines();
    write(path, text);
    for (const auto& [program, ending] :
         {std::pair{"gzip", ".gz"}, std::pair{"xz", ".xz"}, std::pair{"zstd", ".zst"}}) {
        pack(program, path);
        std::ifstream packed(path + ending, std::ios::binary);
        const std::string whole((std::istreambuf_iterator<char>(packed)), {});
        write(path + ending, whole.substr(0, whole.size() / 2));
        auto log = open_log(path + ending);
        const auto read = all_of(*log->bytes);
        REQUIRE_FALSE(read);
        CHECK(read.error().kind == ErrorKind::failed);
        CHECK(read.error().what.find(path) != std::string::npos);
    }
}

TEST_CASE("what is no log is refused without waiting") {
    const TempDirectory directory;
    CHECK(open_log(directory / "none").error().kind == ErrorKind::missing);
    CHECK(open_log(directory.path()).error().kind == ErrorKind::failed);
    CHECK(run({"mkfifo", directory / "fifo"}));
    CHECK(open_log(directory / "fifo").error().kind == ErrorKind::failed);
}

TEST_CASE("files are found by a pattern, sorted") {
    const TempDirectory directory;
    for (const auto* name : {"mail.log.1", "mail.log", "other"})
        write(directory / name, "");
    CHECK(files_matching(directory / "mail.log*") == std::vector{directory / "mail.log", directory / "mail.log.1"});
    CHECK(files_matching(directory / "none*").empty());
}

TEST_CASE("a program's output is read while it runs, and its failure is an error with its words") {
    auto output = read_output_of({"printf", "one\ntwo\n"});
    REQUIRE(output);
    CHECK(all_of(**output).value() == "one\ntwo\n");
    CHECK(all_of(**output).value() == "");
    auto failing = read_output_of({"sh", "-c", "echo it; echo no >&2; exit 3"});
    REQUIRE(failing);
    const auto read = all_of(**failing);
    REQUIRE_FALSE(read);
    CHECK(read.error().what == "'sh' ended with status 3: no");
    CHECK(read_output_of({"/no/such/program"}).error().kind == ErrorKind::missing);
    CHECK(read_output_of({"sleep", "100"})); // given up: it is stopped
}
