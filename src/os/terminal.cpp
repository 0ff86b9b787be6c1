// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/terminal.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace mailctl {

namespace {

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value && *value != '\0';
}

volatile std::sig_atomic_t signal_seen = 0;
void note_signal(int signal) { signal_seen = signal; }

// While it lives the terminal shows nothing that is typed, and the signals that would end or stop us only end the read,
// so that the echo is back before they do their work.
class SilentTerminal {
  public:
    SilentTerminal() {
        signal_seen = 0;
        struct sigaction action {};
        action.sa_handler = note_signal;
        sigset_t ours;
        ::sigemptyset(&ours);
        for (const int signal : signals)
            ::sigaddset(&ours, signal);
        // They come only while ppoll(2) waits: one that came a moment earlier would be noted, and the wait begun all
        // the same.
        ::pthread_sigmask(SIG_BLOCK, &ours, &old_mask_);
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &action, &old_actions_[i]);
        silent_ = ::tcgetattr(STDIN_FILENO, &old_) == 0;
        termios quiet = old_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        quiet.c_lflag |= ECHONL | ICANON;
        silent_ = silent_ && ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~SilentTerminal() {
        if (silent_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &old_);
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &old_actions_[i], nullptr);
        ::pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    [[nodiscard]] bool silent() const { return silent_; }
    [[nodiscard]] const sigset_t& mask_while_waiting() const { return old_mask_; }

  private:
    static constexpr std::array<int, 5> signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    std::array<struct sigaction, signals.size()> old_actions_{};
    sigset_t old_mask_{};
    termios old_{};
    bool silent_ = false;
};

detail::Unexpected interrupted() { return fail(ErrorKind::interrupted, "interrupted"); }

// One line of standard input without its end. Byte by byte: what follows belongs to somebody else.
Result<std::string> read_line(const sigset_t* mask_while_waiting) {
    std::string line;
    for (;;) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const int ready = ::ppoll(&input, 1, nullptr, mask_while_waiting);
        if (ready < 0 && errno == EINTR && signal_seen == 0) continue;
        char byte = 0;
        if (ready < 0 || ::read(STDIN_FILENO, &byte, 1) <= 0) return interrupted();
        if (byte == '\n') return line;
        line += byte;
    }
}

Result<std::string> ask(std::string_view prompt, const sigset_t* mask_while_waiting = nullptr) {
    TRY(write_all(STDERR_FILENO, prompt, "standard error"));
    return read_line(mask_while_waiting);
}

Result<std::string> ask_silently(std::string_view prompt) {
    auto answer = [&]() -> Result<std::string> {
        const SilentTerminal silence;
        if (!silence.silent()) return fail(system_error(errno, "cannot hide what is typed on", "standard input"));
        return ask(prompt, &silence.mask_while_waiting());
    }();
    if (!answer) [[maybe_unused]]
        const auto ignored = write_all(STDERR_FILENO, "\n", "standard error");
    // Now that the terminal is itself again, the signal may do what it does.
    if (signal_seen != 0) ::raise(signal_seen);
    return answer;
}

} // namespace

bool is_terminal(Stream stream) { return ::isatty(static_cast<int>(stream)) == 1; }

unsigned terminal_width(Stream stream) {
    constexpr unsigned usual = 80;
    winsize size{};
    const bool known = ::ioctl(static_cast<int>(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : usual;
}

bool wants_colour(Stream stream) {
    return is_terminal(stream) && !is_set("NO_COLOR") && is_set("TERM") &&
           std::string_view(std::getenv("TERM")) != "dumb";
}

Result<std::string> read_standard_input(std::string_view option, std::string_view hint) {
    if (is_terminal(Stream::input))
        return fail(ErrorKind::usage, fmt::format("{}: standard input is a terminal", option), std::string(hint));
    // Not by std::cin, to which a read that fails, or that a signal ends, is the end of the input.
    std::string text;
    for (std::array<char, 65536> part{};;) {
        const ssize_t got = ::read(STDIN_FILENO, part.data(), part.size());
        if (got == 0) return text;
        if (got < 0 && errno != EINTR) return fail(system_error(errno, "cannot read", "standard input"));
        if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
    }
}

Result<std::string> read_password(std::string_view prompt) {
    if (!is_terminal(Stream::input))
        return fail(ErrorKind::usage, "standard input is no terminal to ask for a password on",
                    "--password-stdin, --password-file, --generate, --hash-stdin or --no-password");
    TRY_ASSIGN(const std::string password, ask_silently(fmt::format("{}: ", prompt)));
    if (password.empty()) return fail(ErrorKind::invalid, "the password is empty");
    TRY_ASSIGN(const std::string again, ask_silently(fmt::format("{} (again): ", prompt)));
    if (password != again) return fail(ErrorKind::invalid, "the two passwords differ");
    return password;
}

namespace {

Result<std::string> ask_for_answer(std::string_view question, std::string_view answers) {
    if (!is_terminal(Stream::input) || !is_terminal(Stream::error))
        return fail(ErrorKind::usage, "there is no terminal to ask for confirmation on", "--yes");
    signal_seen = 0;
    TRY_ASSIGN(const std::string answer, ask(fmt::format("{} [{}] ", question, answers)));
    return fold(trim(answer));
}

} // namespace

Result<bool> confirm(std::string_view question) {
    TRY_ASSIGN(const std::string answer, ask_for_answer(question, "y/N"));
    return answer == "y" || answer == "yes";
}

Result<bool> confirm_unless_no(std::string_view question) {
    TRY_ASSIGN(const std::string answer, ask_for_answer(question, "Y/n"));
    return answer != "n" && answer != "no";
}

} // namespace mailctl
