// SPDX-License-Identifier: Apache-2.0
// A child by fork: it has the values of the caller at hand, and answers through a pipe in words of counted length. It
// becomes the mail user for good before it does anything. The parent does not trust it: it reads no more than the
// answer may be long, and waits no longer than a process may be idle.
#include "mailctl/maildir/as_mail_user.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <ctime>
#include <exception>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace mailctl {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t longest_answer = std::size_t{1} << 30;
constexpr std::string_view value_mark = "value", error_mark = "error";

void put_word(std::string& into, std::string_view word) {
    const auto size = static_cast<std::uint64_t>(word.size());
    into.append(reinterpret_cast<const char*>(&size), sizeof size); // both ends are the same program
    into.append(word);
}

std::string encode(const Result<Words>& result) {
    std::string bytes;
    if (result) {
        put_word(bytes, value_mark);
        for (const auto& word : *result)
            put_word(bytes, word);
        return bytes;
    }
    const auto& error = result.error();
    for (const auto& word : {std::string(error_mark), std::to_string(static_cast<int>(error.kind)), error.what,
                             error.hint, std::to_string(error.os_error)})
        put_word(bytes, word);
    return bytes;
}

std::optional<Words> decode_words(std::string_view bytes) {
    Words words;
    while (!bytes.empty()) {
        std::uint64_t size = 0;
        if (bytes.size() < sizeof size) return std::nullopt;
        std::memcpy(&size, bytes.data(), sizeof size);
        bytes.remove_prefix(sizeof size);
        if (size > bytes.size()) return std::nullopt;
        words.emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return words;
}

int number_in(const std::string& word) {
    int number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    return number;
}

// nullopt: it is not whole.
std::optional<Result<Words>> decode(std::string_view bytes) {
    auto words = decode_words(bytes);
    if (!words || words->empty()) return std::nullopt;
    if (words->front() == value_mark) {
        words->erase(words->begin());
        return Result<Words>(std::move(*words));
    }
    constexpr int last_kind = static_cast<int>(ErrorKind::interrupted);
    if (words->size() != 5 || words->front() != error_mark) return std::nullopt;
    const int kind = std::clamp(number_in((*words)[1]), 0, last_kind);
    return Result<Words>(fail(Error{static_cast<ErrorKind>(kind), (*words)[2], (*words)[3], number_in((*words)[4])}));
}

// For good: real, effective and saved, and nothing is left to come back with.
Status become(const MailOwner& user, pid_t parent) {
    if (::setgroups(1, &user.group) != 0 || ::setresgid(user.group, user.group, user.group) != 0 ||
        ::setresuid(user.user, user.user, user.user) != 0)
        return fail(system_error(errno, "cannot become the mail user", std::to_string(user.user)));
    if (user.user != 0 && ::setresuid(0, 0, 0) == 0)
        return fail(ErrorKind::denied, "cannot become the mail user: root's rights do not go away");
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // also: nobody but root may trace it
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (::getppid() != parent) ::_exit(1); // it died before we could say that we go with it
    return {};
}

Result<Words> work_as(const MailOwner& user, pid_t parent, const std::function<Result<Words>()>& work) {
    TRY(become(user, parent));
    return work();
}

[[noreturn]] void be_child(const MailOwner& user, pid_t parent, const std::function<Result<Words>()>& work,
                           int answer) {
    Result<Words> result = Words{};
    try {
        result = work_as(user, parent, work);
    } catch (const std::exception& problem) {
        result = fail(ErrorKind::temporary, fmt::format("work on mail stopped: {}", problem.what()));
    }
    ::_exit(write_all(answer, encode(result), "answer") ? 0 : 1); // no destructor of the parent's runs here
}

// Processor time that a child has used, in nanoseconds; it stands still in one that waits for something.
std::int64_t processor_time(pid_t child) {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(child, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
    return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

enum class Ending { said_all, too_long, idle, over_time };

class Listener {
  public:
    Listener(pid_t child, int answer, const WorkLimits& limits) : child_(child), answer_(answer), limits_(limits) {}

    Ending listen(std::string& said) {
        const auto start = Steady::now();
        for (auto last_sign = start; said.size() <= longest_answer;) {
            pollfd event{answer_, POLLIN, 0};
            const int ready = ::poll(&event, 1, pause());
            const auto now = Steady::now();
            if (ready > 0 && !read_some(said)) return Ending::said_all;
            if (ready > 0 || is_at_work()) last_sign = now;
            if (now - last_sign >= limits_.idle) return Ending::idle;
            if (now - start >= limits_.total) return Ending::over_time;
        }
        return Ending::too_long;
    }

  private:
    [[nodiscard]] int pause() const {
        return static_cast<int>(std::clamp<std::int64_t>(std::min(limits_.idle, limits_.total).count() / 4, 1, 1000));
    }
    bool is_at_work() {
        const auto used = processor_time(child_);
        return std::exchange(used_, used) != used;
    }
    bool read_some(std::string& said) const {
        std::array<char, 65536> buffer;
        const auto got = ::read(answer_, buffer.data(), buffer.size());
        if (got > 0) said.append(buffer.data(), static_cast<std::size_t>(got));
        return got > 0 || (got < 0 && errno == EINTR);
    }

    pid_t child_;
    int answer_;
    const WorkLimits& limits_;
    std::int64_t used_ = 0;
};

// Its exit status as waitpid(2) says it; nullopt: it hangs in a system call that does not end, and is left to init.
std::optional<int> bury(pid_t child) {
    ::kill(child, SIGKILL);
    for (int attempt = 0; attempt < 2000; ++attempt) {
        int status = 0;
        const auto ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) return status;
        if (ended < 0 && errno != EINTR) return std::nullopt;
        if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return std::nullopt;
}

Error stopped(Ending ending, const WorkLimits& limits) {
    const auto seconds = [](std::chrono::milliseconds limit) { return static_cast<double>(limit.count()) / 1000; };
    constexpr const char* hint = "see what lies below the mail root, and who holds it up; then repeat the command";
    if (ending == Ending::idle)
        return {ErrorKind::temporary,
                fmt::format("work on mail was stopped: it stood still for {} s", seconds(limits.idle)), hint};
    if (ending == Ending::over_time)
        return {ErrorKind::temporary,
                fmt::format("work on mail was stopped: not done after {} s", seconds(limits.total)), hint};
    return {ErrorKind::temporary, "work on mail was stopped: its answer is too long", hint};
}

// Killed by us is what follows an answer, too; then it says nothing.
Error died(const std::optional<int>& status) {
    const bool by_other = status && WIFSIGNALED(*status) && WTERMSIG(*status) != SIGKILL;
    return {ErrorKind::temporary,
            by_other ? fmt::format("work on mail was ended by signal {}", WTERMSIG(*status))
                     : std::string("work on mail was ended before it was done"),
            "repeat the command"};
}

struct Ends {
    FileDescriptor read, write;
};
Result<Ends> make_answer_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(system_error(errno, "cannot make", "a pipe"));
    return Ends{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// What the mail user may not touch is not his, and that can be mended.
Error with_remedy(Error error, const MailOwner& user) {
    if ((error.os_error == EACCES || error.os_error == EPERM) && error.hint.empty())
        error.hint = fmt::format("mail belongs to user {} alone: find below the mail root what does not, with "
                                 "'find ... ! -user {}', and give it to him",
                                 user.user, user.user);
    return error;
}

} // namespace

Result<Words> as_mail_user(const std::optional<MailOwner>& user, const std::function<Result<Words>()>& work,
                           const WorkLimits& limits) {
    if (!user) return work();
    TRY_ASSIGN(Ends answer, make_answer_pipe());
    const auto parent = ::getpid();
    const auto child = ::fork();
    if (child < 0) return fail(system_error(errno, "cannot start work as", "the mail user"));
    if (child == 0) be_child(*user, parent, work, answer.write.get());
    answer.write = FileDescriptor();
    std::string said;
    const auto ending = Listener(child, answer.read.get(), limits).listen(said);
    const auto status = bury(child);
    if (ending != Ending::said_all) return fail(stopped(ending, limits));
    auto result = decode(said);
    if (!result) return fail(died(status));
    if (!*result) return fail(with_remedy(std::move(*result).error(), *user));
    return std::move(*result);
}

} // namespace mailctl
