// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/maps/dovecot_version.hpp"

#include "mailctl/os/process.hpp"

namespace mailctl {

std::string_view dovecot_number(DovecotVersion version) { return version == DovecotVersion::v23 ? "2.3" : "2.4"; }

std::optional<DovecotVersion> find_dovecot() {
    const auto said = run({"dovecot", "--version"});
    if (!said || said->status != 0) return std::nullopt;
    for (const auto version : {DovecotVersion::v23, DovecotVersion::v24})
        if (said->output.starts_with(std::string(dovecot_number(version)) + '.')) return version;
    return std::nullopt;
}

} // namespace mailctl
