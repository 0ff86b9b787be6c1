// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/import_rows.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

// For people: one line, and no longer than that.
std::string shortened_value(std::string_view text) {
    constexpr std::size_t longest = 60;
    if (text.size() <= longest) return printable(text);
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
        --end;
    return printable(text.substr(0, end)) + "...";
}

} // namespace

Result<const DomainName*> ImportRows::domain_of(const MappedRow& row, const std::optional<DomainName>& domain) {
    const auto at = row.address.text.rfind('@');
    if (at == std::string_view::npos) {
        if (domain) return &*domain;
        return fail(ErrorKind::invalid, fmt::format("'{}' is no full address", shortened_value(row.address.text)),
                    "write the domain too, or give --domain DOMAIN");
    }
    const auto spelled = row.address.text.substr(at + 1);
    const auto known = known_domains_.find(spelled);
    if (known != known_domains_.end()) return &known->second;
    TRY_ASSIGN(auto name, DomainName::parse(spelled));
    return &known_domains_.emplace(spelled, std::move(name)).first->second;
}

// What the row says, with what the reader of other files found wrong with it.
void ImportRows::map(const CsvRow& cells, const RowRef& ref, MappedRow& mapped) const {
    mapping_.map(cells, mapped);
    if (ref.number >= text_.places.size()) return;
    const auto& origin = text_.places[ref.number];
    mapped.on_mailbox = origin.on_mailbox;
    if (origin.problem) mapped.problem = origin.problem->message;
}

void ImportRows::note(const RowRef& row, const std::vector<std::string>& notes) {
    for (const auto& each : notes)
        text_.left_out.push_back({where(row), each});
}

// The rows about an address, where the format may have several and this one may be one more of them.
ImportRows::Group* ImportRows::group_to_join(const MappedRow& mapped, const DomainName& domain) {
    const auto local = fold(mapped.address.text.substr(0, mapped.address.text.rfind('@')));
    const auto found = groups_[domain].find(local);
    if (found == groups_[domain].end()) return nullptr;
    auto& group = found->second;
    if (mapped.is_account) return group.has_account ? nullptr : &group;
    return mapping_.joining() == Joining::all || group.has_account ? &group : nullptr;
}

void ImportRows::add_row(const MappedRow& mapped, const DomainName& domain, const RowRef& ref) {
    if (mapping_.joining() == Joining::none) return by_domain_[domain].push_back(ref);
    if (auto* group = group_to_join(mapped, domain)) {
        group->others.push_back(mapped.is_account ? std::exchange(group->first, ref) : ref);
        group->has_account |= mapped.is_account;
        return;
    }
    const auto local = fold(mapped.address.text.substr(0, mapped.address.text.rfind('@')));
    const auto [at, is_first] = groups_[domain].try_emplace(local, Group{ref, mapped.is_account});
    if (!is_first) by_domain_[domain].push_back(ref); // one too many, as planning will say
}

void ImportRows::add_group(const Group& group, const DomainName& domain) {
    if (!group.others.empty()) joined_[group.first.number] = group.others;
    by_domain_[domain].push_back(group.first);
}

void ImportRows::join_groups(RowErrors& errors) {
    CsvRow cells;
    MappedRow mapped;
    for (const auto& [domain, groups] : groups_) {
        for (const auto& [local, group] : groups) {
            add_group(group, domain);
            read(group.first, cells, mapped);
            note(group.first, mapped.notes);
            if (!mapped.problem.empty())
                object(errors, group.first, mapped.problem_cell, {mapped.problem, "correct the row, or leave it out"});
            if (!mapped.problem.empty() || mapped.is_about_no_account) by_domain_[domain].pop_back();
        }
    }
    std::erase_if(by_domain_, [](const auto& domain) { return domain.second.empty(); });
    groups_.clear();
}

void ImportRows::find_row(const RowRef& ref, MappedRow& mapped, const std::optional<DomainName>& domain,
                          RowErrors& errors) {
    const bool is_joined_later = mapping_.joining() != Joining::none && mapped.is_passing_on;
    if (!is_joined_later) mapping_.settle(mapped);
    if (!mapped.problem.empty()) {
        const bool is_origins = ref.number < text_.places.size() && text_.places[ref.number].problem;
        return object(errors, ref, mapped.problem_cell,
                      {mapped.problem,
                       is_origins ? text_.places[ref.number].problem->remedy : "correct the row, or leave it out"});
    }
    if (mapped.is_about_no_account) return note(ref, mapped.notes);
    if (mapped.address.text.empty())
        return object(errors, ref, mapped.address.cell, {"the address is missing", "write one, or remove the row"});
    const auto name = domain_of(mapped, domain);
    if (!name) return object(errors, ref, mapped.address.cell, {name.error().what, name.error().hint});
    has_passwords_ |= mapped.password && !mapped.password->text.empty();
    if (mapping_.joining() == Joining::none) note(ref, mapped.notes);
    add_row(mapped, **name, ref);
}

Result<ImportRows> ImportRows::find(ImportText text, RowMapping mapping, const std::optional<DomainName>& domain,
                                    RowErrors& errors) {
    TRY(refuse_binary(text.name, text.text));
    const auto looked = mapping.look_at(text.text);
    if (!looked) return fail(looked.error().while_doing(fmt::format("cannot read '{}'", printable(text.name))));
    ImportRows rows(std::move(text), std::move(mapping));
    rows.start_ = detect_start(rows.text_.text);
    CsvReader reader(rows.text_.text, rows.start_);
    TRY(read_headings(reader, rows.text_.name, rows.mapping_));
    if (auto unread = rows.mapping_.unread_columns(); !unread.empty())
        rows.text_.left_out.push_back({rows.text_.name, std::move(unread)});
    CsvRow row;
    MappedRow mapped;
    while (next_row(reader, row)) {
        const RowRef ref{row.offset, static_cast<std::uint32_t>(row.line), static_cast<std::uint32_t>(rows.count_++)};
        const auto problem = object_to_form(row, rows.mapping_);
        if (!problem) {
            rows.map(row, ref, mapped);
            rows.find_row(ref, mapped, domain, errors);
        } else if (problem->cell) {
            rows.object(errors, ref, *problem->cell, problem->objection);
        } else {
            rows.object(errors, ref, problem->objection);
        }
    }
    rows.join_groups(errors);
    return rows;
}

std::vector<LeftOut> ImportRows::left_out() const {
    std::vector<LeftOut> told;
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> known; // sentence to its place and number
    for (const auto& each : text_.left_out) {
        const auto [at, is_new] = known.try_emplace(each.what, told.size(), 0);
        if (is_new)
            told.push_back(each);
        else
            ++at->second.second;
    }
    for (const auto& [what, found] : known)
        if (found.second > 0) told[found.first].what += fmt::format(" (and in {} more rows)", found.second);
    return told;
}

void ImportRows::forget() {
    text_.text = {};
    text_.places = {};
    by_domain_ = {};
}

// What the other rows about the address say of its targets.
void ImportRows::join_others(const RowRef& row, MappedRow& mapped) const {
    const auto joined = joined_.find(row.number);
    if (joined == joined_.end()) return;
    CsvRow cells;
    MappedRow also;
    for (const auto& other : joined->second) {
        CsvReader(text_.text, {start_.delimiter, static_cast<std::size_t>(other.offset), other.line}).next(cells);
        mapping_.map(cells, also);
        if (!mapped.is_passing_on) mapped.targets_cell = mapped.address.cell; // its own cells say nothing of them
        mapped.is_passing_on |= also.is_passing_on;
        mapped.targets.append(mapped.targets.empty() ? "" : " ").append(also.targets);
        mapped.notes.insert(mapped.notes.end(), also.notes.begin(), also.notes.end());
        if (mapped.problem.empty() && !also.problem.empty()) mapped.problem = also.problem;
    }
}

void ImportRows::read(const RowRef& row, CsvRow& cells, MappedRow& mapped) const {
    CsvReader reader(text_.text, {start_.delimiter, static_cast<std::size_t>(row.offset), row.line});
    reader.next(cells);
    map(cells, row, mapped);
    join_others(row, mapped);
    mapping_.settle(mapped);
}

std::string ImportRows::where(const RowRef& row) const {
    if (row.number < text_.places.size()) {
        const auto& place = text_.places[row.number];
        return fmt::format("{}{}{}", place.file, place.line > 0 ? fmt::format(":{}", place.line) : "", place.further);
    }
    return fmt::format("{}:{}", printable(text_.name), row.line);
}

void ImportRows::object(RowErrors& errors, const RowRef& row, std::size_t cell, const Objection& objection) const {
    const auto& headings = mapping_.headings();
    if (!text_.places.empty()) return errors.add(row, objection); // its columns are not those of the file
    errors.add(row, cell, cell < headings.size() ? std::string_view(headings[cell]) : "no heading", objection);
}

void ImportRows::object(RowErrors& errors, const RowRef& row, const Objection& objection) const {
    errors.add(row, objection);
}

std::vector<std::string> ImportRows::lines(const RowErrors& errors, std::size_t most) const {
    return errors.lines(most, [this](const RowRef& row) { return where(row); });
}

Error ImportRows::error(const RowErrors& errors, std::size_t most) const {
    return errors.error(most, [this](const RowRef& row) { return where(row); });
}

// The row as it stands in the text; one that is no row stands in one cell as a whole.
std::vector<std::string> ImportRows::cells_of(const RowRef& ref) const {
    CsvReader reader(text_.text, {start_.delimiter, static_cast<std::size_t>(ref.offset), ref.line});
    CsvRow row;
    reader.next(row);
    if (!row.problem.empty())
        return {std::string(trim(std::string_view(text_.text).substr(row.offset, row.end - row.offset)))};
    std::vector<std::string> cells;
    for (const auto& cell : row.cells)
        cells.emplace_back(cell.text);
    return cells;
}

std::string ImportRows::failed(const RowErrors& errors) const {
    if (!mapping_.has_header()) return failed_with_remarks(errors);
    std::string out;
    std::vector<std::string> headings = mapping_.headings();
    const auto found = std::ranges::find_if(headings, [](const auto& name) { return equal_folded(name, "error"); });
    const auto error_cell = static_cast<std::size_t>(found - headings.begin());
    const bool has_error = found != headings.end();
    const auto columns = headings.size();
    if (!has_error) headings.emplace_back("error");
    append_csv_row(out, headings);
    for_each_failed(errors, [&](const RowRef& row, const std::string& reasons) {
        auto cells = cells_of(row);
        cells.resize(std::max(columns, cells.size()));
        if (has_error)
            cells[error_cell] = reasons;
        else // a cell too many stays, behind the reason
            cells.insert(cells.begin() + static_cast<std::ptrdiff_t>(error_cell), reasons);
        append_csv_row(out, cells);
    });
    return out;
}

// Each row that failed, and those that say the one thing together with it.
void ImportRows::for_each_failed(const RowErrors& errors,
                                 const std::function<void(const RowRef&, const std::string&)>& use) const {
    errors.for_each_row([&](const RowRef& row, const std::string& reasons) {
        use(row, reasons);
        const auto joined = joined_.find(row.number);
        if (joined == joined_.end()) return;
        for (const auto& other : joined->second)
            use(other, fmt::format("belongs to the row of line {}", row.line));
    });
}

// Without headings there is no column to add: any further cell means something to the product.
std::string ImportRows::failed_with_remarks(const RowErrors& errors) const {
    std::string out;
    for_each_failed(errors, [&](const RowRef& row, const std::string& reasons) {
        append_csv_row(out, std::vector{fmt::format("{} {}", RowMapping::remark, reasons)});
        append_csv_row(out, cells_of(row));
    });
    return out;
}

} // namespace mailctl
