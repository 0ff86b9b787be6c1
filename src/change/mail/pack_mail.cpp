// SPDX-License-Identifier: Apache-2.0
// tar runs without a shell, as the mail user, in the open directory, and writes into a file that it could not open
// itself; its exit status 1, "a file changed as we read it", counts as a failure too.
#include "pack_mail.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/maildir/as_mail_user.hpp"
#include "mailctl/maildir/beneath.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/process.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {

namespace {

constexpr std::chrono::hours longest{24};

bool are_one_file(const std::string& a, const std::string& b) {
    struct stat first {
    }, second{};
    return ::lstat(a.c_str(), &first) == 0 && ::lstat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

Result<Words> run_tar(const MailStore& store, const std::string& place, int file, const std::string& path) {
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    const auto slash = place.rfind('/');
    TRY_ASSIGN(const FileDescriptor shelf, open_directory_beneath(root.get(), place.substr(0, slash)));
    ProcessOptions options;
    options.timeout = longest;
    options.output_fd = file;
    options.directory_fd = shelf.get();
    options.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"};
    TRY_ASSIGN(const auto tar,
               run({"tar", "--create", "--format=posix", "--file=-", "--", place.substr(slash + 1)}, options));
    if (tar.status == 0) return Words{};
    return fail(ErrorKind::failed, fmt::format("cannot write '{}': tar ended with status {}: {}", path, tar.status,
                                               printable(trim(tar.error_output))));
}

Status write_tar(const PackedMail& mail, const std::string& path) {
    TRY(remove_file(path)); // of a run that was killed
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return fail(system_error(errno, "cannot create", path));
    TRY_ASSIGN(const auto store, MailStore::open(mail.mail_root, "localhost"));
    TRY(as_mail_user(mail.user, [&] { return run_tar(store, mail.place, file.get(), path); }, {longest, longest}));
    TRY(sync_file(file.get(), path));
    return file.close(path);
}

std::string unfinished_path(const std::string& file, std::uint64_t change) {
    const auto name_at = file.rfind('/') + 1;
    return fmt::format("{}.{}.mailctl-{}", file.substr(0, name_at), file.substr(name_at), change);
}

} // namespace

Status pack_archived(const PackedMail& mail, const std::string& file, std::uint64_t change) {
    const auto name_at = file.rfind('/') + 1;
    const std::string unfinished = unfinished_path(file, change);
    const std::string parent = name_at > 1 ? file.substr(0, name_at - 1) : "/";
    if (!are_one_file(unfinished, file)) { // else it was whole, and we were killed right after
        if (auto written = write_tar(mail, unfinished); !written) {
            ::unlink(unfinished.c_str());
            return written;
        }
        if (::link(unfinished.c_str(), file.c_str()) != 0) {
            const int reason = errno;
            ::unlink(unfinished.c_str());
            if (reason == EEXIST) return fail(ErrorKind::conflict, fmt::format("'{}' exists already", file));
            return fail(system_error(reason, "cannot create", file));
        }
    }
    return sync_directory(parent);
}

Status settle_packed(const std::string& file, std::uint64_t change) {
    return remove_file(unfinished_path(file, change));
}

} // namespace mailctl
