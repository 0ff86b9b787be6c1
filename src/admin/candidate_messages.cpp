// SPDX-License-Identifier: Apache-2.0
// Looked at and moved as the mail user. What a message says is foreign text: it is made printable, and words between
// parent and child are one line each.
#include "mailctl/admin/candidate_messages.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/mail/message.hpp"
#include "mailctl/maildir/held_texts.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {

namespace {

std::string field_of(const HeldText& text, std::string_view name) {
    const auto header = HeaderSection::scan(text.head);
    return printable(header.find(name).value_or(""));
}

// For each message five words: id, seconds, bytes, from, subject.
Result<Words> words_about(const MailStore& store, const Address& candidate) {
    Words words;
    TRY_ASSIGN(const auto texts, held_texts(store, HeldFor::candidate, candidate));
    for (const auto& text : texts) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(text.arrived.time_since_epoch()).count();
        words.insert(words.end(), {text.id, std::to_string(seconds), std::to_string(text.size.bytes),
                                   field_of(text, "From"), field_of(text, "Subject")});
    }
    return words;
}
constexpr std::size_t words_of_a_message = 5;

std::int64_t number_in(const std::string& word) {
    std::int64_t number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    return number;
}

Cells row_about(const Address& candidate, std::span<const std::string> words) {
    return {{"address", candidate.display()},
            {"id", printable(words[0])},
            {"time", Instant{std::chrono::seconds{number_in(words[1])}}},
            {"size", ByteCount{static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_in(words[2])))}},
            {"from", printable(words[3])},
            {"subject", printable(words[4])}};
}

Result<Words> messages_of(const SiteView& view, const Address& candidate) {
    if (!has_mail_place(view, held_area(HeldFor::candidate, candidate.domain))) return Words{};
    TRY_ASSIGN(auto words, work_on_mail(view, [&](const MailStore& store) { return words_about(store, candidate); }));
    if (words.size() % words_of_a_message != 0) return fail(ErrorKind::temporary, "work on mail gave half an answer");
    return words;
}

// By what is remembered: its mail may be gone.
Result<bool> is_candidate(const SiteView& view, const Address& name) {
    TRY_ASSIGN(const auto exists, find_stamp(view.paths().state));
    if (!exists) return false;
    auto state = state_to_read(view);
    TRY_ASSIGN(const auto known, find_candidate(state, name));
    return known.has_value();
}

// Of each id the candidate that it is held for.
struct Found {
    std::string id;
    Address candidate;
};
Result<std::vector<Found>> find_messages(const SiteView& view, const std::vector<std::string>& ids) {
    std::vector<Found> found;
    std::vector<std::string> notes;
    TRY_ASSIGN(const auto domains, view.usable_domains({}, notes));
    for (const auto* domain : domains) {
        if (!has_mail_place(view, held_area(HeldFor::candidate, domain->name))) continue;
        TRY_ASSIGN(const auto words, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                       Words keys;
                       TRY_ASSIGN(const auto names, held_names(store, HeldFor::candidate, domain->name));
                       for (const auto& name : names) {
                           TRY_ASSIGN(const auto texts, held_texts(store, HeldFor::candidate, name));
                           for (const auto& text : texts)
                               if (std::ranges::find(ids, text.id) != ids.end())
                                   keys.insert(keys.end(), {text.id, name.key()});
                       }
                       return keys;
                   }));
        for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
            TRY_ASSIGN(auto candidate, Address::parse(words[i + 1]));
            found.push_back({words[i], std::move(candidate)});
        }
    }
    return found;
}

Status check_all_found(const std::vector<std::string>& ids, const std::vector<Found>& found) {
    for (const auto& id : ids)
        if (std::ranges::find(found, id, &Found::id) == found.end())
            return fail(ErrorKind::missing, fmt::format("no message '{}' is held", printable(id)),
                        "'mailctl candidate messages ADDRESS' lists them");
    return {};
}

// The message first, then the count: who dies between them leaves a count that bounds mail nobody sent, and `apply`
// counts anew.
Result<Words> release_under_lock(const SiteView& view, const MailStore& store, const std::vector<Found>& found,
                                 const Address& mailbox, Instant now) {
    Words notes;
    State state = state_of_mail_user(view);
    LockPatience patience(bounds::held_work_patience);
    for (const auto& [id, candidate] : found) {
        TRY_ASSIGN(const auto lock,
                   HeldLock::acquire(store, HeldFor::candidate, candidate.domain, HeldLock::Kind::alone, patience));
        TRY_ASSIGN(const bool moved, release_one_held(store, HeldFor::candidate, candidate, id, mailbox));
        if (moved)
            notes.push_back(fmt::format("moved message '{}' held for '{}' to mailbox '{}'", printable(id),
                                        candidate.display(), mailbox.display()));
        TRY_ASSIGN(const auto left, count_held(store, HeldFor::candidate, candidate));
        TRY(recount_candidate(state, candidate, left.messages, ByteCount{left.bytes}, now));
    }
    return notes;
}

} // namespace

Result<Report> list_candidate_messages(const World& world, std::span<const Address> candidates) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("held_message");
        for (const auto& asked : candidates) {
            TRY_ASSIGN(const auto* domain, view.get_domain(asked.domain));
            const auto candidate = address_in(*domain, asked.local.key());
            TRY_ASSIGN(const auto words, messages_of(view, candidate));
            for (std::size_t i = 0; i < words.size(); i += words_of_a_message)
                report.rows.push_back(row_about(candidate, std::span(words).subspan(i, words_of_a_message)));
            if (!words.empty()) continue;
            TRY_ASSIGN(const bool is_known, is_candidate(view, candidate));
            if (!is_known && !domain->node.empty())
                return fail(ErrorKind::conflict,
                            fmt::format("what is held for names of '{}' lies on node '{}'", domain->name.display(),
                                        domain->node),
                            fmt::format("there: mailctl candidate messages {}", candidate.text()));
            if (!is_known)
                return fail(ErrorKind::missing, fmt::format("no candidate '{}'", candidate.display()),
                            fmt::format("see 'mailctl candidate list {}'", candidate.domain.text()));
            report.notes.push_back(fmt::format("nothing is held for '{}'", candidate.display()));
        }
        return report;
    });
}

Result<Report> release_messages(const World& world, const MessageRelease& release, const ChangeOptions& options) {
    TRY_ASSIGN(const auto lock, Lock::acquire(world.paths.lock, options.lock_timeout, world.command_line));
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto target, get_mailbox_target(view, release.mailbox));
    TRY_ASSIGN(const auto found, find_messages(view, release.ids));
    TRY(check_all_found(release.ids, found));
    Report report = report_of("held_message", Layout::text);
    for (const auto& [id, candidate] : found)
        report.rows.push_back(
            {{"address", candidate.display()}, {"id", printable(id)}, {"to", target.address.display()}});
    if (options.dry_run) {
        report.notes.push_back(fmt::format("dry run: {} would move to mailbox '{}'", how_many(found.size(), "message"),
                                           target.address.display()));
        return report;
    }
    TRY(prepare_state(view));
    TRY_ASSIGN(report.notes, work_on_mail(view, [&](const MailStore& store) {
                   return release_under_lock(view, store, found, target.address, world.clock());
               }));
    return report;
}

} // namespace mailctl
