// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/row_mapping.hpp"

#include "foreign_row.hpp"
#include "foreign_targets.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::string_view kept_password = "****";
constexpr std::string_view formula_starts = "=+-@\t\r\n";

bool is_word_for_nothing(std::string_view text) { return text == "-" || equal_folded(text, "none"); }

constexpr std::array<std::string_view, 12> words_for_no{
    "0", "f", "false", "n", "no", "off", "inactive", "suspended", "disabled", "locked", "archived", "blocked"};
constexpr std::array<std::string_view, 8> words_for_yes{"1", "t", "true", "y", "yes", "on", "active", "enabled"};

bool is_one_of_words(std::string_view text, std::span<const std::string_view> all) {
    return std::ranges::any_of(all, [&](std::string_view word) { return equal_folded(word, text); });
}

// What databases write for nothing.
bool is_null(std::string_view text) { return text == "\\N" || text == "NULL"; }

// What an apostrophe is put in front of; each further one at the front is one more layer.
bool needs_apostrophe(std::string_view text, bool keeps_blanks) {
    const auto rest = text.substr(std::min(text.find_first_not_of('\''), text.size()));
    if (rest.empty()) return false;
    const auto word = trim(rest); // a word is one with blanks around it too, also where these belong to the value
    return formula_starts.contains(rest.front()) || is_word_for_nothing(word) || word == kept_password ||
           (!keeps_blanks && rest != word);
}

// The value a native cell stands for.
std::string_view value_of(std::string_view cell, bool keeps_blanks) {
    if (cell.starts_with('\'') && needs_apostrophe(cell.substr(1), keeps_blanks)) return cell.substr(1);
    return keeps_blanks ? cell : trim(cell);
}

// Blanks at the ends of a password count where it stands in quotes.
std::string_view secret_of(const CsvCell& cell) {
    const bool is_marked = cell.text.starts_with('\'') && needs_apostrophe(cell.text.substr(1), false);
    return cell.is_quoted && !is_marked ? cell.text : value_of(cell.text, false);
}

std::string quoted_names(std::span<const std::string_view> names) {
    std::string list;
    for (const auto name : names)
        list += (list.empty() ? "" : ", ") + std::string(name);
    return list;
}

constexpr std::array<std::string_view, 4> own_headings{"address", "type", "password", "error"};

std::vector<std::string> native_headings() {
    std::vector<std::string> names(own_headings.begin(), own_headings.end());
    for (const auto& column : account_columns())
        names.emplace_back(column.name);
    return names;
}

Objection unknown_heading(const std::string& heading, std::span<const std::string> all) {
    const auto near = nearest(fold(heading), native_headings());
    const auto* profile = guess_profile(all);
    if (profile != nullptr && !near)
        return {fmt::format("unknown column '{}'", printable(heading)),
                fmt::format("these look like the columns of --profile {}", profile->name)};
    return {near ? fmt::format("unknown column '{}'; did you mean '{}'?", printable(heading), *near)
                 : fmt::format("unknown column '{}'", printable(heading)),
            "mailctl-csv(5) lists the columns"};
}

bool is_remark(const CsvRow& row) {
    return !row.cells.empty() && trim(row.cells.front().text).starts_with(RowMapping::remark);
}

// Of rows without headings: whether all of them, or some, are pairs of addresses.
enum class SecondCells { other, addresses, mixed };
SecondCells second_cells(std::string_view text) {
    CsvReader reader(text, detect_start(text));
    CsvRow row;
    std::size_t rows = 0, addresses = 0;
    while (reader.next(row)) {
        if (row.is_blank() || is_remark(row)) continue;
        const auto second = row.cells.size() == 2 ? trim(row.cells[1].text) : std::string_view();
        const auto at = second.find('@');
        ++rows;
        if (at != second.npos && second.find('.', at) != second.npos) ++addresses;
    }
    if (addresses == 0) return SecondCells::other;
    return addresses == rows ? SecondCells::addresses : SecondCells::mixed;
}

} // namespace

std::optional<bool> is_yes(std::string_view word) {
    if (is_one_of_words(word, words_for_yes)) return true;
    if (is_one_of_words(word, words_for_no)) return false;
    return std::nullopt;
}

std::string native_cell(std::string value, const Column* column) {
    if (needs_apostrophe(value, column != nullptr && column->keeps_blanks)) value.insert(0, 1, '\'');
    return value;
}

bool is_native_errors_file(std::string_view text) {
    CsvReader reader(text, detect_start(text));
    CsvRow header;
    if (!reader.next(header)) return false;
    const auto all = native_headings();
    const auto names = [&](std::string_view name) {
        return [=](const CsvCell& cell) { return equal_folded(trim(cell.text), name); };
    };
    return std::ranges::any_of(header.cells, names("address")) && std::ranges::any_of(header.cells, names("error")) &&
           std::ranges::all_of(header.cells, [&](const CsvCell& cell) {
               return std::ranges::any_of(all, [&](const auto& name) { return names(name)(cell); });
           });
}

void MappedRow::clear() {
    address = type = {};
    password.reset();
    cells.clear();
    is_account = true;
    is_passing_on = false;
    targets.clear();
    targets_cell = 0;
    on_mailbox = OnMailbox::refused;
    is_about_no_account = false;
    notes.clear();
    problem.clear();
    made.clear();
}

RowMapping RowMapping::native() { return {}; }

RowMapping RowMapping::of(const Profile& profile) {
    RowMapping mapping;
    mapping.profile_ = &profile;
    return mapping;
}

bool RowMapping::has_header() const { return profile_ == nullptr || (!record_ && !profile_->fields.empty()); }

Status RowMapping::look_at(std::string_view text) {
    if (!profile_ || profile_->fields.empty() || profile_->records.empty()) return {};
    CsvReader reader(text, detect_start(text));
    CsvRow row;
    do {
        if (!reader.next(row)) return {};
    } while (row.is_blank() || is_remark(row));
    if (!row.cells.front().text.contains('@')) return {};
    const auto second = second_cells(text);
    if (second == SecondCells::mixed)
        return fail(ErrorKind::invalid, "it cannot be told whether the rows are accounts or forwarders",
                    "write a first line: email,password,quota or source,target");
    record_ = &profile_->records[second == SecondCells::addresses ? 1 : 0];
    return {};
}

PasswordField RowMapping::password_field() const {
    return is_table_ ? PasswordField::hashes : PasswordField::plain_or_hash;
}

RowMapping::Slot RowMapping::slot_of(const ProfileField& field) {
    return {field.use, field.use == Use::column ? &get_column(field.column) : nullptr};
}

std::vector<HeadingProblem> RowMapping::read_header(const CsvRow& header) {
    constexpr std::size_t most_columns = 500; // each unknown name is compared with all that are known
    if (const auto count = header.filled_cells(); count > most_columns)
        return {{most_columns,
                 {fmt::format("here begin {} columns more than any table of accounts has", count - most_columns),
                  "its first line is to name the columns: is this the right file?"}}};
    // Spreadsheets write empty cells behind the last column.
    for (const auto& cell : std::span(header.cells).first(header.filled_cells()))
        headings_.emplace_back(trim(cell.text));
    return profile_ ? read_profile_header() : read_native_header();
}

std::vector<HeadingProblem> RowMapping::read_native_header() {
    std::vector<HeadingProblem> problems;
    bool has_address = false;
    for (std::size_t i = 0; i < headings_.size(); ++i) {
        const std::string name = fold(headings_[i]);
        Slot slot;
        if (name == "address") slot.use = Use::address;
        if (name == "type") slot.use = Use::type;
        if (name == "password") slot.use = Use::password;
        if (const auto* column = find_column(name)) slot = {Use::column, column};
        has_address |= slot.use == Use::address;
        if (slot.use == Use::ignored && name != "error")
            problems.push_back({i, name.empty() ? Objection{"the column has no name", "write one, or remove it"}
                                                : unknown_heading(headings_[i], headings_)});
        const auto twice = std::ranges::find_if(slots_, [&](const Slot& other) {
            return slot.use != Use::ignored && other.use == slot.use && other.column == slot.column;
        });
        if (twice != slots_.end())
            problems.push_back({i, {fmt::format("column '{}' stands here twice", name), "leave out one of them"}});
        slots_.push_back(slot);
    }
    if (!has_address && problems.empty())
        problems.push_back({0, {"the column 'address' is missing", "the first line names the columns"}});
    return problems;
}

std::vector<HeadingProblem> RowMapping::read_profile_header() {
    bool has_address = false;
    std::vector<HeadingProblem> problems;
    std::vector<std::string> read;
    for (const auto& heading : headings_) {
        const auto name = plain_heading(heading);
        const auto field = std::ranges::find(profile_->fields, name, &ProfileField::heading);
        slots_.push_back(field == profile_->fields.end() ? Slot{} : slot_of(*field));
        has_address |= slots_.back().use == Use::address;
        is_table_ |= !name.empty() && name == profile_->table_heading;
        if (slots_.back().use == Use::ignored) continue;
        if (std::ranges::find(read, name) != read.end())
            problems.push_back(
                {slots_.size() - 1,
                 {fmt::format("column '{}' stands here twice", printable(heading)), "leave out one of them"}});
        read.push_back(name);
    }
    if (has_address) return problems;
    std::vector<std::string_view> wanted;
    for (const auto& field : profile_->fields)
        if (field.use == Use::address) wanted.push_back(field.heading);
    return {{0,
             {fmt::format("no column with addresses: this is no file of the profile '{}'", profile_->name),
              fmt::format("it has one of: {}", quoted_names(wanted))}}};
}

void RowMapping::map_native(const CsvRow& row, MappedRow& out) const {
    for (std::size_t i = 0; i < std::min(row.cells.size(), slots_.size()); ++i) {
        const auto& slot = slots_[i];
        const auto raw = row.cells[i].text;
        if (raw.empty() || slot.use == Use::ignored) continue;
        const bool keeps_blanks = slot.column != nullptr && slot.column->keeps_blanks;
        const auto bare = trim(raw);
        if (bare.empty() && !keeps_blanks) continue;
        const bool is_secret = slot.use == Use::password || (slot.column && slot.column->name == "password_hash");
        if (is_secret && bare == kept_password) continue;
        MappedCell cell{slot.column, slot.use == Use::password ? secret_of(row.cells[i]) : value_of(raw, keeps_blanks),
                        i};
        if (is_word_for_nothing(bare)) cell.text = {};
        if (slot.use == Use::address)
            out.address = cell;
        else if (slot.use == Use::type)
            out.type = cell;
        else if (slot.use == Use::password)
            out.password = cell;
        else
            out.cells.push_back(cell);
    }
    std::ranges::sort(out.cells, {}, &MappedCell::column);
}

void RowMapping::map_slots(const CsvRow& row, const std::vector<Slot>& slots, MappedRow& out) const {
    ForeignRow foreign(password_field());
    const bool may_be_longer = !has_header(); // the last slot takes all further cells
    for (std::size_t i = 0; i < row.cells.size() && !slots.empty(); ++i) {
        if (i >= slots.size() && !may_be_longer) break;
        const auto& slot = slots[std::min(i, slots.size() - 1)];
        const bool is_secret = slot.use == Use::password || slot.use == Use::any_password;
        const auto bare = trim(row.cells[i].text);
        const auto text = is_secret && row.cells[i].is_quoted && !bare.empty() ? row.cells[i].text : bare;
        foreign.take(slot.use, slot.column, is_table_ && is_null(bare) ? std::string_view() : text, i);
    }
    foreign.put_into(out);
    out.on_mailbox = profile_->on_mailbox;
    std::ranges::sort(out.cells, {}, &MappedCell::column);
}

void RowMapping::map(const CsvRow& row, MappedRow& out) const {
    out.clear();
    if (profile_ == nullptr) return map_native(row, out);
    if (has_header()) return map_slots(row, slots_, out);
    map_record(row, out);
}

void RowMapping::map_record(const CsvRow& row, MappedRow& out) const {
    const auto word = row.cells.empty() ? std::string_view() : trim(row.cells.front().text);
    if (is_remark(row)) {
        out.is_about_no_account = true;
        return;
    }
    const auto of_word = [&](const ProfileRecord& each) { return each.word.empty() || equal_folded(each.word, word); };
    const auto found = std::ranges::find_if(profile_->records, of_word);
    const auto* const record = record_ ? record_ : found == profile_->records.end() ? nullptr : &*found;
    if (!record) {
        out.problem = fmt::format("unknown kind of record '{}'", printable(word));
    } else if (row.cells.size() < record->least_cells) {
        out.problem = fmt::format("the row has {} cells, and there are {} at least: is the file cut off?",
                                  row.cells.size(), record->least_cells);
    } else if (record->fields.empty()) {
        out.is_about_no_account = true;
        out.notes.push_back(fmt::format("the row '{}' of '{}' is left out: {}", printable(word),
                                        printable(trim(row.cells[1].text)), record->remedy));
    } else {
        std::vector<Slot> slots;
        for (const auto& field : record->fields)
            slots.push_back(slot_of(field));
        map_slots(row, slots, out);
        for (std::size_t i = 0; i < std::min(row.cells.size(), slots.size()); ++i)
            if (slots[i].use == Use::ignored && !trim(row.cells[i].text).empty())
                out.notes.push_back(fmt::format("column {} ({}) is not read", i + 1, record->fields[i].heading));
    }
}

// With itself among its targets it is a mailbox that also forwards, otherwise an address that only passes mail on.
void RowMapping::settle(MappedRow& row) const {
    if (!row.is_passing_on) return;
    const auto bare = profile_ && profile_->on_mailbox == OnMailbox::forwards && joining() == Joining::all
                          ? BareNames::own
                          : BareNames::refused;
    auto targets = sort_targets(row.address.text, cell_elements(row.targets), bare);
    const auto put = [&](std::string_view column, std::string text) {
        row.cells.push_back({&get_column(column), row.made.emplace_back(std::move(text)), row.targets_cell});
    };
    if (targets.problem && row.problem.empty()) {
        row.problem = targets.problem->message;
        row.problem_cell = row.targets_cell;
    }
    if (!targets.left_out.empty()) row.notes.push_back(targets.left_out);
    if (targets.others.empty() && row.problem.empty() && !row.is_account) {
        if (targets.stays)
            row.notes.push_back(
                fmt::format("'{}' leads to itself alone: nothing to import", printable(row.address.text)));
        row.is_about_no_account = targets.stays || !targets.left_out.empty();
    }
    const bool is_mailbox = row.is_account || targets.stays;
    row.type = {nullptr, is_mailbox ? "mailbox" : "forward", row.targets_cell};
    if (!targets.others.empty()) put(is_mailbox ? "forward" : "to", join(targets.others, " "));
    if (row.is_account && !targets.stays && !targets.others.empty() && row.on_mailbox == OnMailbox::replaced)
        put("store", "false");
    std::ranges::sort(row.cells, {}, &MappedCell::column);
}

std::string RowMapping::unread_columns() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; profile_ && i < slots_.size(); ++i)
        if (slots_[i].use == Use::ignored && !equal_folded(headings_[i], "error"))
            names.push_back(fmt::format("'{}'", printable(headings_[i])));
    if (names.empty()) return {};
    return fmt::format("{} {} not read: {}", names.size() == 1 ? "the column" : "the columns",
                       names.size() == 1 ? "is" : "are", join(names, ", "));
}

} // namespace mailctl
