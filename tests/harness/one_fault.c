// SPDX-License-Identifier: Apache-2.0
// one_fault CALL WHEN error|kill ERRNO PROGRAM [ARGUMENT...]: runs a program in which one system call of its first thread goes
// wrong: the WHENth of the number CALL fails with ERRNO, or the program dies at it by SIGKILL. The call itself is not made.
//
// strace does the same, but stops the program at every call it makes; here a filter in the kernel stops it at CALL alone, which
// takes a quarter of the time. Children inherit the filter, so they are followed; nothing goes wrong in them. Ends as the program
// ends, once all that it started have ended.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_threads = 256 };

static pid_t started[most_threads]; // whose first stop was seen
static size_t started_count;

static void give_up(const char *what) {
    perror(what);
    exit(125);
}

static int is_new(pid_t thread) {
    for (size_t i = 0; i < started_count; ++i)
        if (started[i] == thread) return 0;
    if (started_count < most_threads) started[started_count++] = thread;
    return 1;
}

static void filter_calls(long call) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof *code, code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0) return;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); // only root may filter without it
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) give_up("seccomp");
}

static void become(long call, char **argv) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP); // until the options are set
    filter_calls(call);
    execvp(argv[0], argv);
    give_up(argv[0]);
}

static void fail_call(pid_t thread, int error) {
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, thread, 0, &registers) != 0) return;
    registers.orig_rax = (unsigned long long)-1; // no call at all
    registers.rax = (unsigned long long)-error;
    ptrace(PTRACE_SETREGS, thread, 0, &registers);
}

static int end_as(int status) {
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    return 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
    if (argc < 6) return 125;
    const long call = atol(argv[1]), when = atol(argv[2]);
    const int dies = strcmp(argv[3], "kill") == 0, error = atoi(argv[4]);
    const pid_t program = fork();
    if (program < 0) give_up("fork");
    if (program == 0) become(call, argv + 5);
    int status = 0, end = 0;
    if (waitpid(program, &status, 0) != program || !WIFSTOPPED(status)) give_up("waitpid");
    is_new(program);
    const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SETOPTIONS, program, 0, options) != 0) give_up("ptrace");
    ptrace(PTRACE_CONT, program, 0, 0);
    long made = 0;
    for (pid_t thread; (thread = waitpid(-1, &status, __WALL)) > 0;) {
        if (!WIFSTOPPED(status)) {
            if (thread == program) end = status;
            continue;
        }
        int pass_on = 0;
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
            if (thread == program && ++made == when) dies ? (void)kill(program, SIGKILL) : fail_call(thread, error);
        } else if (status >> 16 == 0 && !(is_new(thread) && WSTOPSIG(status) == SIGSTOP)) {
            pass_on = WSTOPSIG(status);
        }
        ptrace(PTRACE_CONT, thread, 0, pass_on);
    }
    return end_as(end);
}
