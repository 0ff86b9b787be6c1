// SPDX-License-Identifier: Apache-2.0
// The tables of state.db, as SQL in the order it was added. A version is never altered once it has been released: what
// is new is appended, so that any older file is brought up to date by the texts after its own.
#pragma once

#include <span>
#include <string_view>

namespace mailctl {

// Text number n leads from version n to version n + 1 (PRAGMA user_version).
[[nodiscard]] std::span<const std::string_view> state_schema();
// The same for codes.db.
[[nodiscard]] std::span<const std::string_view> codes_schema();

} // namespace mailctl
