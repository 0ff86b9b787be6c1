#include "mailctl/exchange/foreign_row.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/hash_notation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::array<std::string_view, 9> words_for_no{"0",        "f",         "false",    "n",     "no",
                                                       "inactive", "suspended", "disabled", "locked"};
constexpr std::array<std::string_view, 5> words_for_yes{"1", "t", "true", "y", "yes"};

bool is_word_of(std::string_view text, std::span<const std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return equal_folded(word, text); });
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_no_limit(std::string_view text) {
    return text == "0" || text.starts_with('-') || equal_folded(text, "unlimited");
}

// The address that PostfixAdmin's vacation program listens on.
bool is_vacation_target(std::string_view target) {
    const auto at = target.find('@');
    return at != target.npos && target.substr(0, at).contains('#') && target.substr(at + 1).starts_with("autoreply.");
}

} // namespace

void ForeignRow::take(Use use, const Column* column, std::string_view text, std::size_t cell) {
    if (text.empty()) return;
    const Part part{text, cell};
    switch (use) {
    case Use::ignored:
    case Use::type:
        return;
    case Use::column:
        cells_.push_back({column, text, cell});
        return;
    case Use::address: // the fuller of two
        if (!address_ || !address_.text.contains('@')) address_ = part;
        return;
    case Use::domain:
        domain_ = part;
        return;
    case Use::first_name:
        first_ = part;
        return;
    case Use::last_name:
        last_ = part;
        return;
    case Use::password:
        password_ = part;
        return;
    case Use::any_password:
        any_password_ = part;
        return;
    case Use::hash_function:
        function_ = part;
        return;
    case Use::quota_bytes:
        bytes_ = part;
        return;
    case Use::quota_mib:
        mib_ = part;
        return;
    case Use::active:
        if (is_word_of(text, words_for_no)) suspended_ = cell;
        return;
    case Use::blocked:
        if (is_word_of(text, words_for_yes)) suspended_ = cell;
        return;
    case Use::targets:
        if (targets_.empty()) targets_cell_ = cell;
        targets_.append(targets_.empty() ? "" : " ").append(text);
        return;
    case Use::renaming:
        renaming_ = part;
        return;
    }
}

void ForeignRow::put(MappedRow& out, std::string_view column, std::string text, std::size_t cell) const {
    out.cells.push_back({&get_column(column), out.made.emplace_back(std::move(text)), cell});
}

void ForeignRow::put_address(MappedRow& out) const {
    if (!address_) return;
    out.address = {nullptr, address_.text, address_.cell};
    if (address_.text.starts_with('@'))
        out.address.text = out.made.emplace_back(fmt::format("{}{}", catchrest_name, address_.text));
    else if (!address_.text.contains('@') && domain_)
        out.address.text = out.made.emplace_back(fmt::format("{}@{}", address_.text, domain_.text));
}

void ForeignRow::put_name(MappedRow& out) const {
    const bool has_name =
        std::ranges::any_of(cells_, [](const MappedCell& cell) { return cell.column->name == "name"; });
    if (has_name || (!first_ && !last_)) return;
    const auto cell = first_ ? first_.cell : last_.cell;
    put(out, "name", std::string(trim(fmt::format("{} {}", first_.text, last_.text))), cell);
}

void ForeignRow::put_password(MappedRow& out) const {
    const Part& given = password_ ? password_ : any_password_;
    if (!given || given.text == "****") return;
    const bool may_be_hash = !password_;
    if (function_) {
        const auto function = fold(function_.text);
        if (function == "crypt") return put(out, "password_hash", "{CRYPT}" + std::string(given.text), given.cell);
        if (function == "md5") return put(out, "password_hash", "{PLAIN-MD5}" + std::string(given.text), given.cell);
        if (function == "sha-1" || function == "sha1")
            return put(out, "password_hash", "{SHA.HEX}" + std::string(given.text), given.cell);
        out.problem = fmt::format("unknown hash function '{}'", printable(function_.text));
        out.problem_cell = function_.cell;
        return;
    }
    const std::string hash = with_scheme(given.text);
    if (may_be_hash && hash.starts_with('{')) return put(out, "password_hash", hash, given.cell);
    out.password = MappedCell{nullptr, given.text, given.cell};
}

// With itself among its targets it is a mailbox that also forwards, otherwise an address that only passes mail on.
void ForeignRow::put_targets(MappedRow& out) const {
    std::string others;
    bool stays = false;
    for (const auto target : cell_elements(targets_)) {
        if (equal_folded(target, out.address.text))
            stays = true;
        else if (!is_vacation_target(target))
            others += (others.empty() ? "" : " ") + std::string(target);
        if (target.starts_with('@')) {
            out.problem = fmt::format("'{}' means a whole domain", printable(target));
            out.problem_cell = targets_cell_;
        }
    }
    if (others.empty()) {
        out.is_about_no_account = true;
        return;
    }
    out.type = {nullptr, stays ? "mailbox" : "forward", targets_cell_};
    put(out, stays ? "forward" : "to", std::move(others), targets_cell_);
}

void ForeignRow::put_into(MappedRow& out) const {
    out.cells = cells_;
    put_address(out);
    put_name(out);
    put_password(out);
    if (bytes_) put(out, "quota", is_no_limit(bytes_.text) ? "0" : std::string(bytes_.text), bytes_.cell);
    if (mib_) {
        const std::string unit = is_number(mib_.text) ? " MiB" : "";
        put(out, "quota", is_no_limit(mib_.text) ? "0" : std::string(mib_.text) + unit, mib_.cell);
    }
    if (!targets_.empty()) put_targets(out);
    if (suspended_ && targets_.empty()) {
        put(out, "suspend_login", "true", *suspended_);
        put(out, "suspend_receive", "reject", *suspended_);
    }
    if (suspended_ && !targets_.empty()) out.is_about_no_account = true; // it passes nothing on there either
    if (renaming_) {
        out.problem = fmt::format("'{}' would rename the account", printable(renaming_.text));
        out.problem_cell = renaming_.cell;
    }
}

} // namespace mailctl
