// SPDX-License-Identifier: Apache-2.0
// Edits on hostile text. The input's first bytes choose one edit, the rest is the file. Whatever the text: no crash,
// and an edit that is carried out leaves text that parses if it parsed before, changes nothing when it is made again,
// and keeps the other statements.
#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/config/toml/edit.hpp"
#include "mailctl/config/toml/toml.hpp"
#include "mailctl/config/toml/tree_edit.hpp"

#include <cstdint>
#include <cstdlib>

using namespace mailctl;

namespace {

class Choices {
  public:
    explicit Choices(std::string_view bytes) : bytes_(bytes) {}
    std::size_t below(std::size_t limit) {
        if (at_ == bytes_.size()) return 0;
        return static_cast<unsigned char>(bytes_[at_++]) % limit;
    }
    [[nodiscard]] std::string_view rest() const { return bytes_.substr(at_); }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
};

KeyPath choose_path(Choices& choices) {
    static const std::string parts[] = {"a", "b", "mailbox", "paul", "quota", "aliases", "a.b", "", "unknown", "ü"};
    KeyPath path;
    for (auto count = 1 + choices.below(3); count > 0; --count)
        path.push_back(parts[choices.below(std::size(parts))]);
    return path;
}

Value choose_value(Choices& choices) {
    switch (choices.below(6)) {
    case 0:
        return true;
    case 1:
        return 42LL;
    case 2:
        return std::string("text # \"quoted\"\n");
    case 3:
        return DateLiteral{"2026-12-31"};
    case 4:
        return std::vector<std::string>{"x", "y"};
    default:
        return InlineTable{{{"login", true}, {"a", std::string("b")}}};
    }
}

Edit choose_edit(Choices& choices) {
    const auto kind = choices.below(7);
    auto path = choose_path(choices);
    switch (kind) {
    case 0:
        return SetValue{path, choose_value(choices)};
    case 1:
        return AddElement{path, "x"};
    case 2:
        return RemoveElement{path, "x"};
    case 3:
        return RemoveKey{path};
    case 4:
        return RemoveTable{path};
    case 5:
        return RenameTable{path, "renamed"};
    default:
        return AddTable{path, {{"k", choose_value(choices)}}};
    }
}

void require(bool holds) {
    if (!holds) std::abort();
}

bool can_be_repeated(const Edit& edit) {
    return !std::holds_alternative<RenameTable>(edit) && !std::holds_alternative<AddTable>(edit);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices({reinterpret_cast<const char*>(data), size});
    const std::vector<Edit> edits = {choose_edit(choices)};
    const std::string text(choices.rest());

    const auto before = parse_toml(text, "fuzz");
    (void)check_domain(text, "fuzz", DomainName::from_trusted("example.com"), {});
    (void)check_site(text, "fuzz");
    const auto changed = apply_edits(text, edits, "fuzz");
    if (!before.diagnostics.empty()) return 0;
    if (!changed) {
        require(changed.error().kind != ErrorKind::failed); // the safety net is for bugs
        return 0;
    }
    const auto after = parse_toml(*changed, "fuzz");
    require(after.diagnostics.empty());
    require(edit_tree(before.root, edits, after.root) == after.root);
    if (can_be_repeated(edits[0])) {
        const auto again = apply_edits(*changed, edits, "fuzz");
        require(again && *again == *changed);
    }
    return 0;
}
