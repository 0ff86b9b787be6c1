// SPDX-License-Identifier: Apache-2.0
// Names that exist, for the shell's completion and "did you mean": no lock, no write, one domain file at most.
#pragma once

#include "mailctl/site/world.hpp"

#include <string_view>

namespace mailctl {

// fresh: any name, in the domains there are; deleted: mailboxes that can be restored; attachment: files for replies.
enum class NameKind {
    domain,
    mailbox,
    alias,
    forward,
    robot,
    list,
    banished,
    candidate,
    map,
    setting,
    node,
    fresh,
    deleted,
    attachment
};
// Those that begin with `prefix`, sorted; for addresses before '@' nothing but the domains' own names is offered after
// it. Never an error: a site that cannot be read has no names.
[[nodiscard]] std::vector<std::string> complete_names(const World& world, NameKind kind, std::string_view prefix);
// What a setting of mailctl.toml may be: "agent", "postfix"; empty where that is no matter of a few words.
[[nodiscard]] std::vector<std::string> values_of_setting(const World& world, std::string_view key);

} // namespace mailctl
