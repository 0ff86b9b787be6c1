// One wait for all instead of one for each.
#include "mailctl/os/staged_files.hpp"

#include <cerrno>
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

Status StagedFiles::publish() {
    std::size_t published = 0;
    const auto rename_all = [&]() -> Status {
        for (const auto& target : targets_) {
            TRY(rename_file(staged_path(target), target));
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
