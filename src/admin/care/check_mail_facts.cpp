// SPDX-License-Identifier: Apache-2.0
#include "check_mail_facts.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/stale_files.hpp"
#include "mailctl/os/cores.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace mailctl {
namespace {

Result<std::vector<std::string>> list_mailbox_places(const MailStore& store, const FileDescriptor& root) {
    std::vector<std::string> places;
    TRY_ASSIGN(const auto domains, entries_of(root, store.path()));
    for (const auto& domain : domains) {
        if (domain.starts_with('.')) continue;
        const auto open = store.open_or_make_top(root, domain);
        if (!open) continue;
        const auto names = entries_of(*open, domain);
        if (!names) continue;
        for (const auto& name : *names)
            if (!name.starts_with('.')) places.push_back(domain + "/" + name);
    }
    return places;
}
bool is_split(const FileDescriptor& root, const std::string& place) {
    const auto mailbox = open_beneath(root.get(), place, O_PATH | O_DIRECTORY);
    struct stat first {};
    if (!mailbox || ::fstatat(mailbox->get(), "new", &first, AT_SYMLINK_NOFOLLOW) != 0) return false;
    for (const char* part : {"cur", "tmp"}) {
        struct stat about {};
        if (::fstatat(mailbox->get(), part, &about, AT_SYMLINK_NOFOLLOW) == 0 && about.st_dev != first.st_dev)
            return true;
    }
    return false;
}

} // namespace

Result<Words> look_at_mail(const MailStore& store, Instant now) {
    TRY_ASSIGN(const auto stale, count_all_stale_files(store, now));
    Words words{std::to_string(stale.number)};
    TRY_ASSIGN(const auto root, store.open_root());
    TRY_ASSIGN(auto places, list_mailbox_places(store, root));
    std::vector<char> is_on_several(places.size(), 0); // a byte of its own each: several threads write
    on_every_core("looking at mailboxes", places.size(),
                  [&](std::size_t i) { is_on_several[i] = is_split(root, places[i]) ? 1 : 0; });
    for (std::size_t i = 0; i < places.size(); ++i)
        words.push_back((is_on_several[i] != 0 ? "!" : "+") + places[i]);
    return words;
}

} // namespace mailctl
