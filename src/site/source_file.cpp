// SPDX-License-Identifier: Apache-2.0
// Where a source file and its applied text lie.
#include "mailctl/site/source_file.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {
constexpr std::string_view folder = "domains/", ending = ".toml";
}

std::string SourceFile::relative() const {
    return domain ? fmt::format("{}{}{}", folder, domain->text(), ending) : "mailctl.toml";
}

std::string SourceFile::path(const Paths& paths) const { return domain ? paths.domain_file(*domain) : paths.site_file; }

std::string SourceFile::applied_path(const Paths& paths) const { return paths.history + "/applied/" + relative(); }

Result<SourceFile> SourceFile::parse(std::string_view relative) {
    if (relative == site_source.relative()) return site_source;
    if (!relative.starts_with(folder) || !relative.ends_with(ending))
        return fail(ErrorKind::invalid, fmt::format("'{}' is not a file of the site", relative));
    relative.remove_prefix(folder.size());
    relative.remove_suffix(ending.size());
    TRY_ASSIGN(auto name, DomainName::parse(relative));
    return SourceFile{std::move(name)};
}

} // namespace mailctl
