// SPDX-License-Identifier: Apache-2.0
// Magic numbers: gzip RFC 1952 2.3.1, xz file format 2.1.1.1, zstd RFC 8878 3.1.1.
#include "mailctl/os/byte_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

class PlainBytes : public ByteSource {
  public:
    PlainBytes(FileDescriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
    Result<std::size_t> read(std::span<char> into) override {
        std::size_t filled = 0;
        while (filled < into.size()) {
            const ssize_t got = ::read(file_.get(), into.data() + filled, into.size() - filled);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return fail(system_error(errno, "cannot read", path_));
            if (got == 0) break;
            filled += static_cast<std::size_t>(got);
        }
        return filled;
    }
    Result<bool> skip(std::uint64_t count) override {
        struct stat status {};
        const off_t at = ::lseek(file_.get(), 0, SEEK_CUR);
        if (at < 0 || ::fstat(file_.get(), &status) != 0) return ByteSource::skip(count); // a pipe
        if (static_cast<std::uint64_t>(status.st_size) < static_cast<std::uint64_t>(at) + count) return false;
        if (::lseek(file_.get(), static_cast<off_t>(count), SEEK_CUR) < 0)
            return fail(system_error(errno, "cannot read", path_));
        return true;
    }

  private:
    FileDescriptor file_;
    std::string path_;
};

constexpr std::int64_t nanoseconds_of(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

using Unpacker = std::unique_ptr<ByteSource> (*)(std::unique_ptr<ByteSource>, std::string);

Unpacker find_unpacker(std::string_view magic) {
    if (magic.starts_with("\x1f\x8b")) return gzip_bytes;
    if (magic.starts_with("\xFD\x37zXZ")) return xz_bytes;
    return magic.starts_with("\x28\xb5\x2f\xfd") ? zstd_bytes : nullptr;
}

} // namespace

Result<bool> ByteSource::skip(std::uint64_t count) {
    std::array<char, 65536> dropped;
    while (count > 0) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, dropped.size()));
        TRY_ASSIGN(const std::size_t got, read(std::span(dropped.data(), wanted)));
        if (got == 0) return false;
        count -= got;
    }
    return true;
}

std::unique_ptr<ByteSource> plain_bytes(FileDescriptor file, std::string path) {
    return std::make_unique<PlainBytes>(std::move(file), std::move(path));
}

std::vector<std::string> files_matching(const std::string& pattern) {
    std::vector<std::string> paths;
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    return paths;
}

Result<OpenLog> open_log(const std::string& path) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) return fail(system_error(errno, "cannot open", path));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return fail(system_error(errno, "cannot examine", path));
    if (!S_ISREG(status.st_mode)) return fail(ErrorKind::failed, fmt::format("'{}' is not a regular file", path));
    std::array<char, 6> magic{};
    const ssize_t got = ::pread(file.get(), magic.data(), magic.size(), 0);
    if (got < 0) return fail(system_error(errno, "cannot read", path));
    OpenLog log;
    log.device = status.st_dev;
    log.stamp = {status.st_ino, static_cast<std::uint64_t>(status.st_size), nanoseconds_of(status.st_mtim),
                 nanoseconds_of(status.st_ctim)};
    log.bytes = plain_bytes(std::move(file), path);
    const auto unpack = find_unpacker({magic.data(), static_cast<std::size_t>(got)});
    log.is_compressed = unpack != nullptr;
    if (unpack) log.bytes = unpack(std::move(log.bytes), path);
    return log;
}

} // namespace mailctl
