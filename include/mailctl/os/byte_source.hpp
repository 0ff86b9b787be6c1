// SPDX-License-Identifier: Apache-2.0
// The bytes of a log from its first to its last, whether it lies there as it was written or compressed by what rotated
// it (gzip, xz, zstd): told by its first bytes, not by its name. One file per library knows how.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/os/files.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace mailctl {

class ByteSource {
  public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;
    // Fills `into` as far as there is something; 0 = the end. failed: damaged, or cut off in the middle.
    virtual Result<std::size_t> read(std::span<char> into) = 0;
    // Drops so many bytes. False: there are fewer.
    virtual Result<bool> skip(std::uint64_t count);
};

struct OpenLog {
    std::unique_ptr<ByteSource> bytes;
    bool is_compressed = false; // then whoever wrote it has finished
    std::uint64_t device = 0;
    FileStamp stamp;
};
// missing: no such file. failed: it is no regular file.
[[nodiscard]] Result<OpenLog> open_log(const std::string& path);

// The files that a shell's pattern names, sorted by name; none is fine.
[[nodiscard]] std::vector<std::string> files_matching(const std::string& pattern);

// The readers behind open_log; `path` is for their errors.
[[nodiscard]] std::unique_ptr<ByteSource> plain_bytes(FileDescriptor file, std::string path);
[[nodiscard]] std::unique_ptr<ByteSource> gzip_bytes(std::unique_ptr<ByteSource> packed, std::string path);
[[nodiscard]] std::unique_ptr<ByteSource> xz_bytes(std::unique_ptr<ByteSource> packed, std::string path);
[[nodiscard]] std::unique_ptr<ByteSource> zstd_bytes(std::unique_ptr<ByteSource> packed, std::string path);

} // namespace mailctl
