#include "mailctl/exchange/foreign_files.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/account_merger.hpp"
#include "mailctl/exchange/hash_notation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::vector<std::string> target_list(std::string_view text) {
    std::vector<std::string> targets;
    for (const auto element : cell_elements(text))
        targets.emplace_back(element);
    return targets;
}

// "{PLAIN}secret" is the password itself; everything else a hash.
void add_password(std::string_view text, AccountMerger::Cells& cells) {
    if (text.empty() || text == "*" || text == "!" || text == "x") return;
    for (const std::string_view plain : {"{PLAIN}", "{CLEAR}", "{CLEARTEXT}"}) {
        if (text.size() > plain.size() && equal_folded(text.substr(0, plain.size()), plain)) {
            cells.emplace_back("password", text.substr(plain.size()));
            return;
        }
    }
    cells.emplace_back("password_hash",
                       with_scheme(text).starts_with('{') ? with_scheme(text) : "{CRYPT}" + std::string(text));
}

void suspend(AccountMerger::Cells& cells, bool login, std::string_view receive, std::string_view reason) {
    cells.emplace_back("suspend_login", login ? "true" : "false");
    cells.emplace_back("suspend_receive", receive);
    cells.emplace_back("suspend_reason", reason);
}

// addr@domain|{SCHEME}hash|attributes
void add_accounts_cf(const ForeignFile& file, AccountMerger& merger) {
    for (const auto& [number, line] : content_lines(file.text)) {
        const auto fields = split(line, '|');
        AccountMerger::Cells cells;
        if (fields.size() > 1) add_password(fields[1], cells);
        merger.add_mailbox(std::string(fields[0]), {file.name, number}, std::move(cells));
        if (fields.size() > 2 && !trim(fields[2]).empty())
            merger.note({file.name, number}, fmt::format("attributes '{}' are left out", printable(fields[2])));
    }
}

void add_quotas_cf(const ForeignFile& file, AccountMerger& merger) {
    for (const auto& [number, line] : content_lines(file.text)) {
        const auto colon = line.rfind(':');
        const auto size = colon == line.npos ? std::string_view("0") : line.substr(colon + 1);
        merger.add_quota(std::string(line.substr(0, colon)), {file.name, number}, std::string(size));
    }
}

// Postfix virtual(5): an address and its targets; "@domain" with a whole domain behind it renames that domain.
void add_virtual(const ForeignFile& file, AccountMerger& merger) {
    for (const auto& [number, line] : content_lines(file.text)) {
        const auto end = std::min(line.find_first_of(" \t"), line.size());
        const auto address = line.substr(0, end);
        const auto targets = target_list(line.substr(end));
        const auto whole = std::ranges::find_if(targets, [](const auto& target) { return target.starts_with('@'); });
        if (whole != targets.end())
            merger.note({file.name, number},
                        fmt::format("'{}' for '{}' is another name of a whole domain: mailctl domain alias-add",
                                    printable(*whole), printable(address)));
        else if (!address.contains('@'))
            merger.note({file.name, number}, fmt::format("'{}' is no address of a domain", printable(address)));
        else
            merger.add_targets(std::string(address), {file.name, number}, targets);
    }
}

// One table of PostfixAdmin, cells by their column.
class Table {
  public:
    explicit Table(const ForeignFile& file) : file_(file), reader_(file.text, detect_start(file.text)) {
        while (reader_.next(row_) && row_.is_blank())
            ;
        for (const auto& cell : row_.cells)
            headings_.push_back(plain_heading(cell.text));
    }
    bool next() {
        bool found = reader_.next(row_);
        while (found && row_.is_blank())
            found = reader_.next(row_);
        return found;
    }
    [[nodiscard]] bool has(std::string_view heading) const {
        return std::ranges::find(headings_, heading) != headings_.end();
    }
    [[nodiscard]] std::string cell(std::string_view heading) const {
        const auto at = static_cast<std::size_t>(std::ranges::find(headings_, heading) - headings_.begin());
        return at < row_.cells.size() ? std::string(trim(row_.cells[at].text)) : std::string();
    }
    [[nodiscard]] TextPlace place() const { return {file_.name, row_.line}; }
    [[nodiscard]] const std::string& problem() const { return row_.problem; }

  private:
    const ForeignFile& file_;
    CsvReader reader_;
    CsvRow row_;
    std::vector<std::string> headings_;
};

bool says_no(const std::string& cell) { return cell == "0" || cell == "f" || cell == "false" || cell == "NO"; }

void add_mailbox_row(const Table& table, AccountMerger& merger) {
    AccountMerger::Cells cells;
    add_password(table.cell("password"), cells);
    if (auto name = table.cell("name"); !name.empty()) cells.emplace_back("name", std::move(name));
    if (auto other = table.cell("email other"); !other.empty()) cells.emplace_back("recovery", std::move(other));
    if (auto quota = table.cell("quota"); !quota.empty())
        cells.emplace_back("quota", quota.starts_with('-') ? "0" : std::move(quota));
    if (says_no(table.cell("active"))) suspend(cells, true, "reject", "not active");
    merger.add_mailbox(table.cell("username"), table.place(), std::move(cells));
}

// Its vacation program has an address of its own among the targets.
bool is_vacation(std::string_view target) {
    const auto at = target.find('@');
    return at != target.npos && target.substr(0, at).contains('#') && target.substr(at + 1).starts_with("autoreply.");
}

void add_alias_row(const Table& table, AccountMerger& merger) {
    const auto address = table.cell("address");
    auto targets = target_list(table.cell("goto"));
    if (std::erase_if(targets, is_vacation) > 0)
        merger.note(table.place(), fmt::format("the vacation message of '{}' is in another table", printable(address)));
    if (says_no(table.cell("active")))
        merger.note(table.place(), fmt::format("'{}' is not active and left out", printable(address)));
    else
        merger.add_targets(address, table.place(), targets);
}

} // namespace

ForeignAccounts from_docker_mailserver(std::span<const ForeignFile> files) {
    AccountMerger merger;
    for (const auto& file : files) {
        if (file.name.ends_with("postfix-virtual.cf"))
            add_virtual(file, merger);
        else if (file.name.ends_with("dovecot-quotas.cf"))
            add_quotas_cf(file, merger);
        else
            add_accounts_cf(file, merger);
    }
    return merger.finish(files.empty() ? "" : files.front().name);
}

ForeignAccounts from_postfixadmin(std::span<const ForeignFile> tables) {
    AccountMerger merger;
    for (const auto& file : tables) {
        Table table(file);
        const bool is_alias = table.has("goto");
        while (table.next()) {
            if (!table.problem().empty())
                merger.note(table.place(), table.problem());
            else if (is_alias)
                add_alias_row(table, merger);
            else
                add_mailbox_row(table, merger);
        }
    }
    return merger.finish(tables.empty() ? "" : tables.front().name);
}

namespace {

// "*:storage=1G", "*:bytes=1048576", "1G".
std::string quota_of(std::string_view rule) {
    const auto equals = rule.rfind('=');
    if (equals == rule.npos) return std::string(rule);
    const auto size = rule.substr(equals + 1);
    const bool is_kilobytes = rule.substr(0, equals).ends_with("storage") &&
                              size.find_first_not_of("0123456789") == size.npos; // Dovecot's default unit there
    return std::string(size) + (is_kilobytes && size != "0" ? " KiB" : "");
}

void add_extra_fields(std::string_view extra, const TextPlace& place, AccountMerger& merger,
                      AccountMerger::Cells& cells) {
    for (const auto word : split(extra, ' ')) {
        const auto field = word.substr(0, word.find('='));
        const auto value = word.substr(std::min(field.size() + 1, word.size()));
        if (field == "userdb_quota_rule" || field == "quota_rule" || field == "userdb_quota_storage_size")
            cells.emplace_back("quota", quota_of(value));
        else if (field == "nologin")
            suspend(cells, true, "accept", "no login");
        else if (!field.empty())
            merger.note(place, fmt::format("the field '{}' is left out", printable(field)));
    }
}

} // namespace

ForeignAccounts from_passwd_file(const ForeignFile& file) {
    AccountMerger merger;
    for (const auto& [number, line] : content_lines(file.text)) {
        const TextPlace place{file.name, number};
        auto fields = split(line, ':');
        AccountMerger::Cells cells;
        if (fields.size() > 1) add_password(fields[1], cells);
        if (fields.size() > 4 && !trim(fields[4]).empty()) cells.emplace_back("name", trim(fields[4]));
        if (fields.size() > 7) // colons are legal from here on
            add_extra_fields(line.substr(static_cast<std::size_t>(fields[7].data() - line.data())), place, merger,
                             cells);
        merger.add_mailbox(std::string(fields[0]), place, std::move(cells));
    }
    return merger.finish(file.name);
}

} // namespace mailctl
