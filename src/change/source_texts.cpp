// SPDX-License-Identifier: Apache-2.0
// The record tells each text from the one that is found.
#include "source_texts.hpp"

#include "mailctl/os/staged_files.hpp"

namespace mailctl {

Result<bool> install_text(const Paths& paths, const SourceFile& file, const std::optional<FileStamp>& stamp,
                          const SourceText& after) {
    const std::string path = file.path(paths);
    bool done = false;
    if (after) {
        TRY(stage_file(staged_path(path), path, *after, FileMode{}));
        TRY_ASSIGN(done, rename_unless_changed(staged_path(path), path, stamp));
        TRY(remove_file(staged_path(path)));
    } else {
        TRY_ASSIGN(done, remove_unless_changed(path, stamp));
    }
    TRY(sync_directory(parent_of(path)));
    return done;
}

namespace {

Status unapply(const Paths& paths, const HistoryRecord& record, const SourceFile& file) {
    const std::string path = file.applied_path(paths);
    TRY_ASSIGN(const auto found, find_file(path));
    TRY_ASSIGN(const auto texts, text_change(record, file, found));
    if (!texts || found != texts->after || texts->before == texts->after) return {};
    if (texts->before) return replace_file(path, *texts->before, FileMode{0600, std::nullopt});
    TRY(remove_file(path));
    return sync_directory(parent_of(path));
}

// Edits by hand that the change began with stay.
Status put_back(const Paths& paths, const HistoryRecord& record, const SourceFile& file) {
    const std::string path = file.path(paths);
    TRY_ASSIGN(const auto stamp, find_stamp(path));
    TRY_ASSIGN(const auto found, find_file(path));
    TRY_ASSIGN(const auto before, before_last_step(record, file, found));
    if (!before) return {};
    TRY(install_text(paths, file, stamp, *before));
    return {};
}

} // namespace

Status take_back(const Paths& paths, const HistoryRecord& record, const std::set<SourceFile>& written) {
    TRY_ASSIGN(const auto files, files_of(record));
    for (const auto& file : files) {
        TRY(unapply(paths, record, file));
        if (written.contains(file)) {
            TRY(put_back(paths, record, file));
        }
    }
    return drop_pending(paths.history);
}

} // namespace mailctl
