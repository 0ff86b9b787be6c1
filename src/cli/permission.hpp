// SPDX-License-Identifier: Apache-2.0
// The one door before every command: who runs it (`--as`), what its words name, and whether admin/rights lets it pass.
// Nothing is locked, asked or written before.
#pragma once

#include "invocation.hpp"

namespace mailctl {

// Into `world`: the role that --as names, also as part of the actor. usage, denied as find_role says; denied too where
// the command is for no such role, before the site is looked at.
[[nodiscard]] Status assume_role(World& world, const Command& command, const Arguments& arguments);
// denied: the role may not run this. A listing that names nothing gets the names of what is the role's; a `--root`
// behind --as is refused, because it would lead to another site than the one that gave the role. `words`: as typed.
[[nodiscard]] Status check_permission(Invocation& invocation, std::span<const std::string> words);

// The positional that the word at `index` of `count` belongs to; nullptr: there are too many words.
[[nodiscard]] const Positional* positional_of(const Command& command, std::size_t index, std::size_t count);

} // namespace mailctl
