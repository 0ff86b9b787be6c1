// SPDX-License-Identifier: Apache-2.0
// Words for algorithms and states, and what a selector may be called.
#include "mailctl/model/dkim.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::array algorithm_words{std::string_view("rsa"), std::string_view("ed25519")};
constexpr std::array state_words{std::string_view("new"), std::string_view("active"), std::string_view("retiring"),
                                 std::string_view("revoked"), std::string_view("gone")};
constexpr std::array signer_words{std::string_view("none"), std::string_view("opendkim"), std::string_view("rspamd")};

template <class Kind, std::size_t count>
std::optional<Kind> kind_of(const std::array<std::string_view, count>& words, std::string_view name) {
    const auto word = std::ranges::find(words, name);
    if (word == words.end()) return std::nullopt;
    return static_cast<Kind>(word - words.begin());
}

bool is_selector_label(std::string_view label) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (label.empty() || !is_letter(label.front()) || !is_letter(label.back())) return false;
    return std::ranges::all_of(label, [&](char c) { return is_letter(c) || c == '-' || c == '_'; });
}

} // namespace

std::string_view algorithm_name(DkimAlgorithm algorithm) {
    return algorithm_words[static_cast<std::size_t>(algorithm)];
}
std::optional<DkimAlgorithm> find_algorithm(std::string_view name) {
    return kind_of<DkimAlgorithm>(algorithm_words, name);
}
std::string_view state_name(SelectorState state) { return state_words[static_cast<std::size_t>(state)]; }
std::optional<SelectorState> find_selector_state(std::string_view name) {
    return kind_of<SelectorState>(state_words, name);
}
std::string_view signer_name(DkimSigner signer) { return signer_words[static_cast<std::size_t>(signer)]; }

bool is_selector_name(std::string_view name) {
    constexpr std::size_t longest_name = 63;
    return name.size() <= longest_name && std::ranges::all_of(split(name, '.'), is_selector_label);
}

const DkimSelector* find_selector(std::span<const DkimSelector> selectors, std::string_view name) {
    const auto found = std::ranges::find(selectors, name, &DkimSelector::name);
    return found == selectors.end() ? nullptr : &*found;
}

} // namespace mailctl
