// SPDX-License-Identifier: Apache-2.0
// Carrying a committed change through: files, Maildirs, compiled directory, applied texts, maps, and the record into
// the history. Every step may be repeated, so that whoever finds a pending record can finish it, however often it was
// killed.
#pragma once

#include "mailctl/site/compiled.hpp"

namespace mailctl {

struct Finished {
    std::vector<std::string> notes;
    std::optional<Error> maps;     // the change stands, but maps could not be built
    std::optional<Error> unpacked; // the change stands, but an archive file could not be written
    std::optional<Error> unmoved;  // the change stands, but some mail could not be moved (see unmoved_mail)
    // The change does not stand, and its record is gone: a new mailbox would have shown mail of somebody who had its
    // name before, which could not be moved away.
    std::optional<Error> taken_back;
};
// A source file that was just published, and what became of it.
struct Published {
    FileStamp stamp;
    std::string text;
};
// What whoever makes a change knows of it: models, and texts of large files.
struct KnownChange {
    KnownDomains models;
    std::map<DomainName, Published> published;
    std::set<SourceFile> written; // files that the change itself has changed
};
// Caller holds the site lock and has saved the record as pending. `known`: it is this process's own and nothing
// of it has been carried through. Then maps are changed row by row if they can be; else they are made whole.
[[nodiscard]] Result<Finished> finish_change(const World& world, std::shared_ptr<const HistoryRecord> pending,
                                             std::optional<KnownChange> known = {});
// The pending change if there is one, and a state.db that was lost is made anew before. Caller holds the site lock.
[[nodiscard]] Result<Finished> finish_pending(const World& world);

// The compiled directory and the maps against the applied texts, made anew where they were lost or differ; a line for
// each. Takes the lock itself.
[[nodiscard]] Result<std::vector<std::string>> restore_compiled(const World& world, const ChangeOptions& options);

} // namespace mailctl
