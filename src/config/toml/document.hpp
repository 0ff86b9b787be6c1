// SPDX-License-Identifier: Apache-2.0
// Document: a TOML text taken apart into sections and their statements, so that edits touch the pieces they must and
// all others come out byte for byte. A section is taken apart when it is first looked into: one edit in a file of
// 100,000 tables costs one scan of its text. Knows places, not rules: edit.hpp decides what goes where.
#pragma once

#include "section.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mailctl {

struct Spot { // of a statement
    Section* section = nullptr;
    std::size_t piece = 0;
    [[nodiscard]] Piece& get() const { return section->pieces[piece]; }
};

// What stands at or below a path.
struct Match {
    bool has_sections = false; // headers; Document::sections_below lists them
    std::vector<Spot> dotted;  // statements whose dotted key runs through the path
    // One statement that holds the path's value, or whose value is an inline table that holds it or could.
    std::optional<Spot> spot;
    Span value;                       // the exact value; empty span: the path is not there or is a table of dotted keys
    Span inline_table;                // the innermost inline table on the way; empty span: none
    std::vector<std::size_t> entries; // its entries at or below the path
    std::size_t depth = 0;            // parts of the path that lead to inline_table
    bool is_blocked = false;          // the path runs through a value that is not a table

    [[nodiscard]] bool has_value() const { return value.end != 0; }
    [[nodiscard]] bool is_in_line() const { return inline_table.end != 0; }
    [[nodiscard]] bool is_table() const {
        return has_sections || !dotted.empty() || (!has_value() && !entries.empty());
    }
    [[nodiscard]] bool exists() const { return has_value() || is_table(); }
};

class Document {
  public:
    // `text` must outlive this and be what `layout` was made from, without trouble; its last line must end.
    Document(std::string_view text, const Layout& layout, std::string line_end);
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    [[nodiscard]] Match find(const KeyPath& path);
    [[nodiscard]] std::vector<Section*> sections_below(const KeyPath& path); // whose header is at or below it
    // Whether a prefix of the path is an array of tables, which this does not edit.
    [[nodiscard]] bool runs_through_array(const KeyPath& path) const;
    // The section with exactly this header, opened; {} is the one before the first header. Null when there is none.
    Section* section(const KeyPath& path);
    [[nodiscard]] const std::string& line_end() const { return line_end_; }

    void replace(Spot spot, Span span, std::string_view text); // within one statement
    void remove(Spot spot);
    // A line behind the section's last key (or behind `after`), in the style of its neighbours; behind the line that
    // shows the key commented out, if there is one.
    void add_line(Section& section, const KeyPath& key, std::string_view value, std::optional<std::size_t> after = {});
    // `text` is the header and its lines. It goes behind the last section of the same family (same parent, else the
    // parent's parent ...), before comments that a blank line sets apart; without family to the end.
    void add_section(const KeyPath& path, const std::string& text);
    // With its comment block and the blank lines behind it; comments set apart by a blank line stay.
    void remove_section(Section& section);
    void rename_part(Section& section, std::size_t part, std::string_view new_name); // in its header

    [[nodiscard]] std::string text() const;
    // What was looked into or changed, before and after: the part of the text that an edit can have altered.
    [[nodiscard]] std::string touched_before() const;
    [[nodiscard]] std::string touched_after() const;

  private:
    using Sections = std::list<Section>;

    void open(Section& section);
    void index_path(Sections::iterator section);
    void unindex_path(const Section& section);
    Sections::iterator place_of(const Section& section); // one that is not an array of tables
    void remember_last(const Section& behind, Section& added);
    // Null: the path has no family.
    Section* last_of_family(const KeyPath& path);

    std::string line_end_;
    std::size_t size_; // of the original text
    Sections sections_;
    std::map<std::string, Sections::iterator> by_path_; // joined paths, so that a family is one range
    std::unordered_map<std::string, Section*> last_of_family_;
    std::set<std::string> arrays_;
    std::string removed_; // originals of removed sections
};

} // namespace mailctl
