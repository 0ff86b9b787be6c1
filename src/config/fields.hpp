// SPDX-License-Identifier: Apache-2.0
// Fields: reads the keys of one TOML table into typed values. Everything that is wrong is collected with its place, key
// and remedy, so that a file shows all its errors at once; a key nobody asked for is an error with the nearest known
// name.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/config/toml/toml.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailctl {

class Findings {
  public:
    explicit Findings(std::string_view file) : file_(file) {}
    void add(Place place, std::string key, std::string message, std::string remedy = {});
    [[nodiscard]] bool empty() const { return diagnostics_.empty(); }
    [[nodiscard]] std::vector<Diagnostic> sorted() const; // by place

  private:
    std::string file_;
    std::vector<Diagnostic> diagnostics_;
};

class Fields {
  public:
    // `table` must outlive this; a node that is not a table is reported and reads as empty.
    Fields(const Node& table, KeyPath path, Findings& findings);

    // The value of a key, which is known from now on. Null when absent.
    const Node* node(std::string_view key);
    [[nodiscard]] const Node& table() const { return *table_; }
    [[nodiscard]] std::string path_of(std::string_view key) const; // "mailbox.paul.quota"

    // Each leaves `out` alone when the key is absent or wrong.
    void text(std::string_view key, std::string& out);  // one line: no control characters
    void block(std::string_view key, std::string& out); // any text but NUL
    void flag(std::string_view key, bool& out);
    void number(std::string_view key, unsigned& out, unsigned least = 0);
    void size(std::string_view key, ByteCount& out); // "2 GiB", or bytes as a number
    void age(std::string_view key, Age& out);        // "7d"
    void date(std::string_view key, std::optional<Date>& out);
    [[nodiscard]] std::vector<const Node*> strings(std::string_view key); // the elements that are strings
    template <class T>
    void choice(std::string_view key, T& out, std::initializer_list<std::pair<std::string_view, T>> choices) {
        const Node* value = expect(key, Node::Kind::string, "a string");
        if (!value) return;
        std::vector<std::string> names;
        for (const auto& [name, meaning] : choices) {
            if (name == value->text) return void(out = meaning);
            names.emplace_back(name);
        }
        refuse_choice(key, *value, names);
    }

    // The value of a key if it is of this kind; anything else is reported as "must be <wanted>".
    const Node* expect(std::string_view key, Node::Kind kind, std::string_view wanted);
    void refuse(std::string_view key, Place place, std::string message, std::string remedy = {});
    // Reports every key that nobody asked for. Last call on a table.
    void refuse_unknown();

  private:
    void refuse_choice(std::string_view key, const Node& value, const std::vector<std::string>& names);

    const Node* table_;
    KeyPath path_;
    Findings* findings_;
    std::vector<std::string> known_;
};

} // namespace mailctl
