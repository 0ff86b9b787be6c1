// SPDX-License-Identifier: Apache-2.0
// Edits on TOML text that keep every other byte: comments, order, quoting, blank lines, CRLF, a missing final newline.
// Serializing a parsed tree loses all of these, so the parser is only asked where things stand and the text is spliced.
// The diff of a one-value change is one line. An edit never spoils a text: what it touched is parsed again and compared
// with the intended values before it is returned.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/config/toml/value.hpp"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mailctl {

// Set path to value: the value alone is replaced where the key exists (keeping its comment); otherwise a line is added
// at the end of its table (after its last key, before blank lines and the comment block of the next header; behind the
// line that shows the key commented out, if there is one), and the table itself is appended after the last table of the
// same family when it does not exist. Setting the value that stands there is no change, however that is written. An
// InlineTable for a table that has a header or dotted keys is set key by key.
struct SetValue {
    KeyPath path;
    Value value;
};
// Add to or remove from an array of strings, keeping the array's layout (one line or many, trailing comma, comments).
// Adding what is there or removing what is not is no change. Removing the last element leaves `[]`.
struct AddElement {
    KeyPath path;
    std::string element;
};
struct RemoveElement {
    KeyPath path;
    std::string element;
};
// The elements of an array of strings, one by one, by their places: what is not named stays as it is written, with its
// line and comment. All steps together cost one pass over the array. `size`: elements it has; an absent array has none.
// failed: it has another number of them, or the steps are not as said here.
struct ElementStep {
    enum class Kind { remove, replace, insert };
    std::size_t at = 0; // before the change; an inserted element stands in front of that one, or at the end
    Kind kind = Kind::remove;
    std::string element = {};
};
struct ChangeArray {
    KeyPath path;
    std::size_t size = 0;
    std::vector<ElementStep> steps; // in order of their places; at one place either an element goes or others come
};
// Remove one key and its line (and the comment on it), or a whole table with its sub-tables, and the comment block that
// stands directly above its header. Absent is no change.
struct RemoveKey {
    KeyPath path;
};
struct RemoveTable {
    KeyPath path;
};
// Rename the last part of a table's path in every header that mentions it ([mailbox.paul] and
// [mailbox.paul.autoreply]), and in dotted keys and inline tables. missing: no such table; conflict: the new name
// exists.
struct RenameTable {
    KeyPath path;
    std::string new_name;
};
// A table with these keys, in order; conflict if it exists. An empty list writes the bare header.
struct AddTable {
    KeyPath path;
    std::vector<std::pair<std::string, Value>> entries;
};
using Edit =
    std::variant<SetValue, AddElement, RemoveElement, ChangeArray, RemoveKey, RemoveTable, RenameTable, AddTable>;

// The text after all edits, in order; `file` names it in messages. invalid: the text does not parse, a path runs
// through something that is not a table or through an array of tables; conflict and missing as said above; failed: the
// result would not mean what the edits say. The cost is one scan of the text and parsing of the tables that the edits
// look into, before and after; errors in the others are for parse_domain and parse_site to find, which judge every text
// before it is written.
[[nodiscard]] Result<std::string> apply_edits(std::string text, std::span<const Edit> edits, std::string_view file);

} // namespace mailctl
