// SPDX-License-Identifier: Apache-2.0
// Looks, and makes nothing.
#include "mailctl/change/mail/places.hpp"

#include "mailctl/maildir/moving.hpp"
#include "mailctl/site/name_guard.hpp"
#include "mailctl/site/site_mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {

namespace {

constexpr const char* archive_area = ".archive";

std::set<DomainName> domains_of(const MailMoves& moves) {
    std::set<DomainName> domains(moves.removed_domains.begin(), moves.removed_domains.end());
    for (const auto* addresses : {&moves.created, &moves.removed, &moves.released})
        for (const auto& address : *addresses)
            domains.insert(address.domain);
    for (const auto& [from, to] : moves.renamed)
        domains.insert({from.domain, to.domain});
    for (const auto& order : moves.orders)
        if (const auto address = Address::parse(order.mailbox)) domains.insert(address->domain);
    return domains;
}

// A place that is not there yet will be made in the one above.
Status check_place(const MailStore& store, const FileDescriptor& root, const std::string& place) {
    const std::string path = store.path() + (place == "." ? "" : "/" + place);
    auto found = open_in_root(root.get(), place, O_RDONLY | O_DIRECTORY);
    if (!found && found.error().os_error == ENOENT) {
        const auto slash = place.rfind('/');
        return place == "." ? Status{}
                            : check_place(store, root, slash == std::string::npos ? "." : place.substr(0, slash));
    }
    const auto refuse = [&](int problem) {
        Error error = system_error(problem, "nothing was changed: mail could not be moved: cannot use", path);
        error.hint = "it must be a directory of the mail user's, or a link of the administrator's to one";
        return fail(std::move(error));
    };
    if (!found) return refuse(found.error().os_error);
    if (::faccessat(found->get(), ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0) return refuse(errno);
    return {};
}

// What is moved away as it stands.
std::vector<Address> leaving_places(const MailMoves& moves) {
    std::vector<Address> leaving = moves.leaving();
    for (const auto& [from, to] : moves.renamed)
        leaving.push_back(from);
    return leaving;
}

// Neither a mount point nor what may not be changed can be renamed, whoever owns it.
Status check_movable(const MailStore& store, const FileDescriptor& root, const Address& mailbox) {
    const auto place = mailbox_directory(mailbox);
    const auto found = open_in_root(root.get(), place, O_PATH | O_DIRECTORY);
    struct statx about {};
    if (!found || ::statx(found->get(), "", AT_EMPTY_PATH, STATX_TYPE, &about) != 0) return {}; // there is none
    const auto is = [&](std::uint64_t attribute) {
        return (about.stx_attributes & about.stx_attributes_mask & attribute) != 0;
    };
    const auto refuse = [&](const char* what, std::string hint) {
        return fail(ErrorKind::conflict,
                    fmt::format("nothing was changed: mail of '{}' cannot be moved: '{}/{}' {}", mailbox.display(),
                                store.path(), place, what),
                    std::move(hint));
    };
    if (is(STATX_ATTR_MOUNT_ROOT))
        return refuse("is a mount point", "unmount it, or mount the directory of the whole domain");
    if (is(STATX_ATTR_IMMUTABLE) || is(STATX_ATTR_APPEND))
        return refuse("may not be changed by anybody", "take that attribute away: see chattr(1)");
    return {};
}

} // namespace

Status check_places_of(const SiteView& view, const MailMoves& moves) {
    const bool archives = !moves.removed.empty() || !moves.orders.empty();
    TRY(work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        TRY_ASSIGN(const FileDescriptor root, store.open_root());
        for (const auto& domain : domains_of(moves)) {
            TRY(check_place(store, root, domain.text()));
            if (archives) {
                TRY(check_place(store, root, fmt::format("{}/{}", archive_area, domain.text())));
            }
        }
        for (const auto& mailbox : leaving_places(moves)) {
            TRY(check_movable(store, root, mailbox));
        }
        return Words{};
    }));
    return {};
}

std::string format_adopted(const SiteView& view, const Address& mailbox) {
    return fmt::format("'{}/{}' was there already: that mail is now that of '{}'", view.paths().mail,
                       mailbox_directory(mailbox), mailbox.display());
}

Result<std::vector<std::string>> foresee(const SiteView& view, const MailMoves& moves) {
    constexpr std::size_t most = 10; // a dry run of ten thousand is read by nobody
    std::vector<std::string> notes;
    const auto say = [&](std::string note) {
        if (notes.size() < most) notes.push_back(std::move(note));
    };
    for (const auto& mailbox : moves.leaving())
        say(fmt::format("mail of '{}' would move to the archive area", mailbox.display()));
    for (const auto& [from, to] : moves.renamed)
        say(fmt::format("mail of '{}' would move to '{}'", from.display(), to.display()));
    NameGuard guard(view);
    for (const auto& mailbox : moves.created) {
        if (notes.size() >= most) break;
        const bool comes_back = std::ranges::any_of(
            moves.orders, [&](const auto& order) { return order.verb == "restore" && order.mailbox == mailbox.key(); });
        if (comes_back || !moves.known_before.at(mailbox.domain) || !has_mail_place(view, mailbox_directory(mailbox)))
            continue;
        TRY_ASSIGN(const bool had_owner, guard.was_ever_deleted(mailbox));
        if (!had_owner) say(format_adopted(view, mailbox));
    }
    if (notes.size() == most) notes.emplace_back("and so on");
    return notes;
}

} // namespace mailctl
