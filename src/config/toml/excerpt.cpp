// SPDX-License-Identifier: Apache-2.0
// A line that begins with '[' is a header: no value of a domain file has one within, but strings of many lines. These
// are stepped over, and where one is not told for sure there is no excerpt.
#include "mailctl/config/toml/excerpt.hpp"

#include "scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>

namespace mailctl {

namespace {

constexpr std::array<std::string_view, 5> account_kinds{"mailbox", "forward", "robot", "list", "elsewhere"};

struct Table {
    std::size_t begin;        // of the comment block above its header; of the first one: of the text
    std::string_view kind;    // "" = no account's own table
    std::string_view account; // local part
};

using Tables = std::deque<Table>; // there may be many, and a vector would be copied as it grows

// "[mailbox.paul]", "[mailbox.\"paul.p\".autoreply]". Other ways to write it are no account's own table here.
void read_header(TomlScanner scanner, Table& table) {
    std::string_view kind, account;
    if (!scanner.take('[') || !scanner.plain_part(kind) ||
        std::ranges::find(account_kinds, kind) == account_kinds.end())
        return;
    if (!scanner.take('.') || !scanner.plain_part(account) || (scanner.peek() != ']' && scanner.peek() != '.')) return;
    table.kind = kind;
    table.account = account;
}

class TableFinder {
  public:
    explicit TableFinder(std::string_view text) : text_(text) {}

    // nullopt: a string of many lines, or what looks like one, is not where its begin and end are beyond doubt.
    std::optional<Tables> run() {
        Tables tables{{0, "", ""}};
        next_quotes_ = find_quotes(0);
        for (std::size_t at = 0;;) {
            const auto header = find_header(at);
            if (next_quotes_ < header) {
                if (!skip_block()) return std::nullopt;
                at = floor_;
                continue;
            }
            if (header == text_.npos) return tables;
            auto& table = tables.emplace_back(Table{begin_of_comments(header), "", ""});
            read_header(TomlScanner(text_, header), table);
            at = header + 1;
        }
    }

  private:
    // A bracket that is the first of its line.
    [[nodiscard]] std::size_t find_header(std::size_t from) const {
        for (auto found = text_.find('[', from); found != text_.npos; found = text_.find('[', found + 1)) {
            auto before = found;
            while (before > 0 && (text_[before - 1] == ' ' || text_[before - 1] == '\t'))
                --before;
            if (before == 0 || text_[before - 1] == '\n' || text_.substr(0, before) == "\xEF\xBB\xBF") return found;
        }
        return text_.npos;
    }
    [[nodiscard]] std::size_t find_quotes(std::size_t from) const {
        return std::min(find("\"\"\"", from), find("'''", from));
    }
    // Quotes are everywhere: string_view::find would stop at each of them.
    [[nodiscard]] std::size_t find(std::string_view what, std::size_t from) const {
        const auto rest = text_.substr(from);
        const void* found = ::memmem(rest.data(), rest.size(), what.data(), what.size());
        return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text_.data()) : text_.npos;
    }
    // `key = """...`, to the end of the line where it ends.
    bool skip_block() {
        TomlScanner scanner(text_, line_of(next_quotes_));
        std::string_view name;
        Span value;
        scanner.skip_blanks();
        if (!scanner.plain_part(name)) return false;
        scanner.skip_blanks();
        if (!scanner.take('=')) return false;
        scanner.skip_blanks();
        if (scanner.at() != next_quotes_ || !scanner.value(value) || !scanner.finish_line()) return false;
        floor_ = scanner.at();
        next_quotes_ = find_quotes(floor_);
        return true;
    }
    // Where the line begins that holds the byte at this offset.
    [[nodiscard]] std::size_t line_of(std::size_t at) const { return at == 0 ? 0 : text_.rfind('\n', at - 1) + 1; }
    // Of the lines directly above the header that are comments.
    [[nodiscard]] std::size_t begin_of_comments(std::size_t header) const {
        auto begin = line_of(header);
        while (begin > floor_) {
            const auto line = line_of(begin - 1);
            const auto first = text_.find_first_not_of(" \t", line);
            if (line < floor_ || text_[first] != '#') break;
            begin = line;
        }
        return begin;
    }

    std::string_view text_;
    std::size_t floor_ = 0; // comments above this are inside of a string
    std::size_t next_quotes_ = 0;
};

// Those to keep: what is no account's, the accounts asked for, and the last table of each kind and of the text, behind
// which new ones are added; what stands beside one of these; and all tables of all these accounts.
std::vector<bool> choose(const Tables& tables, const std::set<std::string>& names) {
    std::vector<bool> kept(tables.size());
    std::array<std::size_t, account_kinds.size()> last{};
    for (std::size_t i = 0; i < tables.size(); ++i) {
        kept[i] = tables[i].kind.empty() || names.contains(std::string(tables[i].account));
        for (std::size_t kind = 0; kind < last.size(); ++kind)
            if (tables[i].kind == account_kinds[kind]) last[kind] = i;
    }
    kept.back() = true;
    for (const auto i : last)
        kept[i] = true;
    const auto chosen = kept;
    std::set<std::pair<std::string_view, std::string_view>> accounts;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        if ((i > 0 && chosen[i - 1]) || (i + 1 < tables.size() && chosen[i + 1])) kept[i] = true;
        if (kept[i] && !tables[i].kind.empty()) accounts.emplace(tables[i].kind, tables[i].account);
    }
    for (std::size_t i = 0; i < tables.size(); ++i)
        if (!kept[i]) kept[i] = accounts.contains({tables[i].kind, tables[i].account});
    return kept;
}

constexpr std::string_view gap_mark = "[left-out-by-mailctl.";

std::string gap_header(std::size_t number) { return fmt::format("{}{}]\n", gap_mark, number); }

std::size_t count_gap_marks(std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find(gap_mark); at != text.npos; at = text.find(gap_mark, at + 1))
        ++count;
    return count;
}

} // namespace

std::optional<Excerpt> Excerpt::take(std::string_view text, const std::set<std::string>& names) {
    const auto tables = TableFinder(text).run();
    if (!tables) return std::nullopt;
    const auto kept = choose(*tables, names);
    Excerpt excerpt;
    for (std::size_t i = 0; i < tables->size();) {
        auto next = i + 1;
        while (next < tables->size() && kept[next] == kept[i])
            ++next;
        const auto begin = (*tables)[i].begin, end = next < tables->size() ? (*tables)[next].begin : text.size();
        const auto part = text.substr(begin, end - begin);
        if (kept[i]) {
            excerpt.text_ += part;
        } else {
            excerpt.text_ += gap_header(excerpt.gaps_.size());
            excerpt.gaps_.push_back(part);
        }
        i = next;
    }
    if (count_gap_marks(excerpt.text_) != excerpt.gaps_.size()) return std::nullopt; // somebody knows the mark
    return excerpt;
}

void Excerpt::each(const std::function<void(std::string_view kept, std::string_view gap)>& visit) const {
    std::string_view rest = text_;
    for (std::size_t i = 0; i < gaps_.size(); ++i) {
        const auto header = gap_header(i);
        const auto at = rest.find(header);
        visit(rest.substr(0, at), gaps_[i]);
        rest.remove_prefix(std::min(at, rest.size()));
        rest.remove_prefix(std::min(header.size(), rest.size()));
    }
    visit(rest, {});
}

std::string Excerpt::reading_text() const {
    std::string text;
    each([&](std::string_view kept, std::string_view) { text += kept; });
    return text;
}

std::string Excerpt::whole_text() const {
    std::size_t size = text_.size();
    for (const auto gap : gaps_)
        size += gap.size();
    std::string text;
    text.reserve(size);
    each([&](std::string_view kept, std::string_view gap) { text.append(kept).append(gap); });
    return text;
}

Result<Excerpt> Excerpt::edited(std::span<const Edit> edits, std::string_view file) const {
    Excerpt result;
    TRY_ASSIGN(result.text_, apply_edits(text_, edits, file));
    result.gaps_ = gaps_;
    if (count_gap_marks(result.text_) != gaps_.size())
        return fail(ErrorKind::conflict, fmt::format("cannot edit an excerpt of '{}'", file), "edit the whole");
    return result;
}

} // namespace mailctl
