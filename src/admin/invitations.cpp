// SPDX-License-Identifier: Apache-2.0
// The code has 116 bits, so that a plain digest of it is safe to keep.
#include "mailctl/admin/invitations.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/password.hpp"
#include "mailctl/site/mail_to_users.hpp"
#include "mailctl/store/codes.hpp"

#include <fmt/format.h>

#include <map>

namespace mailctl {

namespace {

std::string hash_of(const Address& mailbox, std::string_view code) {
    return digest(fmt::format("{} {}", mailbox.key(), code));
}

// "%a" and its like in a text of the site's, replaced; another '%' stays.
std::string fill_in(std::string_view form, const std::map<char, std::string>& values) {
    std::string text;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const auto value = form[i] == '%' && i + 1 < form.size() ? values.find(form[i + 1]) : values.end();
        if (value == values.end()) {
            text += form[i];
            continue;
        }
        text += value->second;
        ++i;
    }
    return text;
}

// Of a URL: all but what RFC 3986 section 2.3 leaves as it is.
std::string percent_encoded(std::string_view value) {
    std::string text;
    for (const char c : value) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              std::string_view("-._~").find(c) != std::string_view::npos;
        text += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return text;
}

std::string usual_text(const std::map<char, std::string>& values, const std::string& address) {
    const auto &name = values.at('n'), &code = values.at('c'), &url = values.at('u');
    const auto where = url.empty() ? fmt::format("On the mail server:\n\n    mailctl mailbox password {} --code {}\n\n"
                                                 "or ask the one who sent you this message.\n\n",
                                                 address, code)
                                   : fmt::format("On this page:\n\n    {}\n\n", url);
    return fmt::format("Hello{}{},\n\n"
                       "with this code you set the password of the mailbox {}.\n"
                       "It works once, until {}.\n\n"
                       "    {}\n\n{}"
                       "If you do not expect this, leave it: nothing has changed.\n",
                       name.empty() ? "" : " ", name, values.at('a'), values.at('t'), code, where);
}

NewMessage invitation(const World& world, const SiteView& view, const MailboxTarget& target, const Address& to,
                      const std::string& code, Instant expires) {
    const auto& words = view.site().invitations;
    const std::map<char, std::string> in_url{
        {'a', percent_encoded(target.address.text())}, {'c', percent_encoded(code)}, {'%', "%"}};
    const std::map<char, std::string> values{
        {'a', target.address.display()}, {'n', target.mailbox->name},       {'c', code},
        {'t', format_rfc5322(expires)},  {'u', fill_in(words.url, in_url)}, {'%', "%"}};
    NewMessage message = make_notice(world, view, target.domain->name, {target.mailbox->name, to}, "invitation");
    message.subject = words.subject.empty() ? fmt::format("Set the password of {}", target.address.display())
                                            : fill_in(words.subject, values);
    message.text = words.text.empty() ? usual_text(values, target.address.text()) : fill_in(words.text, values);
    if (!message.text.ends_with('\n')) message.text += '\n';
    return message;
}

// A code in a mailbox that it opens reaches nobody.
void note_unreadable(const MailboxTarget& target, Report& report) {
    const auto& mailbox = *target.mailbox;
    if (mailbox.recovery || mailbox.password || !mailbox.forward.empty()) return;
    report.notes.push_back(fmt::format("warning: nobody can log in to '{}' to read it: mailctl mailbox set {} "
                                       "recovery=ADDRESS",
                                       target.address.display(), target.address.text()));
}

Status invite_one(const World& world, const SiteView& view, const MailboxTarget& target, Age valid, State& codes,
                  Report& report) {
    const std::string address = target.address.display();
    const Address to = target.mailbox->recovery.value_or(target.address);
    const std::string code = generate_password();
    const Instant now = world.clock(), expires = now + valid;
    TRY_ASSIGN(const bool issued, issue_code(codes, target.address, hash_of(target.address, code), now, expires));
    if (!issued)
        return fail(ErrorKind::temporary, fmt::format("'{}' was invited {} times within a day", address, codes_a_day),
                    "the last code is still good; try again tomorrow");
    if (auto sent = send_message(view, invitation(world, view, target, to, code, expires)); !sent)
        return fail(sent.error().while_doing(fmt::format("cannot invite '{}'", address)));
    report.notes.push_back(fmt::format("mailed a code for '{}' to '{}'", address, to.display()));
    note_unreadable(target, report);
    report.rows.push_back({{"address", address}, {"mailed_to", to.display()}, {"expires", expires}});
    return {};
}

} // namespace

Result<Report> invite(const World& world, std::span<const Address> mailboxes, Age valid, const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    Report report = report_of("invitation", Layout::text);
    std::vector<MailboxTarget> targets;
    for (const auto& mailbox : mailboxes) {
        TRY_ASSIGN(auto target, get_mailbox_target(view, mailbox));
        targets.push_back(std::move(target));
    }
    if (options.dry_run) {
        for (const auto& target : targets) {
            report.notes.push_back(fmt::format("would mail a code for '{}' to '{}'", target.address.display(),
                                               target.mailbox->recovery.value_or(target.address).display()));
            note_unreadable(target, report);
        }
        report.notes.emplace_back("dry run: nothing was sent");
        return report;
    }
    TRY(make_directories(view.paths().history, 0700));
    State codes = State::of_codes(view.paths());
    for (const auto& target : targets) {
        TRY(invite_one(world, view, target, valid, codes, report));
    }
    return report;
}

Result<Report> set_password_by_code(const World& world, const NewPassword& password, std::string_view code,
                                    const ChangeOptions& options) {
    if (options.dry_run)
        return fail(ErrorKind::usage, "a dry run would spend the code", "leave out --dry-run or --code");
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY(make_directories(view.paths().history, 0700));
    State codes = State::of_codes(view.paths());
    TRY_ASSIGN(const Address mailbox, view.real_address(password.address));
    const std::string hash = hash_of(mailbox, trim(code));
    TRY_ASSIGN(const bool good, redeem_code(codes, mailbox, hash, world.clock()));
    if (!good)
        return fail(ErrorKind::denied, fmt::format("this code does not open '{}'", mailbox.display()),
                    "it may be mistyped, used or too old: ask for a new invitation");
    auto report = set_passwords(world, std::span(&password, 1), options);
    if (report) return report;
    static_cast<void>(give_back_code(codes, mailbox, hash)); // the first error is the one to tell
    return report;
}

} // namespace mailctl
