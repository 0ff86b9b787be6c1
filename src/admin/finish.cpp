// The steps after the commit point, in an order that lets each be repeated: a Maildir for a new mailbox before the
// agent can know of it, an old one out of the way after the agent has forgotten it.
#include "mailctl/admin/finish.hpp"

#include "mailctl/admin/compiled.hpp"
#include "mailctl/admin/mail_moves.hpp"
#include "mailctl/admin/map_files.hpp"
#include "mailctl/system/files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

struct FinishedFile {
    SourceFile file;
    TextChange texts;
};

Status install_text(const Paths& paths, const SourceFile& file, const SourceText& found, const SourceText& after) {
    if (found == after) return {};
    if (after) return replace_file(file.path(paths), *after);
    TRY(remove_file(file.path(paths)));
    return sync_directory(paths.domains);
}

// The file becomes what the record says. A hand edit made since the commit stays on disk and waits for `apply`.
Result<FinishedFile> finish_file(const Paths& paths, const HistoryRecord& record, const SourceFile& file,
                                 std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto found, find_file(file.path(paths)));
    TRY_ASSIGN(auto texts, text_change(record, file, found));
    if (texts) {
        TRY(install_text(paths, file, found, texts->after));
        return FinishedFile{file, std::move(*texts)};
    }
    TRY_ASSIGN(auto applied, find_file(file.applied_path(paths)));
    TRY_ASSIGN(texts, text_change(record, file, std::move(applied)));
    if (!texts)
        return fail(ErrorKind::conflict,
                    fmt::format("cannot finish change {}: '{}' was edited meanwhile", record.id, file.path(paths)),
                    fmt::format("put the file back, or give the change up: remove '{}/pending'", paths.history));
    notes.push_back(fmt::format("'{}' was edited by hand meanwhile: see 'mailctl apply'", file.path(paths)));
    return FinishedFile{file, std::move(*texts)};
}

MailMoves moves_of(const SiteView& view, const std::vector<FinishedFile>& files) {
    MailMoves moves;
    for (const auto& [file, texts] : files) {
        if (!file.domain) continue;
        // A text that no longer validates under the site's rules says nothing about mailboxes: no mail is moved then.
        const auto before = model_of(view, *file.domain, texts.before),
                   after = model_of(view, *file.domain, texts.after);
        if (before && after) moves.compare(*file.domain, *before ? &**before : nullptr, *after ? &**after : nullptr);
    }
    return moves;
}

// Directory and Maildirs. A directory of this generation has been through the first half already, and mail may have
// arrived.
Status switch_over(const SiteView& view, const HistoryRecord& record, const std::vector<FinishedFile>& files,
                   std::vector<std::string>& notes) {
    const MailMoves moves = moves_of(view, files);
    TRY_ASSIGN(auto directory, open_compiled(view));
    TRY_ASSIGN(const auto reached, generation_of(directory, view.site()));
    if (reached < record.id) {
        TRY(prepare_maildirs(view, record, moves, notes));
        DomainTexts texts;
        for (const auto& [file, change] : files)
            if (file.domain) texts[*file.domain] = change.after;
        TRY(compile(view, directory, std::move(texts), record.id));
    }
    return retire_maildirs(view, record, moves, notes);
}

Status save_applied(const Paths& paths, const FinishedFile& finished) {
    const std::string path = finished.file.applied_path(paths);
    if (!finished.texts.after) return remove_file(path);
    TRY(make_directories(path.substr(0, path.rfind('/')), 0700));
    return replace_file(path, *finished.texts.after, FileMode{0600, std::nullopt});
}

Result<std::vector<std::string>> rebuild_maps(const World& world, const SiteView& view) {
    TRY_ASSIGN(const auto maps, wanted_maps(view, world, view.site()));
    return install_maps(view.paths(), view.site(), maps);
}

} // namespace

Result<Finished> finish_change(const World& world, const HistoryRecord& record) {
    Finished finished;
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto touched, files_of(record));
    std::vector<FinishedFile> files;
    for (const auto& file : touched) {
        TRY_ASSIGN(auto each, finish_file(view.paths(), record, file, finished.notes));
        files.push_back(std::move(each));
    }
    TRY(switch_over(view, record, files, finished.notes));
    for (const auto& file : files) {
        TRY(save_applied(view.paths(), file));
    }
    // Maps that cannot be built are no reason to hold the change open: it is in force for the agent already.
    if (auto built = rebuild_maps(world, view); !built) finished.maps = built.error();
    TRY(publish_pending(view.paths().history, record.id));
    return finished;
}

Result<Finished> finish_pending(const World& world) {
    TRY_ASSIGN(const auto pending, find_pending(world.paths.history));
    if (!pending) return Finished{};
    auto finished = finish_change(world, *pending);
    if (!finished) return fail(finished.error().while_doing(fmt::format("cannot finish change {}", pending->id)));
    finished->notes.push_back(fmt::format("finished change {}, which had been interrupted", pending->id));
    return finished;
}

Result<std::vector<std::string>> restore_compiled(const World& world, const ChangeOptions& options) {
    TRY_ASSIGN(const auto lock, Lock::acquire(world.paths.lock, options.lock_timeout, world.command_line));
    TRY_ASSIGN(auto finished, finish_pending(world));
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(auto directory, open_compiled(view));
    TRY_ASSIGN(auto stale, stale_domains(view, directory));
    TRY_ASSIGN(const bool everything, directory.needs_full_compile(view.site()));
    if (everything || !stale.empty()) {
        TRY_ASSIGN(const auto generation, generation_of(directory, view.site()));
        TRY_ASSIGN(const auto next, next_record_id(view.paths().history));
        TRY(compile(view, directory, std::move(stale), std::max(generation, next - 1)));
        finished.notes.emplace_back("compiled the directory anew");
    }
    TRY_ASSIGN(const auto maps, rebuild_maps(world, view));
    for (const auto& name : maps)
        finished.notes.push_back(fmt::format("built '{}/{}'", view.paths().maps, name));
    return std::move(finished.notes);
}

} // namespace mailctl
