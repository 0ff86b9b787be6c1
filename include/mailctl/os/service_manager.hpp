// SPDX-License-Identifier: Apache-2.0
// Talking to the service manager that started us, in its documented environment protocol: sockets handed over
// (sd_listen_fds(3)) and our state (sd_notify(3)). Does nothing when there is none.
#pragma once

#include "mailctl/os/files.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct PassedSocket {
    FileDescriptor socket;
    std::string name; // FileDescriptorName= of its unit; "" = the manager gave none
};
// Listening sockets that were passed to this process; their variables are removed from the environment. Once only.
[[nodiscard]] std::vector<PassedSocket> take_passed_sockets();
// "READY=1", "STOPPING=1". A lost message is not worth an error.
void notify_service_manager(std::string_view state);
// "RELOADING=1" with the clock reading that Type=notify-reload wants; followed by READY=1 when done.
void notify_reloading();

} // namespace mailctl
