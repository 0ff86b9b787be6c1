// SPDX-License-Identifier: Apache-2.0
// mailctl: the administrator's program. Everything but the last net for exceptions lives in the floors below.
#include "mailctl/base/error.hpp"
#include "mailctl/cli/app.hpp"
#include "mailctl/os/patience.hpp"
#include "mailctl/os/standard_streams.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

// Ending at any instant is safe: a change is all or nothing, also when killed.
extern "C" void end_interrupted(int) { ::_exit(mailctl::exit_code(mailctl::ErrorKind::interrupted)); }

// `mailctl ... | head` ends quietly even where our parent ignored SIGPIPE. An ignored SIGINT stays ignored (nohup,
// jobs).
void set_signals() {
    std::signal(SIGPIPE, SIG_DFL);
    mailctl::end_process_when_held_up();
    std::signal(SIGXFSZ, SIG_IGN); // the write fails and says so
    if (std::signal(SIGINT, end_interrupted) == SIG_IGN) std::signal(SIGINT, SIG_IGN);
}

} // namespace

int main(int argc, char** argv) {
    try {
        mailctl::claim_standard_descriptors();
        set_signals();
        const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
        return mailctl::run_mailctl(words, MAILCTL_VERSION);
    } catch (const std::bad_alloc&) {
        std::fputs("mailctl: out of memory\n", stderr);
        return mailctl::exit_code(mailctl::ErrorKind::temporary);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "mailctl: a defect of mailctl itself: %s\n", problem.what());
    } catch (...) {
        std::fputs("mailctl: a defect of mailctl itself\n", stderr);
    }
    return mailctl::exit_code(mailctl::ErrorKind::failed);
}
