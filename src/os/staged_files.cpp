// SPDX-License-Identifier: Apache-2.0
// One wait for all instead of one for each.
#include "mailctl/os/staged_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace mailctl {

StagedFiles::StagedFiles(std::size_t count) : flush_(count > 8 ? Flush::later : Flush::now) {}

StagedFiles::~StagedFiles() {
    for (const auto& target : targets_)
        static_cast<void>(remove_file(staged_path(target)));
}

Status StagedFiles::stage(const std::string& target, std::string_view content, const FileMode& mode) {
    const std::string directory = parent_of(target);
    if (!directories_.contains(directory)) {
        TRY_ASSIGN(directories_[directory], open_for_sync(directory));
    }
    TRY(stage_file(staged_path(target), target, content, mode, flush_));
    targets_.push_back(target);
    return {};
}

Status StagedFiles::flush() const {
    if (flush_ == Flush::now) return {};
    for (const auto& [path, directory] : directories_)
        if (::syncfs(directory.get()) != 0) return fail(system_error(errno, "cannot sync the file system of", path));
    return {};
}

namespace {

// A rename changes ctime.
bool is_same(const std::optional<FileStamp>& found, const std::optional<FileStamp>& expected) {
    if (!found || !expected) return !found && !expected;
    return found->inode == expected->inode && found->size == expected->size && found->mtime_ns == expected->mtime_ns;
}

enum class How : unsigned { exchange = RENAME_EXCHANGE, no_replace = RENAME_NOREPLACE };

// 0 or an errno.
int rename_how(const std::string& from, const std::string& to, How how) {
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), static_cast<unsigned>(how)) == 0 ? 0 : errno;
}
bool is_unknown_here(int problem) { return problem == EINVAL || problem == ENOSYS; }

Result<bool> rename_after_a_look(const std::string& staged, const std::string& target,
                                 const std::optional<FileStamp>& expected) {
    TRY_ASSIGN(const auto found, find_stamp(target));
    if (!is_same(found, expected)) return false;
    TRY(rename_file(staged, target));
    return true;
}

} // namespace

Result<bool> rename_unless_changed(const std::string& staged, const std::string& target,
                                   const std::optional<FileStamp>& expected) {
    const int problem = rename_how(staged, target, expected ? How::exchange : How::no_replace);
    if (is_unknown_here(problem)) return rename_after_a_look(staged, target, expected);
    if ((problem == EEXIST && !expected) || (problem == ENOENT && expected)) return false;
    if (problem != 0) return fail(system_error(problem, "cannot replace", target));
    if (!expected) return true;
    TRY_ASSIGN(const auto found, find_stamp(staged)); // what was in place
    if (is_same(found, expected)) {
        TRY(remove_file(staged));
        return true;
    }
    if (const int back = rename_how(staged, target, How::exchange))
        return fail(system_error(back, "cannot put back", target));
    return false;
}

Result<bool> remove_unless_changed(const std::string& target, const std::optional<FileStamp>& expected) {
    const std::string aside = staged_path(target);
    TRY(remove_file(aside));
    if (::rename(target.c_str(), aside.c_str()) != 0) {
        if (errno == ENOENT) return true;
        return fail(system_error(errno, "cannot remove", target));
    }
    TRY_ASSIGN(const auto found, find_stamp(aside));
    const bool same = is_same(found, expected);
    if (!same && rename_how(aside, target, How::no_replace) == 0) return false;
    TRY(remove_file(aside));
    return same;
}

Status StagedFiles::publish() {
    return publish_each([](const std::string& target) { return rename_file(staged_path(target), target); });
}

Status StagedFiles::publish(const Expected& expected, std::vector<std::string>& kept) {
    return publish_each([&](const std::string& target) -> Status {
        TRY_ASSIGN(const bool done, rename_unless_changed(staged_path(target), target, expected.at(target)));
        if (done) return {};
        kept.push_back(target);
        return remove_file(staged_path(target));
    });
}

Status StagedFiles::publish_each(const std::function<Status(const std::string& target)>& put_in_place) {
    std::size_t published = 0;
    const auto rename_all = [&]() -> Status {
        for (const auto& target : targets_) {
            TRY(put_in_place(target));
            ++published;
        }
        return {};
    };
    const auto renamed = rename_all();
    targets_.erase(targets_.begin(), targets_.begin() + static_cast<std::ptrdiff_t>(published));
    TRY(renamed);
    for (const auto& [path, directory] : directories_) {
        TRY(sync_file(directory.get(), path));
    }
    return {};
}

} // namespace mailctl
