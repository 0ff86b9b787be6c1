// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/passwords.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/site_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

Error too_weak(std::string what) {
    return {ErrorKind::invalid, std::move(what), "choose another one, or let mailctl make one: --generate", 0};
}

// Lists have words in lower case; who writes "Password" has chosen none of his own.
Result<bool> is_common(const std::string& path, std::string_view password) {
    auto list = load_file(path);
    if (!list) return fail(list.error().while_doing("cannot look up common passwords (passwords.common)"));
    const auto folded = fold(password);
    const auto lines = split(std::string_view(*list), '\n');
    return std::ranges::any_of(lines, [&](std::string_view line) { return equal_folded(trim(line), folded); });
}

} // namespace

Status check_chosen_password(const World& world, const Address& address, std::string_view password) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    const auto& rules = view.site().passwords;
    if (rules.min_length == 0 && rules.common.empty()) return {};
    if (count_code_points(password) < rules.min_length)
        return fail(too_weak(
            fmt::format("the password for '{}' has fewer than {} characters", address.display(), rules.min_length)));
    if (equal_folded(password, address.text()) || equal_folded(password, address.local.text()))
        return fail(too_weak(fmt::format("the password for '{}' is its own name", address.display())));
    if (rules.common.empty()) return {};
    TRY_ASSIGN(const bool common, is_common(rules.common, password));
    if (common)
        return fail(
            too_weak(fmt::format("the password for '{}' is a common one, which others try first", address.display())));
    return {};
}

} // namespace mailctl
