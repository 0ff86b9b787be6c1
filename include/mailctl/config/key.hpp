// SPDX-License-Identifier: Apache-2.0
// Key: everything that is known about one key of a model, in one row of a table: what it is called, where it stands in
// TOML, how it is read there and written, what KEY=VALUE, a cell of CSV and a report make of it, and who may set it.
// The readers, the writer, the `set` verbs, CSV, JSON, completion, the man pages and the rights of roles all ask the
// row.
#pragma once

#include "mailctl/config/assignment.hpp"
#include "mailctl/config/names.hpp"
#include "mailctl/config/toml/value.hpp"
#include "mailctl/config/word_context.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mailctl {

class Fields;
struct DomainReading;
struct Node;

using CellObjection = std::optional<Objection>;

// A value for a report: none, or as JSON has it.
using ShownValue = std::variant<std::monostate, bool, std::int64_t, ByteCount, std::string, std::vector<std::string>>;

enum class SetBy { site, owner, user }; // the least role that may; those before it may too

// Where a key shows beside the file.
enum class Ways : unsigned { file = 0, setting = 1, column = 2, both = 3 }; // setting: KEY=VALUE of a `set` verb

// How a report about the model shows a key: `show` has all settings, `list` those that say so.
struct Showing {
    std::string_view name = {};    // in JSON; "" = the key's
    std::string_view heading = {}; // of its column; "" = the name in capitals
    bool in_list = false;
    bool in_plain = true; // of `show`: whether --plain and --csv carry it
};

template <class Model>
struct Key {
    std::string_view family;     // "mailbox", as the kinds of accounts are named, or "domain"
    std::string_view table, key; // where it stands: below its family's table; key "" = in no file
    std::string_view name;       // in KEY=VALUE, in JSON and as heading in CSV
    std::string_view help;       // one line, lower case, no full stop
    SetBy set_by = SetBy::owner;
    Ways ways = Ways::both;
    bool always_written = false; // also at its default
    bool spells_default = false; // back at its default it is written out, where it stands already
    bool keeps_blanks = false;   // blanks at both ends of a cell are part of the value
    Showing showing = {};

    void (*read)(Fields& fields, std::string_view key, Model& model, DomainReading& reading) = nullptr;
    Value (*value)(const Model& model, const DomainName& own) = nullptr;
    bool (*is_default)(const Model& model) = nullptr;
    bool (*same)(const Model& a, const Model& b) = nullptr; // whatever the letters and quotes
    // What tells one element of an array from another; null: it is no array.
    std::vector<std::string> (*elements)(const Model& model) = nullptr;
    // KEY=VALUE, KEY+=VALUE, KEY-=VALUE. What only shows beside other keys is for the file's check to say.
    Status (*assign)(Model& model, const Assignment& assignment, const WordContext& context) = nullptr;
    void (*clear)(Model& model) = nullptr;
    // An objection leaves the model as it is or half set: it is not to be used then. The cell is not empty.
    CellObjection (*read_cell)(Model& model, std::string_view cell, const WordContext& context) = nullptr;
    std::string (*cell)(const Model& model, const DomainName& own) = nullptr; // "" = nothing is set
    ShownValue (*shown)(const Model& model, const DomainName& own) = nullptr; // as all commands report it

    [[nodiscard]] bool is_setting() const { return (static_cast<unsigned>(ways) & 1U) != 0; }
    [[nodiscard]] bool is_column() const { return (static_cast<unsigned>(ways) & 2U) != 0; }
    [[nodiscard]] bool is_in_file() const { return !key.empty(); }
};

// A table below a family's: [mailbox.NAME.suspend].
template <class Model>
struct KeyTable {
    enum class Form { in_line, header }; // how a new one is written
    std::string_view family, table;
    Form form;
    bool (*exists)(const Model& model);
    void (*make)(Model& model); // empty, if there is none
    void (*clear)(Model& model);
    // What only shows when all of it was read. `node`: the table.
    void (*check)(Fields& fields, const Node& node, Model& model, DomainReading& reading);
};

// usage: no such key among those that `set` takes, with the nearest as hint; one value where += or -= was asked;
// the same element twice. Other kinds as the values say.
template <class Model>
[[nodiscard]] Status assign_key(std::span<const Key<Model>> keys, Model& model, const Assignment& assignment,
                                const WordContext& context) {
    for (const auto& key : keys)
        if (key.is_setting() && key.name == assignment.key) return key.assign(model, assignment, context);
    std::vector<std::string> names;
    for (const auto& key : keys)
        if (key.is_setting()) names.emplace_back(key.name);
    return fail(unknown_key(assignment.key, names));
}

} // namespace mailctl
