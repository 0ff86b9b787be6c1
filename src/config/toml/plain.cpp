// SPDX-License-Identifier: Apache-2.0
// Statement by statement; every "false" means: leave it to the parser.
#include "mailctl/config/toml/plain.hpp"

#include "mailctl/base/text.hpp"
#include "scanner.hpp"

#include <algorithm>
#include <set>

namespace mailctl {

namespace {

// Bytes that TOML forbids, and carriage returns, which it allows before a line feed only.
bool has_odd_bytes(std::string_view text) {
    const auto is_odd = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    };
    return std::count_if(text.begin(), text.end(), is_odd) != 0;
}

bool read_string(std::string_view text, Node& out) {
    const char quote = text.front();
    const bool is_block = text.size() >= 6 && text[1] == quote && text[2] == quote;
    if ((quote != '"' && quote != '\'') || is_block || (quote == '"' && text.find('\\') != text.npos)) return false;
    out.kind = Node::Kind::string;
    out.text = text.substr(1, text.size() - 2);
    return true;
}

bool read_word(std::string_view text, Node& out) {
    out.text = text;
    out.kind = Node::Kind::boolean;
    if (text == "true" || text == "false") return true;
    out.kind = Node::Kind::integer;
    const bool digits = text.find_first_not_of("0123456789") == text.npos;
    return digits && text.size() < 19 && (text.size() == 1 || text.front() != '0');
}

class PlainReader {
  public:
    explicit PlainReader(std::string_view text) : text_(text), scanner_(text) {}

    bool read(Node& root) {
        root_ = table_ = &root;
        for (scanner_.skip_trivia(); !scanner_.done(); scanner_.skip_trivia()) {
            const bool is_read = scanner_.peek() == '[' ? header() : statement();
            if (!is_read || !scanner_.finish_line()) return false;
        }
        return true;
    }

  private:
    Node* child_of(Node& table, std::string_view name) {
        const auto found = table.entries.find(name);
        if (found != table.entries.end())
            return found->second.is(Node::Kind::table) && !closed_.contains(&found->second) ? &found->second : nullptr;
        return added(table, name);
    }
    // nullptr: it is there already. One search, since a table may be all accounts of a large domain.
    Node* added(Node& table, std::string_view name) {
        const auto behind = table.entries.lower_bound(name);
        if (behind != table.entries.end() && behind->first == name) return nullptr;
        Node& node = table.entries.try_emplace(behind, std::string(name))->second;
        node.key_place = node.place = {line(), 1};
        return &node;
    }
    // Of where the scanner is.
    std::size_t line() {
        line_ += static_cast<std::size_t>(std::ranges::count(text_.substr(counted_, scanner_.at() - counted_), '\n'));
        counted_ = scanner_.at();
        return line_;
    }
    bool header() {
        scanner_.take('[');
        Node* table = root_;
        for (std::size_t part = 0; part < max_key_parts; ++part) {
            scanner_.skip_blanks();
            std::string_view name;
            if (!scanner_.plain_part(name)) return false;
            scanner_.skip_blanks();
            if (scanner_.take('.')) {
                table = child_of(*table, name);
                if (table == nullptr) return false;
                continue;
            }
            table_ = scanner_.take(']') ? added(*table, name) : nullptr;
            return table_ != nullptr;
        }
        return false;
    }
    bool statement() {
        const auto begin = scanner_.at();
        std::string_view name;
        if (!scanner_.plain_part(name)) return false;
        scanner_.skip_blanks();
        if (!scanner_.take('=')) return false;
        scanner_.skip_blanks();
        Node* const there = added(*table_, name);
        if (there == nullptr) return false;
        Node& node = *there;
        const auto place = node.place;
        if (!value(node) && !parsed(begin, node)) return false;
        node.key_place = node.place = place;
        if (node.is(Node::Kind::table)) closed_.insert(&node);
        return true;
    }
    // False: not plain, or not TOML.
    bool value(Node& out) {
        if (scanner_.peek() == '[') return string_array(out);
        Span span;
        if (!scanner_.value(span)) return false;
        const auto text = span.of(text_);
        return read_string(text, out) || read_word(text, out);
    }
    bool string_array(Node& out) {
        elements_.clear();
        if (!scanner_.array(0, &elements_)) return false;
        out.kind = Node::Kind::array;
        out.elements.reserve(elements_.size());
        return std::ranges::all_of(elements_,
                                   [&](Span each) { return read_string(each.of(text_), out.elements.emplace_back()); });
    }
    // The statement from `begin` to where the scanner is, by itself.
    bool parsed(std::size_t begin, Node& out) {
        auto whole = parse_toml(text_.substr(begin, scanner_.at() - begin), "");
        if (!whole.diagnostics.empty() || whole.root.entries.size() != 1) return false;
        out = std::move(whole.root.entries.begin()->second);
        return true;
    }

    std::string_view text_;
    TomlScanner scanner_;
    std::size_t counted_ = 0, line_ = 1;
    Node *root_ = nullptr, *table_ = nullptr;
    std::set<const Node*> closed_; // tables written as values: no header reaches into them
    std::vector<Span> elements_;
};

} // namespace

std::optional<Node> read_plain_toml(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (has_odd_bytes(text) || !is_utf8(text)) return std::nullopt;
    Node root;
    if (!PlainReader(text).read(root)) return std::nullopt;
    return root;
}

} // namespace mailctl
