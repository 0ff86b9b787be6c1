// SPDX-License-Identifier: Apache-2.0
// By what lies on the disk, not by what the site says: a mailbox that is no more may have files in tmp, too.
#include "mailctl/maildir/stale_files.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/os/cores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <mutex>

namespace mailctl {
namespace {

class TmpSweep {
  public:
    using Work = std::size_t (*)(const Maildir&, Instant);
    TmpSweep(const MailStore& store, Instant now, Work work) : store_(store), now_(now), work_(work) {}

    Result<StaleFiles> run() {
        TRY_ASSIGN(root_, store_.open_root());
        TRY_ASSIGN(const auto names, entries_of(root_, store_.path()));
        for (const auto& name : names) {
            if (name.starts_with('.')) continue; // the archive area
            const auto domain = store_.open_or_make_top(root_, name);
            if (domain)
                list_domain(*domain, name);
            else if (domain.error().os_error != ENOTDIR)
                unseen(name);
        }
        on_every_core("looking for old files in mailboxes", places_.size(),
                      [this](std::size_t i) { sweep(places_[i]); });
        std::ranges::sort(unseen_);
        return StaleFiles{number_, std::move(unseen_)};
    }

  private:
    // Mailboxes, and the areas of held mail beside them.
    void list_domain(const FileDescriptor& domain, const std::string& path) {
        for (const auto& name : names_in(domain.get(), path)) {
            if (!name.starts_with('.')) {
                places_.push_back(path + "/" + name);
            } else if (const auto area = open_place(domain.get(), name, path + "/" + name)) {
                for (const auto& each : names_in(area->get(), path + "/" + name))
                    places_.push_back(fmt::format("{}/{}/{}", path, name, each));
            }
        }
    }

    void sweep(const std::string& path) {
        auto place = open_place(root_.get(), path, path);
        if (!place) return;
        const Maildir mailbox(std::move(*place), path);
        number_ += work_(mailbox, now_);
        for (const auto& each : names_in(mailbox.directory(), path)) {
            if (!each.starts_with('.')) continue; // cur, new, tmp and the files of IMAP servers
            auto folder = open_place(mailbox.directory(), each, path + "/" + each);
            if (folder) number_ += work_(Maildir(std::move(*folder), path + "/" + each), now_);
        }
    }

    // Files and links are none, and what went away meanwhile is none either.
    std::optional<FileDescriptor> open_place(int parent, const std::string& name, const std::string& path) {
        auto place = open_beneath(parent, name, O_PATH | O_DIRECTORY);
        if (place) return std::move(*place);
        const int why = place.error().os_error;
        if (why != ENOTDIR && why != ENOENT && why != ELOOP) unseen(path);
        return std::nullopt;
    }

    std::vector<std::string> names_in(int directory, const std::string& path) {
        const auto open = open_directory_beneath(directory, ".");
        auto names = open ? entries_of(*open, path) : Result<std::vector<std::string>>(fail(open.error()));
        if (names) return std::move(*names);
        unseen(path);
        return {};
    }

    void unseen(const std::string& path) { // by any thread
        const std::lock_guard turn(turn_);
        unseen_.push_back(path);
    }

    const MailStore& store_;
    Instant now_;
    Work work_;
    FileDescriptor root_;
    std::vector<std::string> places_; // below the root: "example.org/paul", "example.org/.candidates/x"
    std::atomic<std::size_t> number_{0};
    std::mutex turn_;
    std::vector<std::string> unseen_;
};

} // namespace

Result<StaleFiles> remove_all_stale_files(const MailStore& store, Instant now) {
    return TmpSweep(store, now, remove_stale_files).run();
}

Result<StaleFiles> count_all_stale_files(const MailStore& store, Instant now) {
    return TmpSweep(store, now, count_stale_files).run();
}

} // namespace mailctl
