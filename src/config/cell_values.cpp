// SPDX-License-Identifier: Apache-2.0
#include "mailctl/config/cell_values.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/named_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::string_view cell_separators = " \t\r\n,;";
constexpr std::array<std::string_view, 4> words_for_true{"true", "words_for_true", "on", "1"},
    words_for_false{"false", "no", "off", "0"};
constexpr std::array<std::string_view, 4> receive_words{"accept", "reject", "defer", "hold"}; // as the enumerators
constexpr std::string_view nobody = "nobody";                                                 // an empty `post`

bool is_control_byte(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_one_of(std::string_view cell, std::span<const std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return equal_folded(word, cell); });
}

std::string quoted_if_needed(const std::string& element) {
    if (!element.empty() && element.find_first_of(std::string(cell_separators) + "\"\\") == std::string::npos)
        return element;
    std::string out = "\"";
    for (const char c : element) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

} // namespace

// A quoted element without its quotes; any other as it is.
std::string unquoted_element(std::string_view element) {
    if (element.size() < 2 || !element.starts_with('"') || !element.ends_with('"')) return std::string(element);
    std::string out;
    for (std::size_t i = 1; i + 1 < element.size(); ++i) {
        if (element[i] == '\\' && i + 2 < element.size()) ++i;
        out += element[i];
    }
    return out;
}

std::vector<std::string_view> cell_elements(std::string_view cell) {
    std::vector<std::string_view> elements;
    for (std::size_t at = cell.find_first_not_of(cell_separators); at < cell.size();
         at = cell.find_first_not_of(cell_separators, at)) {
        const std::size_t begin = at;
        for (bool inside = false; at < cell.size() && (inside || !cell_separators.contains(cell[at])); ++at) {
            if (cell[at] == '"') inside = !inside;
            if (cell[at] == '\\' && inside && at + 1 < cell.size()) ++at;
        }
        elements.push_back(cell.substr(begin, at - begin));
    }
    return elements;
}

CellObjection read_flag(std::string_view cell, bool& out) {
    if (is_one_of(cell, words_for_true)) return out = true, std::nullopt;
    if (is_one_of(cell, words_for_false)) return out = false, std::nullopt;
    return Objection{fmt::format("'{}' is neither true nor false", printable(cell)), "write true or false"};
}

CellObjection read_line(std::string_view cell, std::string& out) {
    if (std::ranges::any_of(cell, is_control_byte))
        return Objection{"holds a line break or another control character", "write it on one line"};
    out = cell;
    return std::nullopt;
}

CellObjection read_block(std::string_view cell, std::string& out) {
    if (cell.find('\0') != cell.npos) return Objection{"holds a NUL character", "leave it out"};
    out = cell;
    return std::nullopt;
}

CellObjection read_size(std::string_view cell, ByteCount& out) {
    const auto size = parse_size(cell);
    if (!size) return Objection{size.error().what, "write a size such as 2 GiB or 500 MiB; - is no limit"};
    out = *size;
    return std::nullopt;
}

CellObjection read_interval(std::string_view cell, Age& out) {
    constexpr Age shortest = std::chrono::hours{1}, longest = std::chrono::days{365};
    const auto age = parse_age(cell);
    if (!age) return Objection{age.error().what, "write a time such as 12h or 7d"};
    if (*age < shortest || *age > longest)
        return Objection{fmt::format("'{}' is not between 1h and 365d", printable(cell)), "the usual is 7d"};
    out = *age;
    return std::nullopt;
}

CellObjection read_date(std::string_view cell, std::optional<Date>& out) {
    const auto date = parse_date(cell);
    if (!date) return Objection{date.error().what, "write a date such as 2026-12-31"};
    out = *date;
    return std::nullopt;
}

CellObjection read_target(std::string_view cell, const WordContext& context, Address& out) {
    auto target = parse_target(cell, context.own, context.rules);
    if (!target.address) return target.objection;
    out = std::move(*target.address);
    return std::nullopt;
}

CellObjection read_targets(std::string_view cell, const WordContext& context, std::vector<Address>& out) {
    std::vector<Address> targets;
    for (const auto element : cell_elements(cell)) {
        auto target = parse_target(element, context.own, context.rules);
        if (!target.address) return target.objection;
        targets.push_back(std::move(*target.address));
    }
    out = std::move(targets);
    return std::nullopt;
}

CellObjection read_names(std::string_view cell, const WordContext& context, std::vector<std::string>& out) {
    std::vector<std::string> names;
    for (const auto element : cell_elements(cell)) {
        std::string name = fold(element);
        if (const auto at = name.rfind('@'); at != name.npos) {
            const auto domain = DomainName::parse(std::string_view(name).substr(at + 1));
            if (!domain || *domain != context.own)
                return Objection{fmt::format("'{}' is not in domain '{}'", printable(element), context.own.display()),
                                 "an alias is a name of the mailbox's own domain; elsewhere make a forward"};
            name.resize(at);
        }
        if (auto objection = object_to_name(name, context.rules)) return objection;
        if (std::ranges::find(names, name) != names.end())
            return Objection{fmt::format("'{}' stands here twice", name), "leave out one of them"};
        names.push_back(std::move(name));
    }
    out = std::move(names);
    return std::nullopt;
}

CellObjection read_files(std::string_view cell, std::vector<std::string>& out) {
    std::vector<std::string> names;
    for (const auto element : cell_elements(cell)) {
        names.push_back(unquoted_element(element));
        if (auto objection = object_to_file_name(names.back())) return objection;
    }
    out = std::move(names);
    return std::nullopt;
}

CellObjection read_receive(std::string_view cell, SuspendedReceive& out) {
    const auto word = std::ranges::find_if(receive_words, [&](auto each) { return equal_folded(each, cell); });
    if (word == receive_words.end())
        return Objection{fmt::format("unknown value '{}'", printable(cell)), "use one of: accept, reject, defer, hold"};
    out = static_cast<SuspendedReceive>(word - receive_words.begin());
    return std::nullopt;
}

CellObjection read_posters(std::string_view cell, const WordContext& context, Posters& out) {
    const auto elements = cell_elements(cell);
    std::vector<Address> named;
    for (const auto element : elements) {
        const std::string word = fold(element);
        auto all = word == nobody ? Posters::only({}) : Posters::find_word(word);
        if (all && elements.size() == 1) return out = std::move(*all), std::nullopt;
        if (all)
            return Objection{fmt::format("'{}' stands alone or not at all", word), "write one of them, or addresses"};
        Address author = {LocalPart::from_trusted(""), context.own};
        if (auto objection = read_target(element, context, author)) return objection;
        named.push_back(std::move(author));
    }
    out = Posters::only(std::move(named));
    return std::nullopt;
}

std::string flag_cell(bool value) { return value ? "true" : "false"; }

std::string_view receive_cell(SuspendedReceive receive) { return receive_words[static_cast<std::size_t>(receive)]; }

std::string targets_cell(std::span<const Address> targets) {
    std::string cell;
    for (const auto& target : targets)
        cell += (cell.empty() ? "" : " ") + target.text();
    return cell;
}

std::string posters_cell(const Posters& post) {
    const auto texts = post.texts();
    return texts.empty() ? std::string(nobody) : join(texts, " ");
}

std::string list_cell(std::span<const std::string> elements) {
    std::string cell;
    for (const auto& element : elements)
        cell += (cell.empty() ? "" : " ") + quoted_if_needed(element);
    return cell;
}

} // namespace mailctl
