// SPDX-License-Identifier: Apache-2.0
// See document.hpp. Removed statements leave an empty piece behind, so that the positions of the others stay.
#include "document.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::uint64_t order_step = std::uint64_t{1} << 32; // room for sections that are added in between

// No key holds NUL (layout.hpp), so a path is a prefix of another exactly when their joined forms are.
std::string joined(const KeyPath& path, std::size_t parts) {
    std::string out;
    for (std::size_t i = 0; i < parts; ++i)
        out.append(path[i]).push_back('\0');
    return out;
}

KeyPath names_of(const std::vector<KeyPart>& parts) {
    KeyPath names;
    for (const auto& part : parts)
        names.push_back(part.name);
    return names;
}

std::size_t count_common(const std::vector<KeyPart>& key, const KeyPath& path, std::size_t from) {
    std::size_t count = 0;
    while (count < key.size() && from + count < path.size() && key[count].name == path[from + count])
        ++count;
    return count;
}

void shift(Statement& statement, std::size_t by) {
    const auto move = [by](Span& span) { span = {span.begin - by, span.end - by}; };
    for (auto& part : statement.key)
        move(part.span);
    move(statement.value);
    move(statement.whole);
}

void descend(const std::string& text, Span table, const KeyPath& path, Match& match) {
    for (bool found = true; found;) {
        found = false;
        match.inline_table = table;
        match.entries.clear();
        const auto entries = scan_entries(text, table);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const auto& key = entries[i].key;
            const auto common = count_common(key, path, match.depth);
            if (match.depth + common == path.size()) {
                match.entries.push_back(i);
                if (common == key.size()) match.value = entries[i].value;
            } else if (common == key.size()) {
                match.is_blocked = text[entries[i].value.begin] != '{';
                found = !match.is_blocked;
                table = entries[i].value;
                match.depth += common;
                break;
            }
        }
    }
}

void match_in(Section& section, const KeyPath& path, Match& match) {
    const auto from = section.path.size();
    const auto candidates = section.by_first_part.find(path[from]);
    if (candidates == section.by_first_part.end()) return;
    for (const auto i : candidates->second) {
        const auto& piece = section.pieces[i];
        if (!piece.is_statement()) continue; // removed
        const auto& key = piece.statement.key;
        const auto common = count_common(key, path, from);
        if (from + common == path.size()) {
            if (common < key.size())
                match.dotted.push_back({&section, i});
            else
                match.spot = {&section, i}, match.value = piece.statement.value;
        } else if (common == key.size()) {
            match.spot = {&section, i};
            match.depth = from + common;
            match.is_blocked = piece.text[piece.statement.value.begin] != '{';
            if (!match.is_blocked) descend(piece.text, piece.statement.value, path, match);
        }
    }
}

} // namespace

Document::Document(std::string_view text, const Layout& layout, std::string line_end)
    : line_end_(std::move(line_end)), size_(text.size()) {
    for (const auto& span : layout.sections) {
        auto& section = sections_.emplace_back();
        section.path = names_of(span.path);
        section.order = sections_.size() * order_step;
        section.lead = span.lead.of(text);
        section.header = span.header.of(text);
        section.body = span.body.of(text);
        const auto begin = span.path.empty() ? 0 : span.lead.begin;
        section.original = text.substr(begin, span.body.end - begin);
        if (span.is_array)
            arrays_.insert(joined(section.path, section.path.size()));
        else
            index_path(std::prev(sections_.end()));
    }
}

void Document::open(Section& section) {
    if (section.is_open) return;
    section.is_open = true;
    section.lead_text = section.lead;
    section.header_text = section.header;
    const auto body = section.body;
    std::size_t at = 0;
    for (auto& statement : scan_statements(body, {0, body.size()})) {
        const auto whole = statement.whole;
        put_back(section, std::string(body.substr(at, whole.begin - at)));
        shift(statement, whole.begin);
        section.pieces.push_back({std::string(whole.of(body)), std::move(statement)});
        at = whole.end;
    }
    put_back(section, std::string(body.substr(at)));
    index_statements(section);
}

void Document::index_path(Sections::iterator section) {
    by_path_.emplace(joined(section->path, section->path.size()), section);
}

Document::Sections::iterator Document::place_of(const Section& section) {
    return by_path_.find(joined(section.path, section.path.size()))->second;
}

void Document::unindex_path(const Section& section) {
    by_path_.erase(joined(section.path, section.path.size()));
    for (std::size_t parts = 1; parts <= section.path.size(); ++parts) {
        const auto last = last_of_family_.find(joined(section.path, parts));
        if (last != last_of_family_.end() && last->second == &section) last_of_family_.erase(last);
    }
}

Match Document::find(const KeyPath& path) {
    Match match;
    for (std::size_t parts = 0; parts < path.size(); ++parts) {
        const auto section = by_path_.find(joined(path, parts));
        if (section == by_path_.end()) continue;
        open(*section->second);
        match_in(*section->second, path, match);
    }
    const auto prefix = joined(path, path.size());
    const auto below = by_path_.lower_bound(prefix);
    match.has_sections = below != by_path_.end() && below->first.starts_with(prefix);
    return match;
}

std::vector<Section*> Document::sections_below(const KeyPath& path) {
    std::vector<Section*> sections;
    const auto prefix = joined(path, path.size());
    for (auto below = by_path_.lower_bound(prefix); below != by_path_.end() && below->first.starts_with(prefix);
         ++below)
        sections.push_back(&*below->second);
    return sections;
}

bool Document::runs_through_array(const KeyPath& path) const {
    for (std::size_t parts = 1; parts <= path.size() && !arrays_.empty(); ++parts)
        if (arrays_.contains(joined(path, parts))) return true;
    return false;
}

Section* Document::section(const KeyPath& path) {
    const auto section = by_path_.find(joined(path, path.size()));
    if (section == by_path_.end()) return nullptr;
    open(*section->second);
    return &*section->second;
}

void Document::replace(Spot spot, Span span, std::string_view text) {
    auto& piece = spot.get();
    const auto first_part = piece.statement.key.front().name;
    piece.text.replace(span.begin, span.end - span.begin, text);
    piece = statement_piece(std::move(piece.text));
    if (piece.is_statement() && piece.statement.key.front().name != first_part) index_statements(*spot.section);
}

void Document::remove(Spot spot) {
    std::erase(spot.section->by_first_part[spot.get().statement.key.front().name], spot.piece);
    spot.get() = {};
}

void Document::add_line(Section& section, const KeyPath& key, std::string_view value,
                        std::optional<std::size_t> after) {
    const auto key_text = format_key_path(key);
    const bool has_next = &section != &sections_.back();
    const auto position = after ? *after + 1 : make_room(section, key_text, has_next, line_end_);
    auto text = styled_line(section, position, key_text, value, line_end_);
    const auto place = section.pieces.begin() + static_cast<std::ptrdiff_t>(position);
    const bool is_behind_all =
        std::none_of(place, section.pieces.end(), [](const Piece& p) { return p.is_statement(); });
    section.pieces.insert(place, statement_piece(std::move(text)));
    if (is_behind_all)
        section.by_first_part[key.front()].push_back(position);
    else
        index_statements(section);
}

Section* Document::last_of_family(const KeyPath& path) {
    for (auto parts = path.size() - 1; parts >= 1; --parts) {
        const auto prefix = joined(path, parts);
        if (const auto known = last_of_family_.find(prefix); known != last_of_family_.end()) return known->second;
        Section* last = nullptr;
        for (auto entry = by_path_.lower_bound(prefix); entry != by_path_.end() && entry->first.starts_with(prefix);
             ++entry)
            if (!last || entry->second->order > last->order) last = &*entry->second;
        if (last) return last_of_family_[prefix] = last;
    }
    return nullptr;
}

void Document::remember_last(const Section& behind, Section& added) {
    for (std::size_t parts = 1; parts < added.path.size(); ++parts) {
        const auto last = last_of_family_.find(joined(added.path, parts));
        if (last != last_of_family_.end() && last->second == &behind) last->second = &added;
    }
}

void Document::add_section(const KeyPath& path, const std::string& text) {
    Section* family = last_of_family(path);
    Section& behind = family ? *family : sections_.back();
    open(behind);
    const auto place = family ? std::next(place_of(behind)) : sections_.end();
    auto tail = take_tail(behind);
    const auto split = family ? end_of_first_blanks(tail) : tail.size();
    const auto set_apart = split == 0 ? std::string() : tail.substr(split);
    put_back(behind, split == 0 ? tail : tail.substr(0, split));
    const auto before = behind.text();
    const bool is_apart = begin_of_last_blanks(before) < before.size() || before.empty();
    const bool is_dense = !is_apart && place != sections_.end(); // no blank line between its neighbours
    if (!is_apart && !is_dense) put_back(behind, line_end_);

    auto added = sections_.emplace(place);
    added->path = path;
    added->order = behind.order + 1;
    added->is_open = true;
    const auto header_end = text.find('\n') + 1;
    added->header_text = text.substr(0, header_end);
    for (auto& statement : scan_statements(text, {header_end, text.size()})) {
        auto line = std::string(statement.whole.of(text));
        added->pieces.push_back(statement_piece(std::move(line)));
    }
    const bool has_next = place != sections_.end() || !set_apart.empty();
    put_back(*added, (is_apart && has_next ? line_end_ : "") + set_apart);
    index_statements(*added);
    index_path(added);
    remember_last(behind, *added);
}

void Document::remove_section(Section& section) {
    open(section);
    const auto place = place_of(section);
    auto& previous = *std::prev(place); // the keys before the first header are a section that is never removed
    const auto tail = take_tail(section);
    const auto split = end_of_first_blanks(tail);
    const auto kept = split == 0 ? std::string() : tail.substr(split);
    if (!kept.empty() || std::next(place) == sections_.end()) {
        open(previous);
        auto trivia = take_tail(previous);
        if (kept.empty()) trivia.resize(begin_of_last_blanks(trivia)); // nothing follows that they would set apart
        put_back(previous, trivia + kept);
    }
    removed_ += section.original;
    unindex_path(section);
    sections_.erase(place);
}

void Document::rename_part(Section& section, std::size_t part, std::string_view new_name) {
    open(section);
    const auto place = place_of(section);
    unindex_path(section);
    const auto span = scan_layout(section.header_text).sections.back().path.at(part).span;
    section.header_text.replace(span.begin, span.end - span.begin, format_key(new_name));
    section.path[part] = new_name;
    index_path(place);
}

std::string Document::text() const {
    std::string out;
    out.reserve(size_ + size_ / 8);
    for (const auto& section : sections_)
        if (section.is_open)
            out += section.text();
        else
            out += section.original;
    return out;
}

std::string Document::touched_before() const {
    std::string out;
    for (const auto& section : sections_)
        if (section.is_open) out += section.original;
    return out + removed_;
}

std::string Document::touched_after() const {
    std::string out;
    for (const auto& section : sections_)
        if (section.is_open) out += section.text();
    return out;
}

} // namespace mailctl
