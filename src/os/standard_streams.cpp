// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/standard_streams.hpp"

#include "mailctl/base/bounds.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace mailctl {

// One call where they are all open, which is always.
void claim_standard_descriptors() {
    std::array<pollfd, 3> standard{pollfd{0, 0, 0}, pollfd{1, 0, 0}, pollfd{2, 0, 0}};
    if (::poll(standard.data(), standard.size(), 0) == 0) return;
    for (const auto& one : standard)
        if ((one.revents & POLLNVAL) != 0) // the lowest free number, which is this one
            (void)::open("/dev/null", one.fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void complain(std::string_view line) {
    const auto text = std::string(line) + '\n';
    for (std::string_view rest(text); !rest.empty();) {
        pollfd room{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
        if (::poll(&room, 1, static_cast<int>(bounds::complaint.count())) < 1) return;
        const auto written = ::write(STDERR_FILENO, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
        if (written <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace mailctl
