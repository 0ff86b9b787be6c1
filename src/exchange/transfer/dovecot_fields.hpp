// SPDX-License-Identifier: Apache-2.0
// The extra fields of Dovecot's passwd-file ("userdb_quota_rule=*:storage=1G nologin"), which docker-mailserver keeps
// too.
#pragma once

#include "account_merger.hpp"

namespace mailctl {

struct DovecotFields {
    AccountMerger::Cells cells = {};
    std::vector<std::string> left_out = {}; // fields and limits without a word here, as sentences
    std::optional<Objection> problem = {};
};
[[nodiscard]] DovecotFields read_dovecot_fields(std::string_view extra);

} // namespace mailctl
