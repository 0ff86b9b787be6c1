#include "mailctl/exchange/import_rows.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

// Whether the text is none at all: a spreadsheet's own file, an archive, a picture.
Status refuse_binary(const ImportText& text) {
    const auto head = std::string_view(text.text).substr(0, 4096);
    const bool is_binary = std::ranges::any_of(
        head, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; });
    if (!is_binary && text.text.find('\0') == std::string::npos) return {};
    return fail(ErrorKind::invalid, fmt::format("'{}' is no text", printable(text.name)),
                "save it as CSV first; a UTF-16 text may need --encoding");
}

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

Status ImportRows::read_header(CsvReader& reader) {
    CsvRow row;
    bool found = reader.next(row);
    while (found && row.is_blank())
        found = reader.next(row);
    if (!found)
        return fail(ErrorKind::invalid, fmt::format("'{}' is empty", printable(text_.name)),
                    "its first line names the columns: mailctl-csv(5)");
    if (!row.problem.empty())
        return fail(ErrorKind::invalid, fmt::format("{}:{}: {}", text_.name, row.line, row.problem));
    const auto problems = mapping_.read_header(row);
    if (problems.empty()) return {};
    std::string what;
    for (const auto& [cell, objection] : problems)
        what += fmt::format("{}{}:{}: column {}: {}", what.empty() ? "" : "\n", text_.name, row.line, cell + 1,
                            objection.message);
    return fail(ErrorKind::invalid, what, problems.front().objection.remedy);
}

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

std::optional<Objection> ImportRows::object_to_length(const CsvRow& row) const {
    if (!row.problem.empty()) return Objection{row.problem, "write a quote inside a quoted cell twice"};
    const auto columns = mapping_.headings().size();
    if (columns == 0 || row.cells.size() == columns) return std::nullopt;
    return Objection{fmt::format("the row has {} cells, and there are {} columns", row.cells.size(), columns),
                     row.cells.size() < columns ? "is the file cut off?"
                                                : "put a cell that holds the delimiter in quotes"};
}

Result<ImportRows> ImportRows::find(ImportText text, RowMapping mapping, const std::optional<DomainName>& domain,
                                    RowErrors& errors) {
    TRY(refuse_binary(text));
    ImportRows rows(std::move(text), std::move(mapping));
    rows.start_ = detect_start(rows.text_.text);
    CsvReader reader(rows.text_.text, rows.start_);
    if (rows.mapping_.has_header()) {
        TRY(rows.read_header(reader));
    }
    CsvRow row;
    MappedRow mapped;
    while (reader.next(row)) {
        if (row.problem.empty() && row.is_blank()) continue;
        const RowRef ref{row.offset, static_cast<std::uint32_t>(row.line), static_cast<std::uint32_t>(rows.count_++)};
        if (auto objection = rows.object_to_length(row)) {
            if (row.problem.empty())
                rows.object(errors, ref, *objection);
            else
                rows.object(errors, ref, row.problem_cell, *objection);
            continue;
        }
        rows.mapping_.map(row, mapped);
        if (!mapped.problem.empty()) {
            rows.object(errors, ref, mapped.problem_cell, {mapped.problem, "correct the row, or leave it out"});
            continue;
        }
        if (mapped.is_about_no_account) continue;
        if (mapped.address.text.empty()) {
            rows.object(errors, ref, mapped.address.cell, {"the address is missing", "write one, or remove the row"});
            continue;
        }
        auto name = rows.domain_of(mapped, domain);
        if (!name) {
            rows.object(errors, ref, mapped.address.cell, {name.error().what, name.error().hint});
            continue;
        }
        rows.has_passwords_ |= mapped.password && !mapped.password->text.empty();
        rows.by_domain_[**name].push_back(ref);
    }
    return rows;
}

void ImportRows::forget() {
    text_.text = {};
    text_.places = {};
    by_domain_ = {};
}

void ImportRows::read(const RowRef& row, CsvRow& cells, MappedRow& mapped) const {
    CsvReader reader(text_.text, {start_.delimiter, static_cast<std::size_t>(row.offset), row.line});
    reader.next(cells);
    mapping_.map(cells, mapped);
}

std::string ImportRows::where(const RowRef& row) const {
    if (row.number < text_.places.size()) {
        const auto& place = text_.places[row.number];
        return fmt::format("{}:{}", place.file, place.line);
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
    const auto has_error = std::ranges::find_if(headings, [](const auto& name) { return equal_folded(name, "error"); });
    const auto error_cell = static_cast<std::size_t>(has_error - headings.begin());
    if (has_error == headings.end()) headings.emplace_back("error");
    append_csv_row(out, headings);
    errors.for_each_row([&](const RowRef& row, const std::string& reasons) {
        auto cells = cells_of(row);
        cells.resize(std::max(headings.size(), cells.size()));
        cells[error_cell] = reasons;
        append_csv_row(out, cells);
    });
    return out;
}

// Without headings there is no column to add: any further cell means something to the product.
std::string ImportRows::failed_with_remarks(const RowErrors& errors) const {
    std::string out;
    errors.for_each_row([&](const RowRef& row, const std::string& reasons) {
        append_csv_row(out, std::vector{fmt::format("{} {}", RowMapping::remark, reasons)});
        append_csv_row(out, cells_of(row));
    });
    return out;
}

} // namespace mailctl
