// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/maps/dovecot_version.hpp"

#include "mailctl/os/process.hpp"

namespace mailctl {

std::string_view dovecot_number(DovecotVersion version) { return version == DovecotVersion::v23 ? "2.3" : "2.4"; }

Result<std::optional<DovecotVersion>> find_dovecot() {
    std::optional<DovecotVersion> found;
    auto said = run({"dovecot", "--version"});
    if (!said) {
        const auto kind = said.error().kind;
        if (kind == ErrorKind::missing || kind == ErrorKind::denied) return found;
        return fail(said.error().while_doing("cannot ask Dovecot for its version"));
    }
    if (said->status != 0) return found;
    for (const auto version : {DovecotVersion::v23, DovecotVersion::v24})
        if (said->output.starts_with(std::string(dovecot_number(version)) + '.')) found = version;
    return found;
}

Result<std::optional<DovecotVersion>> find_dovecot_for(const Site::Maps& maps) {
    if (maps.dovecot == DovecotVersion::installed) return find_dovecot();
    return std::optional(maps.dovecot);
}

} // namespace mailctl
