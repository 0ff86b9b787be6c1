// SPDX-License-Identifier: Apache-2.0
// Rows become accounts, and the difference of the models becomes edits, so that one row costs one edit. Whether the
// file then says all that was published is proved by its seal; where it does not, because something was missed or
// edited here, the domain is fetched whole.
#include "pull_plan.hpp"

#include "mailctl/change/mail/moves.hpp"
#include "mailctl/config/published_settings.hpp"
#include "mailctl/store/moved_names.hpp"
#include "sealed_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace mailctl {
namespace {

using FetchedRows = std::vector<FetchedRow>;

constexpr std::array row_account_kinds{AccountKind::mailbox, AccountKind::forward, AccountKind::robot,
                                       AccountKind::list, AccountKind::elsewhere};

Result<FetchedRows> fetch_domain(DirectoryReader& reader, const FetchedDirectory& fetched, const std::string& name) {
    FetchedRows rows;
    TRY(reader.rows_of(fetched.number, name, [&](FetchedRow row) -> Status {
        rows.push_back(std::move(row));
        return {};
    }));
    return rows;
}

const FetchedRow* find_domain_row(const FetchedRows& rows) {
    const bool is_first = !rows.empty() && rows.front().row.kind == RowKind::domain;
    return is_first ? &rows.front() : nullptr;
}

std::vector<PublishedRow> standing_rows(const FetchedRows& rows) {
    std::vector<PublishedRow> standing;
    for (const auto& fetched : rows)
        if (!fetched.deleted) standing.push_back(fetched.row);
    return standing;
}

// What the file would be sealed with, if it says this.
std::string seal_here(Domain domain, const std::string& node) {
    domain.node = node;
    const auto parts = sealed_parts(domain);
    const auto part = parts.find(node);
    return part == parts.end() ? std::string() : std::string(seal_of(part->second.front().payload));
}

class DomainPull {
  public:
    DomainPull(ModelPlan& plan, const World& world, const FetchedDirectory& fetched, DirectoryReader& reader)
        : plan_(plan), world_(world), fetched_(fetched), reader_(reader), moved_(world.paths) {}

    Status take(const std::string& text, const FetchedRows& rows) {
        TRY_ASSIGN(const auto name, DomainName::parse(text));
        TRY_ASSIGN(const auto* here, plan_.view().find_domain(name));
        const auto* row = find_domain_row(rows);
        const bool is_gone = !fetched_.seals.contains(text);
        if (here) note_mailboxes(*here, before_);
        if (is_gone) {
            if (!here) return {};
            note_mailboxes(*here, gone_);
            for (const auto& [local, unused] : here->mailboxes) {
                TRY(leave(name, local));
            }
            remove(name);
            return {};
        }
        if (!here || !row) return take_whole(name, here);
        if (rows_are_whole(rows)) return write(name, here, standing_rows(rows));
        return edit(name, *here, rows);
    }

    // After all domains were taken. Mail goes along with its mailbox; where another has the old name by now, or nobody
    // the new one here, it goes into the archive, and nobody sees another's.
    void follow_renamings() {
        if (fetched_.renamings.empty()) return;
        for (const auto& from : before_) {
            const auto to = name_after(fetched_.renamings, from);
            if (to == from) continue;
            if (gone_.contains(from) && come_.erase(to) != 0)
                plan_.rest.mail.push_back(mail_order::rename(from, to));
            else if (!gone_.contains(from))
                plan_.rest.mail.push_back(mail_order::retire(from));
        }
        for (const auto& renaming : fetched_.renamings)
            if (renaming.from_local.empty() && fetched_.seals.contains(renaming.to_domain))
                plan_.rest.mail.push_back(mail_order::rename_domain(DomainName::from_trusted(renaming.from_domain),
                                                                    DomainName::from_trusted(renaming.to_domain)));
    }

    void remove(const DomainName& name) {
        plan_.rest.files.insert_or_assign(SourceFile{name}, RemoveFile{});
        plan_.say_done("domain", name.display(), "took away");
    }

  private:
    using Mailboxes = std::set<Address>;
    static void note_mailboxes(const Domain& domain, Mailboxes& mailboxes) {
        for (const auto& [local, unused] : domain.mailboxes)
            mailboxes.insert({LocalPart::from_trusted(local), domain.name});
    }
    void note_difference(const Domain* here, const Domain& wanted) {
        note_mailboxes(wanted, come_);
        if (!here) return;
        for (const auto& [local, unused] : here->mailboxes) {
            const Address mailbox{LocalPart::from_trusted(local), here->name};
            if (come_.erase(mailbox) == 0) gone_.insert(mailbox);
        }
    }

    [[nodiscard]] bool rows_are_whole(const FetchedRows& rows) const {
        return fetched_.news.is_whole() && !rows.empty();
    }

    // What was here of a mailbox that has moved to another machine is kept for a while, and no longer.
    Status leave(const DomainName& name, const std::string& local) {
        const Address mailbox{LocalPart::from_trusted(local), name};
        TRY_ASSIGN(const bool has_moved, moved_.contains(mailbox, "", world_.clock()));
        if (has_moved)
            plan_.rest.mail.push_back(mail_order::keep_until(mailbox, world_.clock() + moved_names_are_kept));
        return {};
    }

    Status take_whole(const DomainName& name, const Domain* here) {
        TRY_ASSIGN(const auto rows, fetch_domain(reader_, fetched_, name.text()));
        if (!find_domain_row(rows))
            return fail(ErrorKind::failed, fmt::format("domain '{}' has no row of its own", name.display()),
                        "mailctl publish --full on the administration host repairs it");
        return write(name, here, standing_rows(rows));
    }

    // All that the domain has to say. What is there already is edited, if that makes it say the same.
    Status write(const DomainName& name, const Domain* here, const std::vector<PublishedRow>& rows) {
        const auto text = text_of_rows(rows);
        TRY_ASSIGN(auto wanted, domain_of_rows(rows, name, plan_.view().site().addresses));
        note_difference(here, wanted);
        if (!here) {
            plan_.rest.files.insert_or_assign(SourceFile{name}, text);
            plan_.say_done("domain", name.display(), "took");
            return {};
        }
        if (*here == wanted) return {};
        plan_.say_done("domain", name.display(), "took");
        auto draft = DomainDraft::between(*here, wanted);
        if (draft.after() == wanted)
            plan_.of(*here) = std::move(draft);
        else
            plan_.rest.files.insert_or_assign(SourceFile{name}, text);
        return {};
    }

    Status edit(const DomainName& name, const Domain& here, const FetchedRows& rows) {
        DomainDraft draft(here);
        for (const auto& fetched : rows) {
            TRY(edit_row(draft, name, fetched));
        }
        TRY_ASSIGN(const auto stamp, find_stamp(plan_.view().paths().domain_file(name)));
        const bool is_large = stamp && stamp->size >= world_.whole_domains_below; // and may be read in part
        if (!is_large && seal_here(draft.after(), fetched_.node) != fetched_.seals.at(name.text()))
            return take_whole(name, &here);
        note_changes(draft);
        plan_.of(here) = std::move(draft);
        plan_.say_done("domain", name.display(), "took changes of");
        return {};
    }

    void note_changes(const DomainDraft& draft) {
        for (const auto& change : draft.accounts()) {
            if (change.kind != AccountKind::mailbox || change.before.has_value() == change.after.has_value()) continue;
            (change.before ? gone_ : come_).insert({LocalPart::from_trusted(change.local), draft.before().name});
        }
    }

    Status edit_row(DomainDraft& draft, const DomainName& name, const FetchedRow& fetched) {
        TRY_ASSIGN(auto read, fetched.deleted ? Result<ReadRow>(ReadRow{})
                                              : read_row(fetched.row, name, plan_.view().site().addresses));
        if (read.domain) {
            take_keys(draft, *read.domain);
            return {};
        }
        const auto& local = fetched.row.local;
        for (const auto kind : row_account_kinds)
            if (draft.get(kind, local) && !(read.account && kind_of(*read.account) == kind)) {
                if (kind == AccountKind::mailbox) {
                    TRY(leave(name, local));
                }
                draft.remove(kind, local);
            }
        if (read.account) draft.put(local, std::move(*read.account));
        return {};
    }

    static void take_keys(DomainDraft& draft, const Domain& domain) {
        draft.edit_settings() = settings_of(domain);
        for (const auto& ban : draft.before().banished)
            if (std::ranges::find(domain.banished, ban.name, &Ban::name) == domain.banished.end())
                draft.remove(AccountKind::banished, ban.name);
        for (const auto& ban : domain.banished)
            if (std::ranges::find(draft.before().banished, ban) == draft.before().banished.end())
                draft.put(ban.name, ban);
    }

    ModelPlan& plan_;
    const World& world_;
    const FetchedDirectory& fetched_;
    DirectoryReader& reader_;
    MovedNames moved_;
    Mailboxes before_, gone_, come_; // of the domains that were taken
};

// Domains that the book does not know as they are published, and those that went unseen.
std::vector<std::string> missed_domains(const FetchedDirectory& fetched, const GenerationBook& book) {
    std::vector<std::string> names;
    for (const auto& [name, seal] : fetched.seals) {
        const auto known = book.seals.find(name);
        if (!fetched.domains.contains(name) && (known == book.seals.end() || known->second != seal))
            names.push_back(name);
    }
    for (const auto& [name, unused] : book.seals)
        if (!fetched.seals.contains(name) && !fetched.domains.contains(name)) names.push_back(name);
    return names;
}

// Where everything is fetched: those that are here and not published for this machine.
Result<std::vector<DomainName>> domains_to_take_away(const SiteView& view, const FetchedDirectory& fetched) {
    std::vector<DomainName> others;
    if (!fetched.news.is_whole()) return others;
    TRY_ASSIGN(const auto names, view.domain_names());
    for (const auto& name : names)
        if (!fetched.seals.contains(name.text())) others.push_back(name);
    return others;
}

Status refuse_to_take_away(const SiteView& view, const std::vector<DomainName>& others) {
    TRY_ASSIGN(const auto published, load_book(view.paths().lib + "/published"));
    if (published.generation != 0)
        return fail(ErrorKind::conflict, "this is an administration host: its own domains would go",
                    "a node has a site of its own: mailctl init --root DIR");
    if (others.empty()) return {};
    return fail(ErrorKind::conflict,
                fmt::format("domain '{}' is here and not published for this node: it would go, and its mail into the "
                            "archive",
                            others.front().display()),
                "if that is meant: --yes");
}

} // namespace

Result<FetchedDirectory> fetch_directory(DirectoryReader& reader, const std::string& node, const GenerationBook& book) {
    FetchedDirectory fetched;
    fetched.node = node;
    fetched.is_first = book.generation == 0;
    TRY_ASSIGN(fetched.news, reader.begin(book));
    TRY_ASSIGN(fetched.number, reader.get_node(node));
    TRY_ASSIGN(fetched.settings, reader.settings());
    if (!fetched.is_first) {
        TRY_ASSIGN(fetched.renamings, read_renamings(reader.connection(), book.generation));
    }
    TRY(reader.rows(fetched.number, fetched.news, [&](FetchedRow row) -> Status {
        fetched.domains[row.domain].push_back(std::move(row));
        return {};
    }));
    TRY_ASSIGN(fetched.seals, reader.seals(fetched.number));
    for (auto& name : missed_domains(fetched, book))
        fetched.domains.try_emplace(std::move(name));
    for (const auto& renaming : fetched.renamings) // two that exchanged their names look as before
        if (fetched.seals.contains(renaming.from_domain)) fetched.domains.try_emplace(renaming.from_domain);
    return fetched;
}

std::vector<Address> changed_addresses(const FetchedDirectory& fetched) {
    std::vector<Address> addresses;
    for (const auto& [text, rows] : fetched.domains) {
        const auto name = DomainName::parse(text);
        if (!name || fetched.news.is_whole() || rows.empty()) return {};
        for (const auto& row : rows)
            if (row.row.kind != RowKind::domain && row.row.kind != RowKind::banished)
                addresses.push_back({LocalPart::from_trusted(row.row.local), *name});
    }
    return addresses;
}

Status plan_pull(ModelPlan& plan, const World& world, const FetchedDirectory& fetched, DirectoryReader& reader,
                 bool accept_losses) {
    plan.rest.were_judged = true;
    TRY_ASSIGN(const auto others, domains_to_take_away(plan.view(), fetched));
    if (fetched.is_first && !accept_losses) {
        TRY(refuse_to_take_away(plan.view(), others));
    }
    TRY_ASSIGN(auto settings, take_settings(fetched.settings.payload, plan.view().site()));
    if (!settings.empty()) plan.rest.files.insert_or_assign(site_source, std::move(settings));
    DomainPull pull(plan, world, fetched, reader);
    for (const auto& [name, rows] : fetched.domains) {
        TRY(pull.take(name, rows));
    }
    pull.follow_renamings();
    for (const auto& name : others)
        pull.remove(name);
    return {};
}

} // namespace mailctl
