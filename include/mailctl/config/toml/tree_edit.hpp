// SPDX-License-Identifier: Apache-2.0
// The same edits on a tree of values instead of a text: what an edit means, to hold against what it did.
#pragma once

#include "mailctl/config/toml/edit.hpp"
#include "mailctl/config/toml/toml.hpp"

#include <span>

namespace mailctl {

// `root` after all edits. A top-level table that a removal emptied is left out where `actual` has none: without a
// header of its own it is gone with its last key, and that means the same.
[[nodiscard]] Node edit_tree(Node root, std::span<const Edit> edits, const Node& actual);

} // namespace mailctl
