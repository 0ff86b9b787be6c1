// SPDX-License-Identifier: Apache-2.0
// SourceFile: one of the files that are the truth, mailctl.toml or a domain's. Beside each lies, below
// lib/history/applied, the text that was applied last: what the compiled directory and the maps were made from, and
// what hand edits are compared with.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/os/paths.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

struct SourceFile {
    std::optional<DomainName> domain; // nullopt: mailctl.toml
    auto operator<=>(const SourceFile&) const = default;

    [[nodiscard]] std::string relative() const; // "mailctl.toml", "domains/a.example.toml": as the history names it
    [[nodiscard]] std::string path(const Paths& paths) const;
    [[nodiscard]] std::string applied_path(const Paths& paths) const;
    static Result<SourceFile> parse(std::string_view relative); // invalid: neither form
};
inline const SourceFile site_source{};

} // namespace mailctl
