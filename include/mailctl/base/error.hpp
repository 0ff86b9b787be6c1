// SPDX-License-Identifier: Apache-2.0
// Error: the one failure type of mailctl. A kind that a caller can act on, one sentence for people, and a remedy.
// An Error says "we could not find the answer"; a refusal that was computed (unknown user, banished) is a value, never
// an Error. That difference is what keeps a broken disk from bouncing mail.
#pragma once

#include <string>
#include <string_view>

namespace mailctl {

enum class ErrorKind {
    usage,       // the command line is wrong
    invalid,     // configuration or data does not parse or validate
    missing,     // a named thing does not exist
    conflict,    // a name is taken, a file changed under us, a limit forbids it
    denied,      // the caller may not do this
    temporary,   // try again later: a lock not obtained, a full disk, an unreachable server
    failed,      // an operation failed and retrying will not help by itself
    found,       // a check found something
    partial,     // some rows of a bulk operation failed
    interrupted, // a signal asked us to stop
};

struct Error {
    ErrorKind kind = ErrorKind::failed;
    std::string what; // lower case, no full stop, names the thing in single quotes, cause last after a colon
    std::string hint; // a command or file the reader can use; may be empty
    int os_error = 0; // errno of the system call that failed; 0 = no system call

    // The same error with what the caller was doing put in front: "cannot deliver to 'a@b': <what>".
    [[nodiscard]] Error while_doing(std::string_view activity) const;
};

// Exit status of `mailctl` for a failure of this kind (specification 5, "Exit codes"). One table serves all commands.
[[nodiscard]] int exit_code(ErrorKind kind);
// Name of the kind in --json errors: "usage", "invalid", ...
[[nodiscard]] std::string_view kind_name(ErrorKind kind);
// The Error of a failed system call: "<activity> '<path>': No space left on device". ENOSPC, EDQUOT, EAGAIN, EIO,
// ESTALE, ENOMEM, EMFILE, ENFILE and EROFS are temporary, ENOENT is missing, EACCES and EPERM are denied, all else
// failed.
[[nodiscard]] Error system_error(int errno_value, std::string_view activity, std::string_view path);

} // namespace mailctl
