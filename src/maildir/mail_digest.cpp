// SPDX-License-Identifier: Apache-2.0
// One directory after another, each opened beneath the one mail root; names sorted, so that the order in which a file
// system lists them says nothing. A file's digest is chained from pieces: no message need be in memory.
#include "mailctl/maildir/mail_digest.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/moving.hpp"
#include "mailctl/os/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {

namespace {

constexpr std::size_t digest_piece = 1 << 20;

// Dovecot makes these anew, and writes them whenever it likes.
bool is_made_anew(std::string_view name) {
    return name == "tmp" || name == "maildirsize" || name.starts_with("dovecot.index") ||
           name.starts_with("dovecot.list.index") || name.starts_with("dovecot.mailbox.log") || name.ends_with(".lock");
}

Error changed_meanwhile(const std::string& path) {
    return {ErrorKind::temporary, fmt::format("'{}' changed while it was read", path), "try again", 0};
}

class MailReading {
  public:
    Status add_all(const FileDescriptor& mailbox, const std::string& path) {
        TRY(add_directory(mailbox, "", path));
        // Deep trees need neither recursion nor a descriptor for each level.
        while (!directories_.empty()) {
            const auto next = std::move(directories_.back());
            directories_.pop_back();
            auto opened = open_directory_beneath(mailbox.get(), next);
            if (!opened && opened.error().kind == ErrorKind::missing) return fail(changed_meanwhile(next));
            if (!opened) return fail(std::move(opened).error());
            TRY(add_directory(*opened, next + '/', path));
        }
        return {};
    }
    MailDigest finish() && {
        std::ranges::sort(lines_);
        std::string all;
        for (const auto& line : lines_)
            all.append(line).append(1, '\0');
        total_.text = digest(all);
        return total_;
    }

  private:
    Status add_directory(const FileDescriptor& directory, const std::string& prefix, const std::string& path) {
        TRY_ASSIGN(const auto names, entries_of(directory, path));
        for (const auto& name : names)
            if (!is_made_anew(name)) {
                TRY(add_entry(directory, name, prefix + name));
            }
        return {};
    }

    Status add_entry(const FileDescriptor& directory, const std::string& name, const std::string& path) {
        struct stat status {};
        if (fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) return fail(changed_meanwhile(path));
            return fail(system_error(errno, "cannot look at", path));
        }
        if (S_ISDIR(status.st_mode)) {
            lines_.push_back(path + '/');
            directories_.push_back(path);
            return {};
        }
        if (S_ISLNK(status.st_mode)) return add_link(directory, name, path);
        if (!S_ISREG(status.st_mode)) return {}; // a socket or a FIFO is no mail
        return add_file(directory, name, path);
    }

    Status add_link(const FileDescriptor& directory, const std::string& name, const std::string& path) {
        std::string target(4096, '\0');
        const auto length = readlinkat(directory.get(), name.c_str(), target.data(), target.size());
        if (length < 0) return fail(system_error(errno, "cannot read the link", path));
        target.resize(static_cast<std::size_t>(length));
        lines_.push_back(path + "\1->\1" + target);
        return {};
    }

    Status add_file(const FileDescriptor& directory, const std::string& name, const std::string& path) {
        const FileDescriptor file(
            openat(directory.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (!file && errno == ENOENT) return fail(changed_meanwhile(path));
        if (!file) return fail(system_error(errno, "cannot read", path));
        std::string chained;
        for (;;) {
            buffer_.resize(digest_piece);
            TRY_ASSIGN(const auto length, read_piece(file.get(), path));
            total_.bytes += length;
            chained = digest(chained.append(buffer_, 0, length));
            if (length < digest_piece) break;
        }
        ++total_.files;
        lines_.push_back(path + '\1' + chained);
        return {};
    }

    Result<std::size_t> read_piece(int file, const std::string& path) {
        std::size_t filled = 0;
        while (filled < buffer_.size()) {
            const auto length = read(file, buffer_.data() + filled, buffer_.size() - filled);
            if (length < 0 && errno == EINTR) continue;
            if (length < 0) return fail(system_error(errno, "cannot read", path));
            if (length == 0) break;
            filled += static_cast<std::size_t>(length);
        }
        return filled;
    }

    std::vector<std::string> lines_, directories_;
    std::string buffer_;
    MailDigest total_;
};

} // namespace

Result<std::optional<MailDigest>> digest_mailbox(const MailStore& store, const Address& mailbox) {
    const auto path = mailbox_directory(mailbox);
    TRY_ASSIGN(const auto root, store.open_root());
    TRY_ASSIGN(const auto directory, find_in_root(root.get(), path));
    if (!directory) return std::nullopt;
    MailReading reading;
    TRY(reading.add_all(*directory, path));
    return std::optional(std::move(reading).finish());
}

} // namespace mailctl
