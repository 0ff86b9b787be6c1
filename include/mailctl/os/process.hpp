// SPDX-License-Identifier: Apache-2.0
// Runs another program: explicit arguments, never a shell, no descriptor and no blocked signal inherited. Used for
// postmap, sendmail and $EDITOR. A program that ran and failed is a value; an Error means it could not be run or did
// not end.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/os/byte_source.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mailctl {

struct ProcessOptions {
    std::string input;     // its standard input ...
    int input_fd = -1;     // ... or this descriptor, from its current offset (wins over `input`)
    int output_fd = -1;    // its standard output, in place of ProcessResult::output
    int directory_fd = -1; // its working directory, in place of ours
    std::chrono::milliseconds timeout{60'000};
    std::size_t output_limit = 1 << 20;   // bytes kept of each stream; what follows is read and dropped
    std::vector<std::string> environment; // "NAME=value", in place of ours where not empty
};

struct ProcessResult {
    int status = 0; // exit status; 128 + signal when killed
    std::string output, error_output;
    bool truncated = false; // some output was dropped
};

// argv[0] is a path, or a name looked up in PATH. missing/denied: no such program; temporary: no process or memory to
// be had, or not done within the timeout (ETIMEDOUT; it and its children are killed then).
[[nodiscard]] Result<ProcessResult> run(const std::vector<std::string>& argv, const ProcessOptions& options = {});
// What a program prints, read while it runs; its own messages are part of the error if it fails. Reading to the end is
// waiting for it: failed, if its status is not 0. Given up before, it is stopped. missing/denied as run().
[[nodiscard]] Result<std::unique_ptr<ByteSource>> read_output_of(const std::vector<std::string>& argv);
// With our terminal, no timeout, for $EDITOR. The exit status as in ProcessResult. While it runs, Ctrl-C is the
// program's.
[[nodiscard]] Result<int> run_on_terminal(const std::vector<std::string>& argv);

// The program `name` beside the running one, if there is one: they are installed, and built, together.
[[nodiscard]] std::optional<std::string> find_sibling_program(std::string_view name);

} // namespace mailctl
