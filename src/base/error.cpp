// SPDX-License-Identifier: Apache-2.0
// The table from kinds to exit codes and names, and the one place where an errno becomes an Error. What is temporary is
// decided here, because a permanent answer to a full disk would bounce mail.
#include "mailctl/base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace mailctl {
namespace {

struct KindRow {
    int exit_code;
    std::string_view name;
};
// In the order of ErrorKind.
constexpr std::array<KindRow, 10> kinds{{
    {2, "usage"},
    {4, "invalid"},
    {3, "missing"},
    {4, "conflict"},
    {13, "denied"},
    {75, "temporary"},
    {1, "failed"},
    {5, "found"},
    {6, "partial"},
    {130, "interrupted"},
}};
static_assert(kinds.size() == static_cast<std::size_t>(ErrorKind::interrupted) + 1);

ErrorKind kind_of_errno(int value) {
    switch (value) {
    case ENOSPC:
    case EDQUOT:
    case EAGAIN:
    case EIO:
    case ESTALE:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EROFS:
        return ErrorKind::temporary;
    case ENOENT:
        return ErrorKind::missing;
    case EACCES:
    case EPERM:
        return ErrorKind::denied;
    default:
        return ErrorKind::failed;
    }
}

} // namespace

Error Error::while_doing(std::string_view activity) const {
    return {kind, fmt::format("{}: {}", activity, what), hint, os_error};
}

int exit_code(ErrorKind kind) { return kinds[static_cast<std::size_t>(kind)].exit_code; }

std::string_view kind_name(ErrorKind kind) { return kinds[static_cast<std::size_t>(kind)].name; }

Error system_error(int errno_value, std::string_view activity, std::string_view path) {
    const auto cause = std::generic_category().message(errno_value);
    return {kind_of_errno(errno_value), fmt::format("{} '{}': {}", activity, path, cause), {}, errno_value};
}

} // namespace mailctl
