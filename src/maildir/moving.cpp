// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/moving.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/os/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr std::string_view claim_mark = "%moving-", copy_mark = "%copying-", hidden_copy_mark = ".copying-";
constexpr std::size_t longest_name = 255;
constexpr int deepest = 64; // Maildir++ has two levels; each costs two descriptors

using Entry = std::optional<struct stat>; // nullopt: there is none

// Only ENOENT says that there is none: whoever took any other failure for that would remove what was never copied.
Result<Entry> look_at(int directory, const std::string& name) {
    struct stat about {};
    if (::fstatat(directory, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0) return Entry(about);
    if (errno == ENOENT) return Entry();
    return fail(system_error(errno, "cannot look at", name));
}

std::string short_digest(std::string_view text) { return digest(text).substr(0, 24); }

std::string claim_name(const std::string& name) {
    auto claim = std::string(claim_mark) + name;
    return claim.size() <= longest_name ? claim : std::string(claim_mark) + short_digest(name);
}

Status sync_of(const FileDescriptor& directory, const std::string& name) {
    if (::fsync(directory.get()) == 0 || errno == EINVAL) return {};
    return fail(system_error(errno, "cannot sync the directory of", name));
}

// Owner and mode of the source, its times last: a copy that has them is whole and durable.
Status take_after(int file, const struct stat& source, const std::string& name) {
    if (::geteuid() == 0 && ::fchown(file, source.st_uid, source.st_gid) != 0)
        return fail(system_error(errno, "cannot change the owner of", name));
    if (::fchmod(file, source.st_mode & 07777) != 0)
        return fail(system_error(errno, "cannot change the mode of", name));
    return {};
}
Status take_times(int directory, const std::string& name, const struct stat& source) {
    const timespec times[2] = {source.st_atim, source.st_mtim};
    if (::utimensat(directory, name.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0) return {};
    return fail(system_error(errno, "cannot set the time of", name));
}

Status copy_content(int from, int to, const std::string& name) {
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        const auto got = ::read(from, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(system_error(errno, "cannot read", name));
        if (got == 0) return {};
        TRY(write_all(to, {buffer.data(), static_cast<std::size_t>(got)}, name));
    }
}

bool has_same_content(int a, const std::string& a_name, int b, const std::string& b_name) {
    const auto first = open_beneath(a, a_name, O_RDONLY | O_NONBLOCK);
    const auto second = open_beneath(b, b_name, O_RDONLY | O_NONBLOCK);
    if (!first || !second) return false;
    std::array<char, 64 * 1024> left, right;
    for (off_t at = 0;;) {
        const auto got = ::pread(first->get(), left.data(), left.size(), at);
        const auto other = ::pread(second->get(), right.data(), right.size(), at);
        if (got != other || got < 0) return false;
        if (got == 0) return true;
        if (!std::equal(left.begin(), left.begin() + got, right.begin())) return false;
        at += got;
    }
}

// One tree into another place. What is there already from an earlier attempt is kept if it is whole.
class TreeCopy {
  public:
    Status copy_below(const FileDescriptor& from, const FileDescriptor& to, const std::string& path, int depth);

  private:
    Status copy_entry(const FileDescriptor& from, const std::string& name, const FileDescriptor& to, int depth);
    Status copy_file(const FileDescriptor& from, const std::string& name, const struct stat& about,
                     const FileDescriptor& to);
    static Status copy_link(const FileDescriptor& from, const std::string& name, const FileDescriptor& to);
};

Status TreeCopy::copy_file(const FileDescriptor& from, const std::string& name, const struct stat& about,
                           const FileDescriptor& to) {
    TRY_ASSIGN(const FileDescriptor source, open_beneath(from.get(), name, O_RDONLY | O_NONBLOCK));
    TRY_ASSIGN(FileDescriptor copy, open_beneath(to.get(), name, O_WRONLY | O_CREAT | O_TRUNC, 0600));
    TRY(copy_content(source.get(), copy.get(), name));
    TRY(take_after(copy.get(), about, name));
    return copy.close(name);
}

Status TreeCopy::copy_link(const FileDescriptor& from, const std::string& name, const FileDescriptor& to) {
    std::string target(4096, '\0');
    const auto size = ::readlinkat(from.get(), name.c_str(), target.data(), target.size());
    if (size < 0) return fail(system_error(errno, "cannot read the link", name));
    target.resize(static_cast<std::size_t>(size));
    if (::symlinkat(target.c_str(), to.get(), name.c_str()) == 0 || errno == EEXIST) return {};
    return fail(system_error(errno, "cannot make the link", name));
}

Status TreeCopy::copy_entry(const FileDescriptor& from, const std::string& name, const FileDescriptor& to, int depth) {
    TRY_ASSIGN(const Entry about, look_at(from.get(), name));
    if (!about) return {}; // a reader of the mailbox has just removed it
    if (S_ISLNK(about->st_mode)) return copy_link(from, name, to);
    if (S_ISREG(about->st_mode)) return copy_file(from, name, *about, to);
    if (!S_ISDIR(about->st_mode)) return {}; // a FIFO, a socket: nothing in it to keep
    if (::mkdirat(to.get(), name.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(system_error(errno, "cannot make", name));
    TRY_ASSIGN(const FileDescriptor source, open_directory_beneath(from.get(), name));
    TRY_ASSIGN(const FileDescriptor copy, open_directory_beneath(to.get(), name));
    TRY(copy_below(source, copy, name, depth + 1));
    return take_after(copy.get(), *about, name);
}

Status TreeCopy::copy_below(const FileDescriptor& from, const FileDescriptor& to, const std::string& path, int depth) {
    if (depth > deepest) return fail(ErrorKind::failed, fmt::format("cannot copy '{}': too deep", path));
    TRY_ASSIGN(const auto names, entries_of(from, path));
    std::vector<std::string> fresh;
    for (const auto& name : names) {
        TRY_ASSIGN(const Entry source, look_at(from.get(), name));
        TRY_ASSIGN(const Entry copy, look_at(to.get(), name));
        const bool whole = source && copy && S_ISREG(source->st_mode) && copy->st_size == source->st_size &&
                           copy->st_mtim.tv_sec == source->st_mtim.tv_sec &&
                           copy->st_mtim.tv_nsec == source->st_mtim.tv_nsec;
        if (whole) continue;
        TRY(copy_entry(from, name, to, depth));
        fresh.push_back(name);
    }
    if (::syncfs(to.get()) != 0) return fail(system_error(errno, "cannot sync the file system of", path));
    for (const auto& name : fresh) {
        TRY_ASSIGN(const Entry source, look_at(from.get(), name));
        if (source && (S_ISREG(source->st_mode) || S_ISDIR(source->st_mode))) {
            TRY(take_times(to.get(), name, *source));
        }
    }
    return {};
}

Status copy_tree(const FileDescriptor& from, const std::string& name, const FileDescriptor& to,
                 const std::string& place) {
    TRY_ASSIGN(const FileDescriptor source, open_directory_beneath(from.get(), name));
    TRY_ASSIGN(const FileDescriptor copy, open_directory_beneath(to.get(), place));
    struct stat about {};
    if (::fstat(source.get(), &about) != 0) return fail(system_error(errno, "cannot examine", name));
    TRY(TreeCopy().copy_below(source, copy, name, 0));
    TRY(take_after(copy.get(), about, place));
    if (::syncfs(copy.get()) != 0) return fail(system_error(errno, "cannot sync the file system of", name));
    return {};
}

struct Names {
    std::string name, new_name, claim, copy;
};

// From the second step on, or from wherever it was cut short.
Result<Moved> go_on(const FileDescriptor& from, const FileDescriptor& to, const Names& names) {
    TRY_ASSIGN(const Entry unfinished, look_at(to.get(), names.copy));
    if (!unfinished) { // it has been copied
        TRY(remove_tree(from.get(), names.claim));
        return Moved::done;
    }
    TRY(copy_tree(from, names.claim, to, names.copy));
    const int problem = rename_without_replacing(to.get(), names.copy.c_str(), to.get(), names.new_name.c_str());
    if (problem == EEXIST || problem == ENOTEMPTY) {
        if (const int back = rename_without_replacing(from.get(), names.claim.c_str(), from.get(), names.name.c_str()))
            return fail(system_error(back, "cannot put back", names.name));
        TRY(sync_of(from, names.name));
        TRY(remove_tree(to.get(), names.copy));
        return Moved::in_the_way;
    }
    if (problem != 0) return fail(system_error(problem, "cannot move", names.name));
    TRY(sync_of(to, names.new_name));
    TRY(remove_tree(from.get(), names.claim));
    return Moved::done;
}

Result<Moved> copy_directory(const FileDescriptor& from, const FileDescriptor& to, const Names& names) {
    TRY_ASSIGN(const Entry there, look_at(to.get(), names.new_name));
    if (there) {
        TRY(remove_tree(to.get(), names.copy));
        return Moved::in_the_way;
    }
    if (::mkdirat(to.get(), names.copy.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(system_error(errno, "cannot make a place for a copy of", names.name));
    TRY(sync_of(to, names.copy));
    if (const int problem = rename_without_replacing(from.get(), names.name.c_str(), from.get(), names.claim.c_str()))
        return fail(system_error(problem, "cannot move", names.name));
    TRY(sync_of(from, names.claim));
    return go_on(from, to, names);
}

Result<Moved> copy_plain(const FileDescriptor& from, const std::string& name, const struct stat& about,
                         const FileDescriptor& to, const std::string& new_name) {
    const auto place = std::string(hidden_copy_mark) + short_digest(new_name);
    TRY_ASSIGN(const Entry there, look_at(to.get(), new_name));
    if (there) {
        if (!has_same_content(from.get(), name, to.get(), new_name)) return Moved::in_the_way;
    } else if (S_ISREG(about.st_mode)) {
        TRY(remove_tree(to.get(), place));
        TRY_ASSIGN(const FileDescriptor source, open_beneath(from.get(), name, O_RDONLY | O_NONBLOCK));
        TRY_ASSIGN(FileDescriptor copy, open_beneath(to.get(), place, O_WRONLY | O_CREAT | O_EXCL, 0600));
        TRY(copy_content(source.get(), copy.get(), name));
        TRY(take_after(copy.get(), about, name));
        TRY(take_times(to.get(), place, about));
        TRY(sync_file(copy.get(), name));
        TRY(copy.close(name));
        const int problem = rename_without_replacing(to.get(), place.c_str(), to.get(), new_name.c_str());
        if (problem == EEXIST) return Moved::in_the_way;
        if (problem != 0) return fail(system_error(problem, "cannot move", name));
    }
    TRY(sync_of(to, new_name));
    if (::unlinkat(from.get(), name.c_str(), 0) == 0 || errno == ENOENT) return Moved::done;
    return fail(system_error(errno, "cannot remove", name));
}

bool is_same_file(int a, const char* a_name, int b, const char* b_name) {
    const auto first = look_at(a, a_name), second = look_at(b, b_name);
    if (!first || !second || !*first || !*second) return false;
    return (*first)->st_ino == (*second)->st_ino && (*first)->st_dev == (*second)->st_dev;
}

// Of a directory that has been opened; what lies in its directories comes up to it.
Status flatten(const FileDescriptor& top, const std::string& name, unsigned& number) {
    TRY_ASSIGN(const auto entries, entries_of(top, name));
    for (const auto& entry : entries) {
        if (::unlinkat(top.get(), entry.c_str(), 0) == 0 || errno == ENOENT) continue;
        if (::unlinkat(top.get(), entry.c_str(), AT_REMOVEDIR) == 0) continue;
        TRY_ASSIGN(const FileDescriptor directory, open_directory_beneath(top.get(), entry));
        TRY_ASSIGN(const auto below, entries_of(directory, entry));
        for (const auto& each : below) {
            if (::unlinkat(directory.get(), each.c_str(), 0) == 0 || errno == ENOENT) continue;
            if (::unlinkat(directory.get(), each.c_str(), AT_REMOVEDIR) == 0) continue;
            int problem = EEXIST;
            while (problem == EEXIST || problem == ENOTEMPTY)
                problem = rename_without_replacing(directory.get(), each.c_str(), top.get(),
                                                   fmt::format("%up-{}", ++number).c_str());
            if (problem != 0) return fail(system_error(problem, "cannot remove", each));
        }
        if (::unlinkat(top.get(), entry.c_str(), AT_REMOVEDIR) != 0 && errno != ENOTEMPTY && errno != ENOENT)
            return fail(system_error(errno, "cannot remove", entry));
    }
    return {};
}

} // namespace

int rename_without_replacing(int from, const char* name, int to, const char* new_name) {
    if (::renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // Not known here (NFS among others). A directory with something in it is never replaced, an empty one may be.
    const auto about = look_at(from, name);
    if (!about) return about.error().os_error;
    if (!*about) return ENOENT;
    if (S_ISDIR((*about)->st_mode)) {
        const auto there = look_at(to, new_name);
        if (!there) return there.error().os_error;
        if (*there && !S_ISDIR((*there)->st_mode)) return EEXIST;
        return ::renameat(from, name, to, new_name) == 0 ? 0 : errno;
    }
    if (::linkat(from, name, to, new_name, 0) != 0) {
        const int problem = errno; // NFS may have made the link and lost the answer
        if (!is_same_file(from, name, to, new_name)) return problem;
    }
    ::unlinkat(from, name, 0);
    return 0;
}

Result<Moved> move_entry(const FileDescriptor& from, const std::string& name, const FileDescriptor& to,
                         const std::string& new_name) {
    const Names names{name, new_name, claim_name(name), std::string(copy_mark) + short_digest(name + '/' + new_name)};
    TRY_ASSIGN(const bool was_cut_short, is_moving(from, name));
    if (was_cut_short) return go_on(from, to, names);
    const int problem = rename_without_replacing(from.get(), name.c_str(), to.get(), new_name.c_str());
    if (problem == 0) return Moved::done;
    if (problem == ENOENT) return Moved::nothing_there;
    if (problem == EEXIST || problem == ENOTEMPTY) return Moved::in_the_way;
    TRY_ASSIGN(const Entry about, look_at(from.get(), name));
    if (problem == EXDEV && !about) return Moved::nothing_there;
    if (problem != EXDEV || !about) return fail(system_error(problem, "cannot move", name));
    if (S_ISDIR(about->st_mode)) return copy_directory(from, to, names);
    return copy_plain(from, name, *about, to, new_name);
}

Status give_up_move(const FileDescriptor& from, const std::string& name, const FileDescriptor& to,
                    const std::string& new_name) {
    const auto claim = claim_name(name), copy = std::string(copy_mark) + short_digest(name + '/' + new_name);
    TRY_ASSIGN(const bool was_cut_short, is_moving(from, name));
    if (!was_cut_short) return {};
    TRY_ASSIGN(const bool unfinished, has_entry(to, copy));
    if (!unfinished) return remove_tree(from.get(), claim); // all of it is in the other place
    if (const int problem = rename_without_replacing(from.get(), claim.c_str(), from.get(), name.c_str()))
        return fail(system_error(problem, "cannot put back", name));
    TRY(sync_of(from, name));
    return remove_tree(to.get(), copy);
}

Result<bool> has_entry(const FileDescriptor& directory, const std::string& name) {
    TRY_ASSIGN(const Entry found, look_at(directory.get(), name));
    return found.has_value();
}

Result<bool> has_source(const FileDescriptor& from, const std::string& name) {
    TRY_ASSIGN(const bool is_there, has_entry(from, name));
    return is_there ? Result<bool>(true) : is_moving(from, name);
}

Result<bool> is_moving(const FileDescriptor& from, const std::string& name) {
    TRY_ASSIGN(const Entry claimed, look_at(from.get(), claim_name(name)));
    return claimed.has_value();
}

std::vector<std::string> with_moving(std::vector<std::string> names) {
    for (auto& name : names)
        if (name.starts_with(claim_mark)) name.erase(0, claim_mark.size());
    std::erase_if(names, [](const std::string& name) { return name.starts_with(copy_mark); });
    return names;
}

Status remove_tree(int parent, const std::string& name) {
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR && errno != EPERM) return fail(system_error(errno, "cannot remove", name));
    constexpr int passes = 10'000; // one for each level
    unsigned number = 0;
    for (int pass = 0; pass < passes; ++pass) {
        if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
        if (errno != ENOTEMPTY && errno != EEXIST) return fail(system_error(errno, "cannot remove", name));
        TRY_ASSIGN(const FileDescriptor top, open_directory_beneath(parent, name));
        TRY(flatten(top, name, number));
    }
    return fail(ErrorKind::failed, fmt::format("cannot remove '{}': somebody goes on filling it", name));
}

Result<FileDescriptor> open_in_root(int root, const std::string& path, int flags) {
    auto found = open_beneath(root, path, flags);
    if (found || (found.error().os_error != ELOOP && found.error().os_error != ENOTDIR)) return found;
    const auto slash = path.find('/');
    const auto domain = path.substr(0, slash);
    TRY_ASSIGN(const Entry about, look_at(root, domain));
    const bool trusted = about && S_ISLNK(about->st_mode) && (about->st_uid == 0 || about->st_uid == ::geteuid());
    if (!trusted) return found;
    const bool is_all = slash == std::string::npos;
    FileDescriptor directory(::openat(root, domain.c_str(), (is_all ? flags : O_PATH) | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return fail(system_error(errno, "cannot open", domain));
    if (is_all) return directory;
    return open_beneath(directory.get(), path.substr(slash + 1), flags);
}

Result<std::optional<FileDescriptor>> find_in_root(int root, const std::string& path) {
    auto found = open_in_root(root, path, O_RDONLY | O_DIRECTORY);
    if (found) return std::optional(std::move(*found));
    if (found.error().kind == ErrorKind::missing) return std::optional<FileDescriptor>{};
    return fail(std::move(found).error());
}

} // namespace mailctl
