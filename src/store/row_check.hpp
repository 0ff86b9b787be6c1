// SPDX-License-Identifier: Apache-2.0
// Whether the files of a RowStore may be mapped. LMDB believes what it maps: a file cut off or overwritten ends its
// reader with SIGBUS or SIGSEGV, or answers wrong. So each commit leaves a seal, the stamp of the file it left; where
// that fits nobody else has written, and nothing is read. Where it does not (a copy, a backup put back, a writer killed
// between the two, or damage) the whole file is read, not mapped: every page of both trees in its place and used once,
// every row within its page, and the sum over all rows as the last commit wrote it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailctl {

enum class Soundness { absent, sound, damaged };
// `path` is the directory. Writers may go on meanwhile.
[[nodiscard]] Soundness check_rows(const std::string& path);
// After a commit, and after a check that found all well. Not made durable: a seal that is lost costs one reading.
void seal_rows(const std::string& path);

// The row that holds the sum of all others: it wanders over them in any order.
inline constexpr std::string_view row_sum_key{"\0sum", 4};
[[nodiscard]] std::uint64_t row_sum(std::string_view key, std::string_view value);
[[nodiscard]] std::string format_row_sum(std::uint64_t sum);

} // namespace mailctl
