// SPDX-License-Identifier: Apache-2.0
// By what lies on the disk, not by what the site says: a mailbox that is no more may have files in tmp, too.
#include "mailctl/maildir/stale_files.hpp"

#include "mailctl/maildir/beneath.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

namespace mailctl {
namespace {

class TmpSweep {
  public:
    using Work = std::size_t (*)(const Maildir&, Instant);
    TmpSweep(const MailStore& store, Instant now, Work work) : store_(store), now_(now), work_(work) {}

    Result<StaleFiles> run() {
        TRY_ASSIGN(const auto root, store_.open_root());
        TRY_ASSIGN(const auto names, entries_of(root, store_.path()));
        for (const auto& name : names) {
            if (name.starts_with('.')) continue; // the archive area
            const auto domain = store_.open_or_make_top(root, name);
            if (domain)
                sweep_domain(*domain, name);
            else if (domain.error().os_error != ENOTDIR)
                stale_.unseen.push_back(name);
        }
        return std::move(stale_);
    }

  private:
    // Mailboxes, and the areas of held mail beside them.
    void sweep_domain(const FileDescriptor& domain, const std::string& path) {
        for (const auto& name : names_in(domain.get(), path)) {
            if (name.starts_with('.'))
                sweep_area(domain.get(), name, path + "/" + name);
            else
                sweep_mailbox(domain.get(), name, path + "/" + name);
        }
    }

    void sweep_area(int domain, const std::string& name, const std::string& path) {
        const auto area = open_place(domain, name, path);
        if (!area) return;
        for (const auto& each : names_in(area->get(), path))
            sweep_mailbox(area->get(), each, path + "/" + each);
    }

    void sweep_mailbox(int parent, const std::string& name, const std::string& path) {
        auto place = open_place(parent, name, path);
        if (!place) return;
        const Maildir mailbox(std::move(*place), path);
        stale_.number += work_(mailbox, now_);
        for (const auto& each : names_in(mailbox.directory(), path)) {
            if (!each.starts_with('.')) continue; // cur, new, tmp and the files of IMAP servers
            auto folder = open_place(mailbox.directory(), each, path + "/" + each);
            if (folder) stale_.number += work_(Maildir(std::move(*folder), path + "/" + each), now_);
        }
    }

    // Files and links are none, and what went away meanwhile is none either.
    std::optional<FileDescriptor> open_place(int parent, const std::string& name, const std::string& path) {
        auto place = open_beneath(parent, name, O_PATH | O_DIRECTORY);
        if (place) return std::move(*place);
        const int why = place.error().os_error;
        if (why != ENOTDIR && why != ENOENT && why != ELOOP) stale_.unseen.push_back(path);
        return std::nullopt;
    }

    std::vector<std::string> names_in(int directory, const std::string& path) {
        const auto open = open_directory_beneath(directory, ".");
        auto names = open ? entries_of(*open, path) : Result<std::vector<std::string>>(fail(open.error()));
        if (names) return std::move(*names);
        stale_.unseen.push_back(path);
        return {};
    }

    const MailStore& store_;
    Instant now_;
    Work work_;
    StaleFiles stale_;
};

} // namespace

Result<StaleFiles> remove_all_stale_files(const MailStore& store, Instant now) {
    return TmpSweep(store, now, remove_stale_files).run();
}

Result<StaleFiles> count_all_stale_files(const MailStore& store, Instant now) {
    return TmpSweep(store, now, count_stale_files).run();
}

} // namespace mailctl
