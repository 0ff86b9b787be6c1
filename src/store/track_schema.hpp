// SPDX-License-Identifier: Apache-2.0
// The tables of track.db, as SQL. Another version is not upgraded: the database is made again from the logs.
#pragma once

#include <string_view>

namespace mailctl {

inline constexpr int track_version = 1; // PRAGMA user_version
[[nodiscard]] std::string_view track_schema();
[[nodiscard]] std::string_view track_early_indexes(); // made with the tables
[[nodiscard]] std::string_view track_id_indexes();
[[nodiscard]] std::string_view track_indexes(); // those that an update does without

} // namespace mailctl
