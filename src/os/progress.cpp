// SPDX-License-Identifier: Apache-2.0
// One line, written over itself.
#include "mailctl/os/progress.hpp"

#include "mailctl/os/terminal.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace mailctl {

namespace {

constexpr std::chrono::milliseconds first_shown{500}, interval{100};
std::atomic<bool> silent{false};

std::string grouped(std::size_t number) {
    auto text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3)
        text.insert(at - 3, 1, ',');
    return text;
}

bool is_dumb_terminal() {
    const char* term = std::getenv("TERM");
    return term == nullptr || std::string_view(term) == "dumb";
}

void write_line(const std::string& text) { [[maybe_unused]] const auto written = ::write(2, text.data(), text.size()); }

} // namespace

std::string progress_text(std::string_view what, std::size_t done, std::size_t total,
                          std::chrono::milliseconds elapsed) {
    std::string text = fmt::format("{} {}", what, grouped(done));
    if (total != 0) text += fmt::format(" of {}", grouped(total));
    const auto milliseconds = static_cast<std::size_t>(elapsed.count());
    if (milliseconds == 0 || done == 0) return text;
    text += fmt::format(", {}/s", grouped(done * 1000 / milliseconds));
    if (total > done) text += fmt::format(", {} s left", grouped(((total - done) * milliseconds / done + 999) / 1000));
    return text;
}

Progress::Progress(std::string what, std::size_t total)
    : what_(std::move(what)), total_(total), start_(std::chrono::steady_clock::now()), shown_(start_),
      on_(!silent && is_terminal(Stream::error) && !is_dumb_terminal()) {}

Progress::~Progress() {
    if (visible_) write_line("\r\x1b[K");
}

void Progress::step(std::size_t count) {
    constexpr std::size_t steps_between_looks = 16;
    done_ += count;
    if (!on_ || done_ - looked_ < steps_between_looks) return;
    looked_ = done_;
    show();
}

void Progress::show() {
    const auto now = std::chrono::steady_clock::now();
    if (now - start_ < first_shown || now - shown_ < interval) return;
    shown_ = now;
    visible_ = true;
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_);
    write_line("\r" + progress_text(what_, done_, total_, elapsed) + "\x1b[K");
}

void Progress::silence() { silent = true; }

} // namespace mailctl
