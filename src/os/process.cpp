// SPDX-License-Identifier: Apache-2.0
// posix_spawn with pipes for what the program says, an unnamed file for what it is told (a file never blocks and never
// raises SIGPIPE), and a pidfd, so that one poll waits for output, end and timeout together.
#include "mailctl/os/process.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mailctl {

namespace {

using Deadline = std::chrono::steady_clock::time_point;

// The descriptors of the new program: 0, 1, 2 as given, nothing else; signals as a program expects to find them.
class SpawnSetup {
  public:
    SpawnSetup() {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
    }
    ~SpawnSetup() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;

    void connect(int fd, int as) { ::posix_spawn_file_actions_adddup2(&actions_, fd, as); }
    void work_in(int directory) { ::posix_spawn_file_actions_addfchdir_np(&actions_, directory); }
    // errno value, 0 = spawned
    int spawn(pid_t& pid, const std::vector<std::string>& argv, const std::vector<std::string>& environment,
              short flags) {
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
        ::posix_spawnattr_setflags(&attributes_,
                                   static_cast<short>(flags | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
        auto arguments = pointers(argv);
        auto variables = pointers(environment);
        return ::posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments.data(),
                              environment.empty() ? environ : variables.data());
    }

  private:
    static std::vector<char*> pointers(const std::vector<std::string>& strings) {
        std::vector<char*> result;
        for (const std::string& string : strings)
            result.push_back(const_cast<char*>(string.c_str()));
        result.push_back(nullptr);
        return result;
    }
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

struct Pipe {
    FileDescriptor read, write;
};

Error cannot_prepare(const std::string& program) { return system_error(errno, "cannot prepare to run", program); }

// Descriptors of our own must not be 0, 1 or 2, where dup2 would step on them.
Result<FileDescriptor> above_standard(FileDescriptor fd, const std::string& program) {
    if (fd.get() > STDERR_FILENO) return fd;
    FileDescriptor high(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!high) return fail(cannot_prepare(program));
    return high;
}

Result<Pipe> make_pipe(const std::string& program) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(cannot_prepare(program));
    FileDescriptor read_end(ends[0]), write_end(ends[1]);
    ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
    Pipe pipe;
    TRY_ASSIGN(pipe.read, above_standard(std::move(read_end), program));
    TRY_ASSIGN(pipe.write, above_standard(std::move(write_end), program));
    return pipe;
}

Result<FileDescriptor> make_input(const ProcessOptions& options, const std::string& program) {
    const bool given = options.input_fd >= 0;
    FileDescriptor fd(given ? ::fcntl(options.input_fd, F_DUPFD_CLOEXEC, 0) : ::memfd_create("input", MFD_CLOEXEC));
    if (!fd) return fail(cannot_prepare(program));
    if (!given) {
        TRY(write_all(fd.get(), options.input, program));
        if (::lseek(fd.get(), 0, SEEK_SET) != 0) return fail(cannot_prepare(program));
    }
    return above_standard(std::move(fd), program);
}

// By number: glibc 2.36 declares pidfd_open for C only.
FileDescriptor open_pidfd(pid_t pid) { return FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

int status_of(int wait_status) {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int wait_for(pid_t pid) {
    int wait_status = 0;
    while (::waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
    }
    return status_of(wait_status);
}

// Appends what there is to read; closes `from` at its end.
void drain(FileDescriptor& from, std::string& into, std::size_t limit, bool& truncated) {
    std::array<char, 16384> buffer;
    for (;;) {
        const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            from = FileDescriptor();
            return;
        }
        const std::size_t wanted = std::min(static_cast<std::size_t>(got), limit - into.size());
        into.append(buffer.data(), wanted);
        truncated = truncated || wanted < static_cast<std::size_t>(got);
    }
}

int milliseconds_until(Deadline deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 0, 1'000'000'000));
}

struct Child {
    FileDescriptor ended; // pidfd
    FileDescriptor output, error_output;
};

// Until the program itself has ended: a grandchild that keeps our pipes open (a daemon it started) is not waited for.
// False: the deadline came first.
bool listen_until_end(Child& child, Deadline deadline, std::size_t limit, ProcessResult& result) {
    for (;;) {
        std::array<pollfd, 3> events{pollfd{child.ended.get(), POLLIN, 0}, pollfd{child.output.get(), POLLIN, 0},
                                     pollfd{child.error_output.get(), POLLIN, 0}};
        const int ready = ::poll(events.data(), events.size(), milliseconds_until(deadline));
        if (ready < 0) continue; // EINTR
        if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return false;
        if (child.output) drain(child.output, result.output, limit, result.truncated);
        if (child.error_output) drain(child.error_output, result.error_output, limit, result.truncated);
        if (events[0].revents != 0) return true;
    }
}

Status check_argv(const std::vector<std::string>& argv) {
    if (argv.empty() || argv[0].empty()) return fail(ErrorKind::invalid, "cannot run a program without a name");
    for (const std::string& argument : argv)
        if (argument.find('\0') != std::string::npos)
            return fail(ErrorKind::invalid, fmt::format("cannot run '{}': an argument holds a NUL byte", argv[0]));
    return {};
}

class ProgramBytes : public ByteSource {
  public:
    ProgramBytes(pid_t pid, std::string program, FileDescriptor output, FileDescriptor errors)
        : pid_(pid), program_(program), errors_(std::move(errors)), output_(plain_bytes(std::move(output), program)) {}
    ~ProgramBytes() override {
        if (pid_ <= 0) return;
        ::kill(-pid_, SIGKILL);
        wait_for(pid_);
    }
    Result<std::size_t> read(std::span<char> into) override {
        if (pid_ <= 0) return std::size_t{0};
        TRY_ASSIGN(const std::size_t got, output_->read(into));
        if (got > 0) return got;
        const int status = wait_for(std::exchange(pid_, 0));
        if (status == 0) return std::size_t{0};
        return fail(ErrorKind::failed, fmt::format("'{}' ended with status {}{}", program_, status, its_words()));
    }

  private:
    std::string its_words() const {
        std::array<char, 300> words{};
        const ssize_t got = ::pread(errors_.get(), words.data(), words.size(), 0);
        const std::string_view text(words.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        const auto line = trim(text.substr(0, text.find('\n')));
        return line.empty() ? std::string() : fmt::format(": {}", printable(line));
    }
    pid_t pid_;
    std::string program_;
    FileDescriptor errors_;
    std::unique_ptr<ByteSource> output_;
};

} // namespace

Result<std::unique_ptr<ByteSource>> read_output_of(const std::vector<std::string>& argv) {
    TRY(check_argv(argv));
    TRY_ASSIGN(const FileDescriptor input, make_input({}, argv[0]));
    TRY_ASSIGN(FileDescriptor errors, make_input({}, argv[0]));
    TRY_ASSIGN(Pipe output, make_pipe(argv[0]));
    ::fcntl(output.read.get(), F_SETFL, 0); // reading waits
    SpawnSetup setup;
    setup.connect(input.get(), STDIN_FILENO);
    setup.connect(output.write.get(), STDOUT_FILENO);
    setup.connect(errors.get(), STDERR_FILENO);
    pid_t pid = 0;
    if (const int error = setup.spawn(pid, argv, {}, POSIX_SPAWN_SETPGROUP); error != 0)
        return fail(system_error(error, "cannot run", argv[0]));
    return std::make_unique<ProgramBytes>(pid, argv[0], std::move(output.read), std::move(errors));
}

Result<ProcessResult> run(const std::vector<std::string>& argv, const ProcessOptions& options) {
    TRY(check_argv(argv));
    TRY_ASSIGN(const FileDescriptor input, make_input(options, argv[0]));
    TRY_ASSIGN(Pipe output, make_pipe(argv[0]));
    TRY_ASSIGN(Pipe error_output, make_pipe(argv[0]));
    SpawnSetup setup;
    setup.connect(input.get(), STDIN_FILENO);
    setup.connect(options.output_fd >= 0 ? options.output_fd : output.write.get(), STDOUT_FILENO);
    setup.connect(error_output.write.get(), STDERR_FILENO);
    if (options.directory_fd >= 0) setup.work_in(options.directory_fd);
    pid_t pid = 0;
    const Deadline deadline = std::chrono::steady_clock::now() + options.timeout;
    // A process group of its own, so that a timeout reaches what the program started as well.
    if (const int error = setup.spawn(pid, argv, options.environment, POSIX_SPAWN_SETPGROUP); error != 0)
        return fail(system_error(error, "cannot run", argv[0]));
    output.write = FileDescriptor();
    error_output.write = FileDescriptor();
    Child child{open_pidfd(pid), std::move(output.read), std::move(error_output.read)};
    const int watch_error = child.ended ? 0 : errno;
    ProcessResult result;
    const bool ended = child.ended && listen_until_end(child, deadline, options.output_limit, result);
    if (!ended) ::kill(-pid, SIGKILL);
    result.status = wait_for(pid);
    if (watch_error != 0) return fail(system_error(watch_error, "cannot wait for", argv[0]));
    if (!ended)
        return fail(Error{ErrorKind::temporary,
                          fmt::format("'{}' was stopped: not done after {} ms", argv[0], options.timeout.count()),
                          {},
                          ETIMEDOUT});
    return result;
}

Result<int> run_on_terminal(const std::vector<std::string>& argv) {
    TRY(check_argv(argv));
    struct sigaction ignore {
    }, old_interrupt{}, old_quit{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &ignore, &old_interrupt);
    ::sigaction(SIGQUIT, &ignore, &old_quit);
    SpawnSetup setup;
    pid_t pid = 0;
    const int error = setup.spawn(pid, argv, {}, 0);
    const int status = error == 0 ? wait_for(pid) : 0;
    ::sigaction(SIGINT, &old_interrupt, nullptr);
    ::sigaction(SIGQUIT, &old_quit, nullptr);
    if (error != 0) return fail(system_error(error, "cannot run", argv[0]));
    return status;
}

std::optional<std::string> find_sibling_program(std::string_view name) {
    std::array<char, PATH_MAX> self{};
    const auto length = ::readlink("/proc/self/exe", self.data(), self.size());
    if (length <= 0 || static_cast<std::size_t>(length) == self.size()) return std::nullopt;
    const std::string_view path(self.data(), static_cast<std::size_t>(length));
    std::string sibling = fmt::format("{}{}", path.substr(0, path.rfind('/') + 1), name);
    if (::access(sibling.c_str(), X_OK) != 0) return std::nullopt;
    return sibling;
}

} // namespace mailctl
