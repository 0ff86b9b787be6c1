// SPDX-License-Identifier: Apache-2.0
// Accounts compared by name, from models that validation has parsed already.
#include "mailctl/change/losses.hpp"

#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/site/compiled.hpp"
#include "mailctl/site/name_guard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

constexpr std::size_t always_believed = 10; // mailboxes: a tenth of a small site is soon reached

using Names = std::set<std::string>;

Names mailboxes_of(const std::optional<Domain>& domain) {
    Names names;
    if (domain)
        for (const auto& [name, unused] : domain->mailboxes)
            names.insert(name);
    return names;
}

Names without(const Names& names, const Names& others) {
    Names rest;
    std::ranges::set_difference(names, others, std::inserter(rest, rest.end()));
    return rest;
}

std::vector<Address> addresses_in(const DomainName& domain, const Names& names) {
    std::vector<Address> addresses;
    for (const auto& name : names)
        addresses.push_back({LocalPart::from_trusted(name), domain});
    return addresses;
}

// The model that is known, or what the text says; nullopt: it does not parse.
std::optional<std::optional<Domain>> find_model(const SiteView& view, const DomainName& name, const SourceText& text,
                                                const ChangedDomains& known) {
    if (const auto found = known.find(name); found != known.end()) return found->second;
    auto model = model_of(view, name, text);
    if (!model) return std::nullopt;
    return std::move(*model);
}

bool edited_by_hand(const Draft& draft) { return draft.file.domain && draft.applied && draft.was_edited_by_hand(); }

// What the file as it was found leaves out. What the change itself takes away is its own business.
std::optional<Loss> find_loss(const SiteView& view, const Draft& draft, const ChangedDomains& before,
                              const ChangedDomains& after) {
    const DomainName& name = *draft.file.domain;
    const auto old_model = find_model(view, name, draft.applied, before);
    if (!old_model) return std::nullopt;
    const Names old_names = mailboxes_of(*old_model);
    if (!draft.found) return Loss{draft.file, true, addresses_in(name, old_names)};
    const auto next = find_model(view, name, draft.next, after);
    if (!next) return std::nullopt;
    Names lost = without(old_names, mailboxes_of(*next));
    if (!lost.empty() && draft.next != draft.found) {
        const auto found = find_model(view, name, draft.found, {});
        lost = found ? without(old_names, mailboxes_of(*found)) : Names{};
    }
    if (lost.empty()) return std::nullopt;
    return Loss{draft.file, false, addresses_in(name, lost)};
}

std::string named(const std::vector<Address>& mailboxes) {
    constexpr std::size_t most = 5;
    std::string text = fmt::format("{} mailbox{}", mailboxes.size(), mailboxes.size() == 1 ? "" : "es");
    if (mailboxes.empty()) return text;
    const std::size_t shown_ones = std::min(most, mailboxes.size());
    for (std::size_t i = 0; i < shown_ones; ++i)
        text += fmt::format("{}'{}'", i == 0 ? " (" : ", ", mailboxes[i].display());
    return text + (mailboxes.size() > most ? ", ...)" : ")");
}

std::string what_goes(const SiteView& view, const Loss& loss) {
    const std::string path = loss.file.path(view.paths());
    if (loss.whole_domain)
        return fmt::format("'{}' is gone, and with it domain '{}' with {}", path, loss.file.domain->display(),
                           named(loss.mailboxes));
    return fmt::format("'{}' leaves out {}", path, named(loss.mailboxes));
}

std::string how_to_mean_it(const Loss& loss) {
    if (loss.whole_domain)
        return fmt::format("put it back; if it is meant: mailctl apply --confirm={}", loss.file.domain->text());
    return fmt::format("put {} back; if it is meant: mailctl apply --yes", loss.mailboxes.size() == 1 ? "it" : "them");
}

bool is_confirmed(const ChangeOptions& options, const Loss& loss) {
    return std::ranges::find(options.confirmed, *loss.file.domain) != options.confirmed.end();
}

// All that have been applied. Counted only where so many go that it matters.
Result<std::size_t> count_mailboxes(const SiteView& view) {
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    TRY_ASSIGN(const auto* compiled, view.compiled());
    std::size_t count = 0;
    for (const auto& name : names) {
        if (!compiled) {
            TRY_ASSIGN(const auto domain, view.find_applied_domain(name));
            count += domain ? domain->mailboxes.size() : 0;
            continue;
        }
        TRY_ASSIGN(const auto entries, compiled->names_beginning(name, ""));
        for (const auto& [local, entry] : entries) {
            const auto* mailbox = std::get_if<MailboxEntry>(&entry);
            count += mailbox && mailbox->mailbox == local ? 1 : 0;
        }
    }
    return count;
}

Error far_too_much(const SiteView& view, const std::vector<Loss>& unconfirmed, std::size_t lost, std::size_t all) {
    Error error{ErrorKind::conflict,
                fmt::format("{} of the site's {} mailboxes would go at once: nothing was applied", lost, all),
                "is a file system not mounted, or a file cut off? put the files back; if it is meant: mailctl apply "
                "--yes",
                0};
    for (const auto& loss : unconfirmed) {
        error.what += "\n" + what_goes(view, loss);
        error.hint += fmt::format(" --confirm={}", loss.file.domain->text());
    }
    return error;
}

// A site without any domain file, and one that loses more than a tenth of itself.
Status check_size(const SiteView& view, const ChangeOptions& options, const std::vector<Loss>& losses) {
    std::size_t lost = 0;
    std::vector<Loss> unconfirmed;
    for (const auto& loss : losses) {
        if (is_confirmed(options, loss)) continue;
        lost += loss.mailboxes.size();
        unconfirmed.push_back(loss);
    }
    if (unconfirmed.empty()) return {};
    TRY_ASSIGN(const auto present, view.domain_names());
    if (!present.empty() && lost <= always_believed) return {};
    TRY_ASSIGN(const auto all, count_mailboxes(view));
    if (present.empty() || lost * 10 > all) return fail(far_too_much(view, unconfirmed, lost, all));
    return {};
}

Result<bool> agrees(const SiteView& view, const ChangeOptions& options, const Loss& loss) {
    if (is_confirmed(options, loss)) return true;
    if (loss.whole_domain) return false;
    if (options.accept_losses) return true;
    if (!options.ask) return false;
    return options.ask(what_goes(view, loss) + ": apply that, and archive the mail?");
}

} // namespace

Result<std::vector<Loss>> find_losses(const SiteView& view, std::span<const Draft> drafts, const ChangedDomains& before,
                                      const ChangedDomains& after) {
    std::vector<Loss> losses;
    for (const auto& draft : drafts) {
        if (!edited_by_hand(draft)) continue;
        if (auto loss = find_loss(view, draft, before, after)) losses.push_back(std::move(*loss));
    }
    return losses;
}

std::string format_loss(const SiteView& view, const Loss& loss) {
    return fmt::format("not applied: {}: {}", what_goes(view, loss), how_to_mean_it(loss));
}

Status refuse_losses(const SiteView& view, std::span<const Loss> losses) {
    if (losses.empty()) return {};
    return fail(ErrorKind::conflict, what_goes(view, losses.front()) + ": only 'mailctl apply' carries that out",
                how_to_mean_it(losses.front()));
}

Result<std::vector<Loss>> not_agreed(const SiteView& view, const ChangeOptions& options,
                                     const std::vector<Loss>& losses) {
    TRY(check_size(view, options, losses));
    std::vector<Loss> left;
    for (const auto& loss : losses) {
        TRY_ASSIGN(const bool agreed, agrees(view, options, loss));
        if (!agreed) left.push_back(loss);
    }
    return left;
}

Status ask_about_losses(const SiteView& view, const ChangeOptions& options, const Domain& after) {
    if (options.dry_run || options.accept_losses) return {};
    TRY_ASSIGN(const auto before, view.find_applied_domain(after.name));
    const Names lost = without(mailboxes_of(before), mailboxes_of(after));
    if (lost.empty()) return {};
    const auto what = fmt::format("the text leaves out {}", named(addresses_in(after.name, lost)));
    if (!options.ask) return fail(ErrorKind::usage, what + ", and there is no terminal to ask on: give --yes");
    TRY_ASSIGN(const bool agreed, options.ask(what + ": install it, and archive the mail?"));
    return agreed ? Status{} : fail(ErrorKind::failed, what);
}

Result<std::vector<MailOrder>> returning_mail(const SiteView& view, std::span<const Draft> drafts,
                                              const ChangedDomains& before, const ChangedDomains& after) {
    std::vector<MailOrder> orders;
    NameGuard guard(view);
    for (const auto& draft : drafts) {
        if (!draft.file.domain || !draft.found || !draft.was_edited_by_hand()) continue;
        const DomainName& name = *draft.file.domain;
        const auto old_model = before.find(name), new_model = after.find(name);
        if (old_model == before.end() || new_model == after.end()) continue;
        const auto added = without(mailboxes_of(new_model->second), mailboxes_of(old_model->second));
        TRY_ASSIGN(const auto tombstones, guard.find_among(addresses_in(name, added)));
        for (const auto& tombstone : tombstones) {
            const auto record = load_record(view.paths().history, tombstone.change);
            if (record && mail_order::was_left_out(*record, tombstone.address))
                orders.push_back(mail_order::restore(tombstone.address, tombstone.change));
        }
    }
    return orders;
}

} // namespace mailctl
