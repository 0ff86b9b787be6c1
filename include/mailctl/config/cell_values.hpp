// SPDX-License-Identifier: Apache-2.0
// How single values stand in a cell, both ways: words for yes and no, lists, dates, addresses. Each reader leaves `out`
// alone and objects where the cell is no such value.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/config/names.hpp"
#include "mailctl/config/word_context.hpp"
#include "mailctl/model/domain.hpp"

#include <span>

namespace mailctl {

using CellObjection = std::optional<Objection>;

[[nodiscard]] CellObjection read_flag(std::string_view cell, bool& out);         // true, yes, on, 1; false, no, off, 0
[[nodiscard]] CellObjection read_line(std::string_view cell, std::string& out);  // no control characters
[[nodiscard]] CellObjection read_block(std::string_view cell, std::string& out); // any text but NUL
[[nodiscard]] CellObjection read_size(std::string_view cell, ByteCount& out);
[[nodiscard]] CellObjection read_interval(std::string_view cell, Age& out); // of replies: 1h to 365d
[[nodiscard]] CellObjection read_date(std::string_view cell, std::optional<Date>& out);
[[nodiscard]] CellObjection read_target(std::string_view cell, const WordContext& context, Address& out);
[[nodiscard]] CellObjection read_targets(std::string_view cell, const WordContext& context, std::vector<Address>& out);
[[nodiscard]] CellObjection read_names(std::string_view cell, const WordContext& context,
                                       std::vector<std::string>& out); // local parts of the own domain
[[nodiscard]] CellObjection read_files(std::string_view cell, std::vector<std::string>& out);
[[nodiscard]] CellObjection read_receive(std::string_view cell, SuspendedReceive& out);
[[nodiscard]] CellObjection read_posters(std::string_view cell, const WordContext& context, Posters& out);

// Lists in one cell: elements separated by blanks, commas or semicolons; one that holds such a character or a quote
// stands in double quotes, with \" and \\ inside.
[[nodiscard]] std::vector<std::string_view> cell_elements(std::string_view cell);
[[nodiscard]] std::string unquoted_element(std::string_view element);

[[nodiscard]] std::string flag_cell(bool value);
[[nodiscard]] std::string_view receive_cell(SuspendedReceive receive);
[[nodiscard]] std::string targets_cell(std::span<const Address> targets);
[[nodiscard]] std::string posters_cell(const Posters& post);
[[nodiscard]] std::string list_cell(std::span<const std::string> elements);

} // namespace mailctl
