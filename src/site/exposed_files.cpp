// SPDX-License-Identifier: Apache-2.0
// Whether a text has a password is asked of its words: a comment that speaks of one closes the file, too.
#include "mailctl/site/exposed_files.hpp"

#include "mailctl/os/files.hpp"

#include <cerrno>
#include <sys/stat.h>

namespace mailctl {
namespace {

constexpr mode_t rights_of_others = S_IRWXO;

std::optional<mode_t> mode_open_to_all(const std::string& path) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
    if ((about.st_mode & rights_of_others) == 0) return std::nullopt;
    return about.st_mode & mode_t{07777};
}

bool has_password(std::string_view text) { return text.find("password") != text.npos; }

} // namespace

Result<std::vector<std::string>> find_exposed_files(const SiteView& view) {
    std::vector<std::string> exposed;
    TRY_ASSIGN(const auto names, view.domain_names());
    for (const auto& name : names) {
        auto path = view.paths().domain_file(name);
        if (!mode_open_to_all(path)) continue;
        TRY_ASSIGN(const auto text, view.find_text({name}));
        if (text && has_password(*text)) exposed.push_back(std::move(path));
    }
    return exposed;
}

Status close_to_others(const std::string& path, std::string_view text) {
    const auto mode = mode_open_to_all(path);
    if (!mode || !has_password(text)) return {};
    if (::chmod(path.c_str(), *mode & ~rights_of_others) == 0) return {};
    return fail(system_error(errno, "cannot set the mode of", path));
}

} // namespace mailctl
