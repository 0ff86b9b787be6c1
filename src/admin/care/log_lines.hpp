// SPDX-License-Identifier: Apache-2.0
// A log divided into lines, whoever wrote it: some lie where the mail user writes, and a small compressed file unpacks
// to whatever he likes.
#pragma once

#include "mailctl/os/byte_source.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace mailctl {

constexpr std::size_t longest_line = std::size_t{1} << 20; // longer ones are passed over
constexpr std::uint64_t longest_barren = std::uint64_t{64} << 20;

// How long a log has gone on without the end of a line.
class BarrenStretch {
  public:
    // failed: too long, this is no log.
    Status pass(std::string_view piece, std::string_view path);

  private:
    std::uint64_t length_ = 0;
};

// Calls `use` for each line that has an end. `path` is for errors.
Status for_each_whole_line(ByteSource& bytes, std::string_view path, const std::function<void(std::string_view)>& use);

} // namespace mailctl
