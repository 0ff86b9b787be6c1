// SPDX-License-Identifier: Apache-2.0
// Edits decide where a change goes; Document and the splices carry it out on the text. Then the touched part of the
// text is parsed before and after, the same edits are made on the tree of before, and both trees must agree: what the
// places got wrong, the meaning finds, and nothing is returned.
#include "mailctl/config/toml/edit.hpp"

#include "array_text.hpp"
#include "document.hpp"
#include "mailctl/config/toml/toml.hpp"
#include "mailctl/config/toml/tree_edit.hpp"
#include "splice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {
namespace {

// The value that TOML text stands for; a table node when it is none.
Node value_of(std::string_view text) {
    auto parsed = parse_toml("x = " + std::string(text), "");
    return parsed.diagnostics.empty() ? std::move(parsed.root.entries["x"]) : Node{};
}

KeyPath rest_of(const KeyPath& path, std::size_t from) {
    return {path.begin() + static_cast<std::ptrdiff_t>(from), path.end()};
}

std::string entry_text(const KeyPath& key, const Value& value) {
    return format_key_path(key) + " = " + format_value(value);
}

class Editor {
  public:
    Editor(Document& document, std::string_view file) : document_(document), file_(file) {}

    Status operator()(const SetValue& edit) { return set(edit.path, edit.value); }
    Status operator()(const AddElement& edit);
    Status operator()(const RemoveElement& edit);
    Status operator()(const ChangeArray& edit);
    Status operator()(const RemoveKey& edit) { return remove(edit.path); }
    Status operator()(const RemoveTable& edit) { return remove(edit.path); }
    Status operator()(const RenameTable& edit);
    Status operator()(const AddTable& edit);

  private:
    Status set(const KeyPath& path, const Value& value);
    Status set_entries(const KeyPath& path, const InlineTable& table);
    Status add(const KeyPath& path, const Value& value);
    // Puts the value into the nearest table above it that is written without a header of its own. False: there is none.
    Result<bool> add_in_line(const KeyPath& path, const Value& value);
    Status remove(const KeyPath& path);
    void erase(const KeyPath& path);
    void replace_inline_table(const Match& match, const std::string& text) {
        document_.replace(*match.spot, match.inline_table, text);
    }
    [[nodiscard]] std::set<std::string> keys_below(const KeyPath& path);
    [[nodiscard]] detail::Unexpected refuse(ErrorKind kind, const KeyPath& path, std::string_view why) const {
        return fail(kind, fmt::format("cannot edit '{}': '{}' {}", file_, format_key_path(path), why));
    }

    Document& document_;
    std::string_view file_;
};

Status Editor::set(const KeyPath& path, const Value& value) {
    const auto match = document_.find(path);
    if (match.has_value()) {
        if (value_of(match.value.of(match.spot->get().text)) != node_of(value))
            document_.replace(*match.spot, match.value, format_value(value));
        return {};
    }
    if (!match.is_table()) return add(path, value);
    const auto* table = std::get_if<InlineTable>(&value);
    return table ? set_entries(path, *table) : refuse(ErrorKind::invalid, path, "is a table");
}

// The table stands there with a header or dotted keys: it keeps that form.
Status Editor::set_entries(const KeyPath& path, const InlineTable& table) {
    auto unwanted = keys_below(path);
    for (const auto& [key, value] : table.entries) {
        unwanted.erase(key);
        auto below = path;
        below.push_back(key);
        TRY(set(below, value));
    }
    for (const auto& key : unwanted) {
        auto below = path;
        below.push_back(key);
        TRY(remove(below));
    }
    return document_.find(path).exists() ? Status{} : add(path, table);
}

std::set<std::string> Editor::keys_below(const KeyPath& path) {
    std::set<std::string> keys;
    const auto match = document_.find(path);
    for (const auto* section : document_.sections_below(path))
        if (section->path.size() > path.size()) keys.insert(section->path[path.size()]);
    if (const auto* section = document_.section(path))
        for (const auto& piece : section->pieces)
            if (piece.is_statement()) keys.insert(piece.statement.key.front().name);
    for (const auto& spot : match.dotted)
        keys.insert(spot.get().statement.key[path.size() - spot.section->path.size()].name);
    if (match.is_in_line()) {
        const auto entries = scan_entries(match.spot->get().text, match.inline_table);
        for (const auto i : match.entries)
            keys.insert(entries[i].key[path.size() - match.depth].name);
    }
    return keys;
}

Result<bool> Editor::add_in_line(const KeyPath& path, const Value& value) {
    for (auto parts = path.size() - 1; parts > 0; --parts) {
        const KeyPath above(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(parts));
        const auto match = document_.find(above);
        if (match.is_blocked) return refuse(ErrorKind::invalid, above, "runs through a value that is not a table");
        if (match.has_value()) {
            const auto text = match.value.of(match.spot->get().text);
            if (!text.starts_with('{')) return refuse(ErrorKind::invalid, above, "is not a table");
            document_.replace(*match.spot, match.value, with_entry(text, entry_text(rest_of(path, parts), value)));
            return true;
        }
        if (match.is_in_line() && !match.entries.empty()) { // dotted keys inside an inline table
            const auto table = match.inline_table.of(match.spot->get().text);
            replace_inline_table(match, with_entry(table, entry_text(rest_of(path, match.depth), value)));
            return true;
        }
        if (!match.dotted.empty()) {
            const auto& last = match.dotted.back();
            document_.add_line(*last.section, rest_of(path, last.section->path.size()), format_value(value),
                               last.piece);
            return true;
        }
        if (match.has_sections) return false;
    }
    return false;
}

Status Editor::add(const KeyPath& path, const Value& value) {
    const auto parent = KeyPath(path.begin(), path.end() - 1);
    TRY_ASSIGN(const bool is_added, add_in_line(path, value));
    if (is_added) return {};
    if (auto* section = document_.section(parent)) {
        document_.add_line(*section, {path.back()}, format_value(value));
    } else {
        const auto& end = document_.line_end();
        document_.add_section(
            parent, fmt::format("[{}]{}{}{}", format_key_path(parent), end, entry_text({path.back()}, value), end));
    }
    return {};
}

// A table that only its dotted keys or sub-tables made stays when the last of them goes: it may be a mailbox.
Status Editor::remove(const KeyPath& path) {
    if (!document_.find(path).exists()) return {};
    erase(path);
    const KeyPath parent(path.begin(), path.end() - 1);
    if (parent.size() < 2 || document_.find(parent).exists()) return {};
    return (*this)(AddTable{parent, {}});
}

void Editor::erase(const KeyPath& path) {
    auto match = document_.find(path);
    if (match.has_value() && !match.is_in_line()) return document_.remove(*match.spot);
    while (match.is_in_line() && !match.entries.empty()) {
        const auto table = match.inline_table.of(match.spot->get().text);
        replace_inline_table(match, without_entry(table, match.entries.back()));
        match = document_.find(path);
    }
    for (const auto& spot : match.dotted)
        document_.remove(spot);
    for (auto* section : document_.sections_below(path))
        document_.remove_section(*section);
}

Status Editor::operator()(const RenameTable& edit) {
    const auto part = edit.path.size() - 1;
    auto target = edit.path;
    target.back() = edit.new_name;
    if (target == edit.path) return {};
    const auto match = document_.find(edit.path);
    if (!match.exists()) return refuse(ErrorKind::missing, edit.path, "does not exist");
    if (document_.find(target).exists()) return refuse(ErrorKind::conflict, target, "exists");
    const auto name = format_key(edit.new_name);
    for (auto* section : document_.sections_below(edit.path))
        document_.rename_part(*section, part, edit.new_name);
    for (const auto& spot : match.dotted)
        document_.replace(spot, spot.get().statement.key[part - spot.section->path.size()].span, name);
    if (match.is_in_line()) {
        const auto entries = scan_entries(match.spot->get().text, match.inline_table);
        for (auto i = match.entries.rbegin(); i != match.entries.rend(); ++i) // from the back: earlier places stay true
            document_.replace(*match.spot, entries[*i].key[part - match.depth].span, name);
    } else if (match.has_value()) {
        document_.replace(*match.spot, match.spot->get().statement.key.back().span, name);
    }
    return {};
}

Status Editor::operator()(const AddTable& edit) {
    const auto match = document_.find(edit.path);
    if (match.exists()) return refuse(ErrorKind::conflict, edit.path, "exists");
    TRY_ASSIGN(const bool is_added, add_in_line(edit.path, InlineTable{edit.entries}));
    if (is_added) return {};
    const auto& end = document_.line_end();
    auto text = fmt::format("[{}]{}", format_key_path(edit.path), end);
    for (const auto& [key, value] : edit.entries)
        text += entry_text({key}, value) + end;
    document_.add_section(edit.path, text);
    return {};
}

Status Editor::operator()(const AddElement& edit) {
    const auto match = document_.find(edit.path);
    if (match.is_table()) return refuse(ErrorKind::invalid, edit.path, "is a table");
    if (!match.has_value()) return add(edit.path, std::vector{edit.element});
    const auto text = match.value.of(match.spot->get().text);
    if (!text.starts_with('[')) return refuse(ErrorKind::invalid, edit.path, "is not an array");
    const auto array = value_of(text);
    if (std::ranges::find(array.elements, node_of(edit.element)) != array.elements.end()) return {};
    const ElementStep last{array.elements.size(), ElementStep::Kind::insert, edit.element};
    document_.replace(*match.spot, match.value, with_steps(text, {&last, 1}, document_.line_end()));
    return {};
}

Status Editor::operator()(const RemoveElement& edit) {
    const auto match = document_.find(edit.path);
    if (!match.exists()) return {};
    const auto text = match.has_value() ? match.value.of(match.spot->get().text) : std::string_view();
    if (!text.starts_with('[')) return refuse(ErrorKind::invalid, edit.path, "is not an array");
    const auto array = value_of(text);
    std::vector<ElementStep> steps;
    for (std::size_t i = 0; i < array.elements.size(); ++i)
        if (array.elements[i] == node_of(edit.element)) steps.push_back({i, ElementStep::Kind::remove, {}});
    if (!steps.empty()) document_.replace(*match.spot, match.value, with_steps(text, steps, document_.line_end()));
    return {};
}

Status Editor::operator()(const ChangeArray& edit) {
    const auto match = document_.find(edit.path);
    if (match.is_table()) return refuse(ErrorKind::invalid, edit.path, "is a table");
    if (!are_steps_of(edit.size, edit.steps)) return refuse(ErrorKind::failed, edit.path, "cannot take these steps");
    if (!match.has_value() && edit.size == 0) {
        std::vector<std::string> elements;
        for (const auto& step : edit.steps)
            elements.push_back(step.element);
        return elements.empty() ? Status{} : add(edit.path, elements);
    }
    const auto text = match.has_value() ? match.value.of(match.spot->get().text) : std::string_view();
    if (!text.starts_with('[')) return refuse(ErrorKind::invalid, edit.path, "is not an array");
    if (count_elements(text) != edit.size) return refuse(ErrorKind::failed, edit.path, "has other elements by now");
    if (edit.steps.empty()) return {};
    document_.replace(*match.spot, match.value, with_steps(text, edit.steps, document_.line_end()));
    return {};
}

const KeyPath& path_of(const Edit& edit) {
    return std::visit([](const auto& e) -> const KeyPath& { return e.path; }, edit);
}

// The first line decides; a text without any gets LF.
std::string line_end_of(std::string_view text) {
    const auto first = text.find('\n');
    return first != text.npos && first > 0 && text[first - 1] == '\r' ? "\r\n" : "\n";
}

// The trees of the touched sections before (edited) and after must be equal.
Status verify(const Document& document, std::span<const Edit> edits, std::string_view whole, std::string_view file) {
    auto before = parse_toml(document.touched_before(), file);
    if (!before.diagnostics.empty()) { // places are right in the whole text only
        const auto all = parse_toml(whole, file);
        return fail(error_of(all.diagnostics.empty() ? before.diagnostics : all.diagnostics));
    }
    const auto after = parse_toml(document.touched_after(), file);
    if (!after.diagnostics.empty())
        return fail(ErrorKind::invalid, fmt::format("refusing to write '{}': the edit does not give TOML: {}", file,
                                                    after.diagnostics.front().message));
    if (edit_tree(before.root, edits, after.root) == after.root) return {};
    return fail(ErrorKind::failed, fmt::format("refusing to write '{}': the edit would change something else", file),
                "edit the file by hand, then run: mailctl apply");
}

} // namespace

Result<std::string> apply_edits(std::string text, std::span<const Edit> edits, std::string_view file) {
    const auto line_end = line_end_of(text);
    const bool lacks_line_end = !text.empty() && !text.ends_with('\n');
    if (lacks_line_end) text += line_end;
    const auto layout = scan_layout(text);
    if (layout.trouble) {
        const auto parsed = parse_toml(text, file);
        return fail(error_of(parsed.diagnostics));
    }
    Document document(text, layout, line_end);
    Editor editor(document, file);
    for (const auto& edit : edits) {
        if (path_of(edit).empty())
            return fail(ErrorKind::invalid, fmt::format("cannot edit '{}': no key is named", file));
        if (document.runs_through_array(path_of(edit)))
            return fail(ErrorKind::invalid, fmt::format("cannot edit '{}': '{}' is an array of tables", file,
                                                        format_key_path(path_of(edit))));
        TRY(std::visit(editor, edit));
    }
    TRY(verify(document, edits, text, file));
    auto changed = document.text();
    if (lacks_line_end && changed.ends_with(line_end)) changed.resize(changed.size() - line_end.size());
    return changed;
}

} // namespace mailctl
