// Line by line; every "false" means: leave it to the parser.
#include "plain_toml.hpp"

#include "layout.hpp"
#include "mailctl/base/text.hpp"

#include <algorithm>
#include <set>

namespace mailctl {

namespace {

bool is_plain_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

// Bytes that TOML forbids, and carriage returns, which it allows before a line feed only.
bool has_odd_bytes(std::string_view text) {
    const auto is_odd = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    };
    return std::count_if(text.begin(), text.end(), is_odd) != 0;
}

class PlainReader {
  public:
    explicit PlainReader(std::string_view text) : text_(text) {}

    bool read(Node& root) {
        root_ = table_ = &root;
        while (at_ < text_.size()) {
            skip_blanks();
            const char c = peek();
            if (c == '[') {
                if (!header()) return false;
            } else if (c != '#' && c != '\n' && at_ < text_.size()) {
                if (!statement()) return false;
            }
            if (!finish_line()) return false;
        }
        return true;
    }

  private:
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
    }
    bool finish_line() {
        skip_blanks();
        if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
        if (peek() != '\n') return false;
        at_ = std::min(at_ + 1, text_.size());
        ++line_;
        return true;
    }
    // Between the quotes.
    bool quoted(std::string_view& out) {
        const char quote = text_[at_];
        auto end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n' && (quote != '"' || text_[end] != '\\'))
            ++end;
        if (end == text_.size() || text_[end] != quote) return false;
        out = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return !(out.empty() && peek() == quote); // three quotes begin a string of many lines
    }
    bool key(std::string_view& out) {
        if (peek() == '"' || peek() == '\'') return quoted(out);
        const auto begin = at_;
        while (at_ < text_.size() && is_plain_bare(text_[at_]))
            ++at_;
        out = text_.substr(begin, at_ - begin);
        return !out.empty();
    }
    Node* child_of(Node& table, std::string_view name) {
        const auto found = table.entries.find(name);
        if (found != table.entries.end())
            return found->second.is(Node::Kind::table) && !closed_.contains(&found->second) ? &found->second : nullptr;
        return &added(table, name);
    }
    Node& added(Node& table, std::string_view name) {
        Node& node = table.entries.emplace(name, Node{}).first->second;
        node.key_place = node.place = {line_, 1};
        return node;
    }
    bool header() {
        take('[');
        Node* table = root_;
        while (true) {
            skip_blanks();
            std::string_view name;
            if (!key(name)) return false;
            skip_blanks();
            if (take('.')) {
                table = child_of(*table, name);
                if (table == nullptr) return false;
                continue;
            }
            if (!take(']') || table->entries.contains(name)) return false;
            table_ = &added(*table, name);
            return true;
        }
    }
    bool statement() {
        const auto begin = at_;
        std::string_view name;
        if (!key(name)) return false;
        skip_blanks();
        if (!take('=')) return false;
        skip_blanks();
        if (table_->entries.contains(name)) return false;
        Node value;
        const auto value_begin = at_;
        if (!plain_value(value)) {
            at_ = value_begin;
            value = {};
            if (!any_value(begin, value)) return false;
        }
        Node& node = added(*table_, name);
        value.key_place = value.place = node.place;
        node = std::move(value);
        if (node.is(Node::Kind::table)) closed_.insert(&node);
        return true;
    }
    bool plain_value(Node& out) {
        const char c = peek();
        if (c == '"' || c == '\'') return string_value(out);
        if (c == '[') return string_array(out);
        const auto end = std::min(text_.find_first_of(" \t\n#", at_), text_.size());
        const auto word = text_.substr(at_, end - at_);
        at_ = end;
        out.text = word;
        if (word == "true" || word == "false") {
            out.kind = Node::Kind::boolean;
            return true;
        }
        out.kind = Node::Kind::integer;
        const bool digits = !word.empty() && word.find_first_not_of("0123456789") == word.npos;
        return digits && word.size() < 19 && (word.size() == 1 || word.front() != '0');
    }
    bool string_value(Node& out) {
        std::string_view inside;
        if (!quoted(inside)) return false;
        out.kind = Node::Kind::string;
        out.text = inside;
        return true;
    }
    bool string_array(Node& out) {
        const auto line = line_;
        out.kind = Node::Kind::array;
        take('[');
        while (true) {
            skip_trivia();
            if (take(']')) return true;
            if (peek() != '"' && peek() != '\'') break;
            if (!string_value(out.elements.emplace_back())) break;
            skip_trivia();
            if (!take(',') && peek() != ']') break;
        }
        line_ = line;
        return false;
    }
    void skip_trivia() {
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
            const char c = peek();
            if (c == '\n') ++line_;
            if (at_ >= text_.size() || (c != ' ' && c != '\t' && c != '\n')) return;
        }
    }
    // The statement at `begin` by itself. It ends before a line that begins with '[', but such lines may be its own.
    bool any_value(std::size_t begin, Node& out) {
        for (auto end = begin;;) {
            const auto next = text_.find("\n[", end + 1);
            end = next == text_.npos ? text_.size() : next;
            const auto part = text_.substr(begin, std::min(end + 1, text_.size()) - begin);
            const auto found = scan_statements(part, {0, part.size()});
            if (!found.empty()) {
                const auto whole = found.front().whole.of(part);
                auto parsed = parse_toml(whole, "");
                if (found.front().key.size() != 1 || !parsed.diagnostics.empty()) return false;
                out = std::move(parsed.root.entries.begin()->second);
                const auto value_end = found.front().value.end;
                line_ += static_cast<std::size_t>(std::ranges::count(part.substr(0, value_end), '\n'));
                at_ = begin + value_end;
                return true;
            }
            if (end == text_.size()) return false;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0, line_ = 1;
    Node *root_ = nullptr, *table_ = nullptr;
    std::set<const Node*> closed_; // tables written as values: no header reaches into them
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
