#include "mailctl/exchange/row_mapping.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/foreign_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::string_view kept_password = "****";
constexpr std::string_view formula_starts = "=+-@\t\r\n";

bool is_word_for_nothing(std::string_view text) { return text == "-" || equal_folded(text, "none"); }

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

} // namespace

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
    is_about_no_account = false;
    problem.clear();
    made.clear();
}

RowMapping RowMapping::native() { return {}; }

RowMapping RowMapping::of(const Profile& profile) {
    RowMapping mapping;
    mapping.profile_ = &profile;
    return mapping;
}

bool RowMapping::has_header() const { return profile_ == nullptr || profile_->records.empty(); }

RowMapping::Slot RowMapping::slot_of(const ProfileField& field) {
    return {field.use, field.use == Use::column ? &get_column(field.column) : nullptr};
}

std::vector<HeadingProblem> RowMapping::read_header(const CsvRow& header) {
    for (const auto& cell : header.cells)
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
    for (const auto& heading : headings_) {
        const auto field = std::ranges::find(profile_->fields, plain_heading(heading), &ProfileField::heading);
        slots_.push_back(field == profile_->fields.end() ? Slot{} : slot_of(*field));
        has_address |= slots_.back().use == Use::address;
    }
    if (has_address) return {};
    std::vector<std::string_view> wanted;
    for (const auto& field : profile_->fields)
        if (field.use == Use::address) wanted.push_back(field.heading);
    return {{0,
             {fmt::format("no column with addresses: this is no file of the profile '{}'", profile_->name),
              fmt::format("it has one of: {}", quoted_names(wanted))}}};
}

void RowMapping::map_native(const CsvRow& row, MappedRow& out) const {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
        const auto& slot = slots_[i];
        const auto raw = row.cells[i].text;
        if (raw.empty() || slot.use == Use::ignored) continue;
        const bool keeps_blanks = slot.column != nullptr && slot.column->keeps_blanks;
        const auto bare = trim(raw);
        if (bare.empty() && !keeps_blanks) continue;
        const bool is_secret = slot.use == Use::password || (slot.column && slot.column->name == "password_hash");
        if (is_secret && bare == kept_password) continue;
        MappedCell cell{slot.column, value_of(raw, keeps_blanks), i};
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
    ForeignRow foreign;
    for (std::size_t i = 0; i < row.cells.size() && !slots.empty(); ++i) {
        const auto& slot = slots[std::min(i, slots.size() - 1)];
        foreign.take(slot.use, slot.column, trim(row.cells[i].text), i);
    }
    foreign.put_into(out);
    std::ranges::sort(out.cells, {}, &MappedCell::column);
}

void RowMapping::map(const CsvRow& row, MappedRow& out) const {
    out.clear();
    if (profile_ == nullptr) return map_native(row, out);
    if (has_header()) return map_slots(row, slots_, out);
    const auto word = row.cells.empty() ? std::string_view() : trim(row.cells.front().text);
    if (word.starts_with(remark)) {
        out.is_about_no_account = true;
        return;
    }
    const auto record = std::ranges::find_if(profile_->records, [&](const ProfileRecord& each) {
        return each.word.empty() || equal_folded(each.word, word);
    });
    if (record == profile_->records.end()) {
        out.problem = fmt::format("unknown kind of record '{}'", printable(word));
        return;
    }
    if (record->type.empty()) {
        out.is_about_no_account = true;
        return;
    }
    std::vector<Slot> slots;
    for (const auto& field : record->fields)
        slots.push_back(slot_of(field));
    map_slots(row, slots, out);
}

} // namespace mailctl
