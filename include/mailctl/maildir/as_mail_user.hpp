// SPDX-License-Identifier: Apache-2.0
// The trust boundary, and the one way across it.
//
// Configuration, history, compiled directory and maps belong to the administrator (root): what they say is believed.
// The mail root and state.db belong to the mail user, who may be hostile: he runs the agent and the IMAP server, and
// whoever has taken over one of them is he. He can write any row and put anything below the mail root, links, FIFOs
// and directories where files belong, and exchange it at any instant. Everything found there is hostile text:
//
//  - A row of state.db becomes types before it is used (store/row_values). One that does not is skipped and named; it
//    is never used and never ends a command.
//  - Nothing below the mail root is reached by a path made from text: by `beneath` alone, from the open mail root, by
//    descriptor, without following links, without waiting for whoever holds the other end of a FIFO; files only are
//    opened as files, and a file that is to be changed has one name.
//  - Work on mail (made, moved, archived, restored, removed, counted) is done by a child process that has become the
//    mail user, whoever calls. What it is tricked into it can do to what is his own already; its answer is a value.
//  - So nothing below the mail root is given away or has its mode changed by root, but the root itself by `init`, by
//    descriptor. The agent is the mail user all the time, and forks for nothing of this.
//  - Whatever he can hold up ends: a child that does nothing is killed, a database that answers nothing is given up.
//
// The child keeps root's memory until it ends: it lets nobody look (no dump, no ptrace) and runs no code but ours and
// tar(1), which gets none of it. tests/hostile holds all this against every command.
#pragma once

#include "mailctl/maildir/maildir.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace mailctl {

using Words = std::vector<std::string>; // a value on its way from one process to another

struct WorkLimits {
    std::chrono::milliseconds idle{std::chrono::minutes{2}}; // without using the processor or saying a word
    std::chrono::milliseconds total{std::chrono::hours{24}};
};

// What `work` returns in a child that has become `user`, or here where there is nobody to become (nullopt). Values that
// it captures are copies there. temporary: no child could be had, it was killed, or it was stopped at a limit; denied:
// this process may not become the user. The child ends with its parent.
[[nodiscard]] Result<Words> as_mail_user(const std::optional<MailOwner>& user,
                                         const std::function<Result<Words>()>& work, const WorkLimits& limits = {});

} // namespace mailctl
