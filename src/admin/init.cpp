// SPDX-License-Identifier: Apache-2.0
// Making a site. Each step is repeated harmlessly, so that an interrupted init is finished by running it again.
#include "mailctl/admin/init.hpp"

#include "mailctl/admin/settings.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/config/toml/draft_diagnostics.hpp"
#include "mailctl/maildir/as_mail_user.hpp"
#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/password.hpp"
#include "mailctl/site/site_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace mailctl {

namespace {

Result<DomainName> machine_name() {
    TRY_ASSIGN(const auto text, load_file("/proc/sys/kernel/hostname"));
    auto name = DomainName::parse(trim(text));
    if (name) return name;
    return fail(ErrorKind::usage, fmt::format("this machine's name '{}' is not a domain name", printable(trim(text))),
                "name it yourself: mailctl init --hostname mx.example.org");
}

// Paths of the site stand in files of Postfix and Dovecot, who end them at some characters and read others as their
// own.
Status refuse_unwritable_place(const std::string& root) {
    const auto is_plain = [](char c) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return is_letter || std::string_view("/._-+@~=").contains(c) || static_cast<unsigned char>(c) >= 0x80;
    };
    const auto odd = std::ranges::find_if_not(root, is_plain);
    if (odd == root.end()) return {};
    return fail(ErrorKind::usage,
                fmt::format("a site cannot lie in '{}': Postfix and Dovecot read '{}' in a path as something else",
                            printable(root), printable(std::string(1, *odd))),
                "choose a directory of letters, digits and any of . _ - + @ ~ =");
}

// The text of mailctl.toml: the one that is there, if it says what was asked for, or a new one.
Result<std::string> site_text(const World& world, const InitRequest& request) {
    TRY_ASSIGN(auto existing, find_file(world.paths.site_file));
    if (!existing) {
        DomainName hostname = request.hostname.value_or(DomainName::from_trusted("localhost"));
        if (!request.hostname) {
            TRY_ASSIGN(hostname, machine_name());
        }
        if (request.hostname && hostname.text().find('.') == std::string::npos && hostname.text() != "localhost")
            return fail(ErrorKind::usage, fmt::format("'{}' is not a full name of a host", hostname.display()),
                        "write it with its domain: mailctl init --hostname mx.example.org");
        return compose_site(hostname, request.postmaster);
    }
    TRY_ASSIGN(const auto site, parse_site(*existing, world.paths.site_file));
    const bool same = (!request.hostname || *request.hostname == site.hostname) &&
                      (!request.postmaster || request.postmaster == site.postmaster);
    if (same) return std::move(*existing);
    return fail(ErrorKind::conflict, fmt::format("there is a site here already: '{}'", world.paths.site_file),
                "change it with 'mailctl config set hostname=NAME postmaster=ADDRESS'");
}

// Below the mail root it is the mail user who makes what is missing.
Status make_archive_area(const Paths& paths, const std::optional<MailOwner>& owner) {
    TRY_ASSIGN(const auto store, MailStore::open(paths.mail, "localhost"));
    const auto work = [&]() -> Result<Words> {
        TRY_ASSIGN(const FileDescriptor root, store.open_root());
        TRY(store.open_or_make(root, paths.archive.substr(paths.mail.size() + 1)));
        return Words{};
    };
    TRY(as_mail_user(owner && owner->user != 0 ? owner : std::nullopt, work));
    return {};
}

Status make_site_directories(const Paths& paths, const std::optional<MailOwner>& owner) {
    const std::optional<MailOwner> caller;
    const std::string etc = paths.site_file.substr(0, paths.site_file.rfind('/'));
    for (const auto& path : {etc, paths.domains, paths.attachments, paths.lib, paths.maps, paths.run}) {
        const mode_t mode = path == paths.domains ? 0750 : 0755;
        TRY(make_owned_directory(path, mode, path == paths.run ? owner : caller));
    }
    TRY(make_owned_directory(paths.history, 0700, caller));
    TRY(make_owned_directory(paths.mail, 0750, owner));
    return make_archive_area(paths, owner);
}

Status make_secret(const Paths& paths, const std::optional<MailOwner>& owner) {
    TRY_ASSIGN(const auto existing, find_stamp(paths.srs_secret));
    if (existing) return {};
    // Two generated passwords hold more than the 128 bits that the HMAC's key should have.
    return replace_file(paths.srs_secret, generate_password() + generate_password() + "\n",
                        FileMode{0640, owner ? std::optional(owner->group) : std::nullopt});
}

Result<Report> show_only(const World& world, const std::string& text) {
    Report report = report_of("diff", Layout::text);
    report.text = fmt::format("{}:\n{}", world.paths.site_file, text);
    report.rows.push_back({{"file", world.paths.site_file}, {"text", text}});
    report.notes.emplace_back("dry run: nothing was written");
    return report;
}

bool has_unit(const std::string& name) {
    const auto lies_in = [&](const char* directory) {
        const auto stamp = find_stamp(fmt::format("{}/{}", directory, name));
        return stamp && *stamp;
    };
    return lies_in("/etc/systemd/system") || lies_in("/usr/lib/systemd/system");
}

// What a new site waits for.
void say_what_comes_next(const Paths& paths, std::vector<std::string>& notes) {
    notes.emplace_back("hint: mailctl domain create DOMAIN, then mailctl mailbox create USER@DOMAIN");
    notes.push_back(fmt::format("hint: Postfix reads main.cf and master.cf, Dovecot dovecot.conf, of '{}': "
                                "mailctl-tutorial(7)",
                                paths.maps));
    if (paths.root.empty() && has_unit("mailctl-deliver.socket"))
        notes.emplace_back(
            "hint: systemctl start mailctl-deliver.socket mailctl-housekeeping.timer mailctl-track.timer "
            "mailctl-tls.timer");
}

// The text is in no file yet.
Result<Site> parse_new_site(const std::string& text) {
    auto site = parse_site(text, "");
    if (site) return site;
    return fail(error_of(place_in_file(check_site(text, ""), {}, "")));
}

} // namespace

Result<Report> init_site(const World& world, const InitRequest& request, const ChangeOptions& options) {
    TRY_ASSIGN(const auto before, find_stamp(world.paths.site_file));
    if (!before) {
        TRY(refuse_unwritable_place(world.paths.root));
    }
    TRY_ASSIGN(const auto text, site_text(world, request));
    if (options.dry_run) return show_only(world, text);
    TRY_ASSIGN(const auto site, parse_new_site(text));
    const Paths paths = paths_of(world.paths, site);
    TRY_ASSIGN(const auto owner, find_mail_owner(paths, site.mail));
    TRY(make_site_directories(paths, owner));
    TRY(make_secret(paths, owner));
    if (!before) {
        TRY(replace_file(world.paths.site_file, text, FileMode{0644, std::nullopt}));
    }
    TRY_ASSIGN(auto report, apply_hand_edits(world, options));
    if (!before) report.notes.insert(report.notes.begin(), fmt::format("made a site: '{}'", world.paths.site_file));
    if (!owner && !paths.root.empty() && ::geteuid() == 0)
        report.notes.push_back(
            fmt::format("warning: mail of this site belongs to root (uid 0), for whom Dovecot serves "
                        "none: make it as another user, or give '{}' away",
                        paths.root));
    if (!before) say_what_comes_next(paths, report.notes);
    return report;
}

} // namespace mailctl
