// SPDX-License-Identifier: Apache-2.0
// The line that mbox files put before a message, "From SENDER DATE", and its form ">From " of a file that was escaped.
// Some programs hand it over with the message. Left there it would stand between our header and the message's own, and
// the next mail system would take all behind it for the body.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mailctl {

// Length of such a line at the beginning, with its line end. 0: there is none, or what follows is no header, so that it
// may be the first line of a text.
[[nodiscard]] std::size_t mbox_line_length(std::string_view message);

// Passes a message on, in whatever pieces it comes, without that line. Keeps no more of it than the two lines it looks
// at, at most 16 KiB.
class MboxLineRemover {
  public:
    using Sink = std::function<void(std::string_view)>;
    explicit MboxLineRemover(Sink sink) : sink_(std::move(sink)) {}
    void add(std::string_view piece);
    void end(); // the message is whole

  private:
    void pass_on(std::size_t from);

    Sink sink_;
    std::string beginning_; // until it is decided what it is
    bool decided_ = false;
};

} // namespace mailctl
