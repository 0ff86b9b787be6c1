// Asked for each new name of a change, through one connection.
#include "mailctl/admin/name_guard.hpp"

#include "mailctl/admin/site_state.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

namespace mailctl {

NameGuard::NameGuard(const SiteView& view) : path_(view.paths().state), state_(state_to_read(view)) {}

Result<std::optional<Tombstone>> NameGuard::find(const Address& address) {
    TRY_ASSIGN(const auto exists, find_stamp(path_));
    if (!exists) return std::nullopt;
    return find_tombstone(state_, address);
}

Status NameGuard::refuse_deleted(const Address& address) {
    TRY_ASSIGN(const auto tombstone, find(address));
    if (!tombstone) return {};
    return fail(ErrorKind::conflict,
                fmt::format("mailbox '{}' was deleted on {} (change {})", address.display(),
                            format_rfc3339(tombstone->deleted), tombstone->change),
                fmt::format("'mailctl mailbox restore {}' brings it back; --reuse gives the name to somebody else, "
                            "who sees none of its mail",
                            address.text()));
}

} // namespace mailctl
