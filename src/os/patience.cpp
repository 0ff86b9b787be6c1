// SPDX-License-Identifier: Apache-2.0
// A timer signal whose handler only writes what was composed before, and ends.
#include "mailctl/os/patience.hpp"

#include "mailctl/base/error.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <string_view>
#include <sys/time.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr long patience_seconds = 5;

std::atomic<bool> may_end{false}, is_counting{false};
std::array<char, 2048> last_words{};
std::atomic<std::size_t> last_words_size{0};

void say(std::string_view text) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

extern "C" void end_held_up(int) {
    say({last_words.data(), last_words_size});
    ::_exit(exit_code(ErrorKind::temporary));
}

extern "C" void end_cut_off(int) {
    say("mailctl: a file was cut off while it was read\n"
        "hint: try again; if that does not help 'mailctl apply' makes the compiled directory and the state anew\n");
    ::_exit(exit_code(ErrorKind::temporary));
}

void catch_signal(int number, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
}

void set_timer(long seconds) {
    const itimerval timer{{0, 0}, {seconds, 0}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
}

} // namespace

void end_process_when_held_up() {
    catch_signal(SIGALRM, end_held_up);
    catch_signal(SIGBUS, end_cut_off);
    may_end = true;
}

Patience::Patience(const std::string& what, const std::string& hint) {
    if (!may_end || is_counting.exchange(true)) return;
    counts_ = true;
    const auto words = "mailctl: " + what + "\nhint: " + hint + "\n";
    last_words_size = std::min(words.size(), last_words.size());
    std::copy_n(words.begin(), last_words_size.load(), last_words.begin());
    set_timer(patience_seconds);
}

Patience::~Patience() {
    if (!counts_) return;
    set_timer(0);
    is_counting = false;
}

} // namespace mailctl
