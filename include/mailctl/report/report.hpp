// SPDX-License-Identifier: Apache-2.0
// Report: what a command has to say, as typed rows. Rendered as a table for people, JSON with a versioned schema,
// --plain (tab-separated, no header, stable columns) or --csv. Commands make Reports; only `render` turns them into
// text.
#pragma once

#include "mailctl/base/units.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mailctl {

// Part of a whole: a bar with its number on a terminal, a number elsewhere. May be over 100.
struct Share {
    std::int64_t percent = 0;
};

struct Cell;
using Cells = std::vector<Cell>;
// none: JSON null, "" in text. ByteCount: a number of bytes in JSON/plain/csv, rounded with a unit in the table.
// Instant: whole seconds of UTC as RFC 3339 for programs, "2026-11-27 23:37" in the site's time zone for people.
using CellValue = std::variant<std::monostate, bool, std::int64_t, double, ByteCount, Share, Instant, std::string,
                               std::vector<std::string>, Cells>;
struct Cell {
    std::string key; // JSON name, snake_case
    CellValue value = {};
    bool in_plain = true;     // whether --plain and --csv carry it
    bool in_table = true;     // whether the table does; JSON carries all
    std::string heading = {}; // table heading; "" = key in upper case
};

// table: many rows. sheet: one object, as "key: value" lines. text: free text for people and --plain (a map, a diff).
// story: free text for people alone; --plain gives the rows. JSON and CSV always give the rows.
enum class Layout { table, sheet, text, story };

struct Report {
    std::string type; // "mailbox", "domain", ...: JSON `type` of each row
    Layout layout = Layout::table;
    std::vector<Cells> rows;        // first cell is the identity: `address`, `domain` or `id`
    std::string text;               // of Layout::text and Layout::story, written as it is
    std::vector<std::string> notes; // for stderr: "created mailbox 'paul@example.com'"; silent with -q
    int status = 0;                 // exit status besides errors: 5 a check found something, 6 some rows failed
    std::vector<Cells> totals = {}; // sums below the rows of a table, for people alone
    std::string brief = {};         // in place of `text` for people who did not ask for all (-v); "" = the text
};

enum class Format { table, json, plain, csv };
enum class Colour { off, on };
// How far the site's time zone is east of Greenwich then; empty = not at all.
using OffsetOfZone = std::function<std::chrono::seconds(Instant)>;

inline constexpr int report_schema = 1;
// The text for stdout. Width in columns of the terminal (0 = unlimited). What each format promises: table.hpp,
// json.hpp, delimited.hpp. `text` goes out as it is: its maker has made foreign bytes printable.
[[nodiscard]] std::string render(const Report& report, Format format, Colour colour, std::size_t width,
                                 const OffsetOfZone& zone = {});
// What a person reads where a listing has no row: "no candidate to show". "" for types that are no listing.
[[nodiscard]] std::string sentence_of_nothing(std::string_view type);
// One JSON object on one line from cells, for the journal and --json errors. Invalid UTF-8 is replaced, never thrown
// on; no line feed at the end.
[[nodiscard]] std::string render_json_line(const Cells& cells);

} // namespace mailctl
