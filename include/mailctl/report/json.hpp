// SPDX-License-Identifier: Apache-2.0
// Reports for programs, as JSON (RFC 8259). Keys keep the order of the cells. Bytes that are not UTF-8 become U+FFFD: a
// report never fails because of what it reports.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/report/report.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mailctl {

// An array of one object per row, two spaces of indentation, "schema" and "type" before the cells; "[]" for no rows.
// What is not set is null, also an empty text. Of two cells of one key the last counts, at the place of the first. Ends
// with a line feed.
[[nodiscard]] std::string render_json(const Report& report);

// One object as cells: the way back. Elements of arrays that are neither strings nor in an object are left out.
// invalid: no JSON, or no object; the message has the line and column.
[[nodiscard]] Result<Cells> parse_json_object(std::string_view text);

// One object on one line, without its end, from strings and numbers as they come. The journal has one per recipient of
// every message, and does not pay for a tree of values.
class JsonLine {
  public:
    JsonLine() { text_.reserve(usual_size); }
    // Keys are ours, in snake_case: they need no escapes.
    JsonLine& add(std::string_view key, std::string_view text);
    JsonLine& add(std::string_view key, std::uint64_t number);
    [[nodiscard]] std::string finish() { return std::move(text_) + '}'; } // once, and last

  private:
    static constexpr std::size_t usual_size = 400; // of a journal line
    void begin(std::string_view key);

    std::string text_ = "{";
};

} // namespace mailctl
