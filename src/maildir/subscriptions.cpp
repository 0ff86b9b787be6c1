// SPDX-License-Identifier: Apache-2.0
// Lines are appended: what another program writes meanwhile is at worst a line more.
#include "subscriptions.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/maildir/beneath.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr std::size_t longest = std::size_t{1} << 20; // nobody has subscribed to more
constexpr std::string_view second_version = "V\t2\n";

Result<std::string> read_whole(const FileDescriptor& file, const std::string& path) {
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) return fail(system_error(errno, "cannot examine", path));
    if (!S_ISREG(about.st_mode) || static_cast<std::size_t>(about.st_size) > longest)
        return fail(ErrorKind::failed, fmt::format("'{}' is not a list of folders", path));
    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    const auto got = ::pread(file.get(), text.data(), text.size(), 0);
    if (got < 0) return fail(system_error(errno, "cannot read", path));
    text.resize(static_cast<std::size_t>(got));
    return text;
}

std::string lines_to_add(const std::string& text, const std::vector<std::string>& folders) {
    const auto known = split(text, '\n');
    std::string added;
    for (const auto& folder : folders) {
        std::string line = folder.substr(1);
        if (text.starts_with(second_version)) std::ranges::replace(line, '.', '\t');
        if (std::ranges::find(known, line) == known.end()) added += line + '\n';
    }
    return !added.empty() && !text.empty() && !text.ends_with('\n') ? '\n' + added : added;
}

} // namespace

Status subscribe(const MailStore& store, const Maildir& mailbox, const std::vector<std::string>& folders) {
    const auto path = mailbox.path() + "/subscriptions";
    TRY_ASSIGN(FileDescriptor file,
               open_beneath(mailbox.directory(), "subscriptions", O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK, 0600));
    TRY_ASSIGN(const auto text, read_whole(file, path));
    if (text.empty()) {
        TRY(store.give(file.get(), path));
    }
    TRY(write_all(file.get(), lines_to_add(text, folders), path));
    return sync_file(file.get(), path);
}

} // namespace mailctl
