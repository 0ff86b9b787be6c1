// SPDX-License-Identifier: Apache-2.0
// From the cells of a file, native or of another product, to what they say of an account. The native format has words
// of its own: nothing keeps, `-` or `none` clears, `****` keeps a password; and an apostrophe in front of a value that
// a spreadsheet would run or we would take for such a word, which is taken off. Other products know none of that.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/exchange/transfer/account_columns.hpp"
#include "mailctl/exchange/transfer/csv.hpp"
#include "mailctl/exchange/transfer/csv_profiles.hpp"
#include "mailctl/exchange/transfer/hash_notation.hpp"

#include <deque>

namespace mailctl {

struct MappedCell {
    const Column* column = nullptr;
    std::string_view text; // empty: clear
    std::size_t cell = 0;  // index in the row of the file
};
// Valid while the row it was made from is, and the text behind it.
struct MappedRow {
    MappedCell address, type;           // text empty: not given
    std::optional<MappedCell> password; // plain; text empty: take it away
    std::vector<MappedCell> cells;      // in the order of the columns
    bool is_account = true;             // false: the row says only where mail goes
    bool is_passing_on = false;         // it says so: `targets`, until settle() has put them into cells
    std::string targets;
    std::size_t targets_cell = 0;
    OnMailbox on_mailbox = OnMailbox::refused;
    bool is_about_no_account = false; // a domain's row in another product's file
    std::vector<std::string> notes;   // what of the row is not read, as sentences
    std::string problem;              // why the row cannot be used; empty = none
    std::size_t problem_cell = 0;
    std::deque<std::string> made; // texts that stand in no cell

    void clear();
};

struct HeadingProblem {
    std::size_t cell = 0;
    Objection objection;
};

class RowMapping {
  public:
    // A row that begins so, in a format without headings, is none: `import --errors` says there what is wrong with the
    // next.
    static constexpr std::string_view remark = "#";

    // The native format.
    static RowMapping native();
    static RowMapping of(const Profile& profile);

    // Looks at a file of a format that has headings or has none, before any other question. invalid: it cannot be told
    // what its rows are.
    [[nodiscard]] Status look_at(std::string_view text);
    [[nodiscard]] bool has_header() const;
    // What is wrong with the header line; empty = nothing. Headings of other products that we do not know are left out,
    // and unread_columns() names them.
    [[nodiscard]] std::vector<HeadingProblem> read_header(const CsvRow& header);
    void map(const CsvRow& row, MappedRow& out) const;
    // The targets of a row, and of the rows that join it, put into cells: a mailbox that forwards, or a forward.
    void settle(MappedRow& row) const;
    [[nodiscard]] Joining joining() const { return profile_ ? profile_->joining : Joining::none; }
    [[nodiscard]] const std::vector<std::string>& headings() const { return headings_; } // as written
    [[nodiscard]] std::string unread_columns() const; // a sentence; empty = all are read

  private:
    struct Slot {
        Use use = Use::ignored;
        const Column* column = nullptr;
    };
    [[nodiscard]] static Slot slot_of(const ProfileField& field);
    [[nodiscard]] std::vector<HeadingProblem> read_native_header();
    [[nodiscard]] std::vector<HeadingProblem> read_profile_header();
    void map_native(const CsvRow& row, MappedRow& out) const;
    void map_slots(const CsvRow& row, const std::vector<Slot>& slots, MappedRow& out) const;
    void map_record(const CsvRow& row, MappedRow& out) const;
    [[nodiscard]] PasswordField password_field() const;

    const Profile* profile_ = nullptr;      // nullptr: native
    const ProfileRecord* record_ = nullptr; // of a file without headings, where the format may have some
    bool is_table_ = false;                 // the product's own
    std::vector<std::string> headings_;
    std::vector<Slot> slots_; // by cell
};

// What the flags of other products say; absent: no word that is known.
[[nodiscard]] std::optional<bool> is_yes(std::string_view word);

// Whether the first line names our columns and `error`: what `import --errors` writes of files that are no CSV.
[[nodiscard]] bool is_native_errors_file(std::string_view text);

// A value as a native cell: with an apostrophe in front where it would be taken for something else.
[[nodiscard]] std::string native_cell(std::string value, const Column* column);

} // namespace mailctl
