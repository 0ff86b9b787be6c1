// SPDX-License-Identifier: Apache-2.0
// Checks of one domain beside the others. Loops and dangling targets are asked of the resolver itself: what it would do
// with a message is what is reported.
#include "mailctl/routing/validate.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// "192.0.2.1" would pass for a name by its letters.
bool is_all_digits(std::string_view name) { return name.find_first_not_of("0123456789.") == name.npos; }

class Check {
  public:
    Check(const Site& site, const ChangedSite& lookup, const Domain& domain, Date today)
        : site_(site), lookup_(lookup), domain_(domain), settings_(resolve_settings(site, today)) {}

    Result<std::vector<Finding>> run() {
        TRY(check_names());
        check_tls();
        check_source_address();
        check_nodes();
        TRY(check_unknown());
        for (const auto* name : {"postmaster", "abuse"}) {
            TRY(check_reserved(name));
        }
        for (const auto& [name, mailbox] : domain_.mailboxes) {
            TRY(check_mailbox(name, mailbox));
        }
        for (const auto& [name, forward] : domain_.forwards) {
            TRY(check_targets(fmt::format("forward.{}.to", name), forward.to));
            TRY(check_end(fmt::format("forward.{}.to", name), name));
        }
        for (const auto& [name, robot] : domain_.robots) {
            TRY(check_targets(fmt::format("robot.{}.copy_to", name), robot.copy_to));
        }
        for (const auto& [name, list] : domain_.lists) {
            TRY(check_list(name, list));
        }
        TRY(check_machines());
        return std::move(findings_);
    }

  private:
    // Postfix delivers mail for mydestination, where this host's name stands, to its system users.
    void check_host_names(const DomainName& name, std::string_view key) {
        if (name.text() == "localhost" || name.text() == "localhost.localdomain")
            error(key,
                  fmt::format("'{}' is every host's own name, and Postfix delivers its mail to system users",
                              name.text()),
                  "choose the name of a domain");
        else if (is_all_digits(name.text()))
            error(key, fmt::format("'{}' is an address and not a name", name.text()), "choose the name of a domain");
        else if (name == site_.hostname)
            warning(
                key,
                fmt::format("'{}' is this host's own name too: Postfix delivers its mail to system users as long as "
                            "mydestination has it",
                            name.display()),
                "postconf -e 'mydestination = localhost'");
    }

    Status check_names() {
        check_host_names(domain_.name, "");
        for (const auto& alias : domain_.aliases)
            check_host_names(alias, "domain.aliases");
        TRY(check_claim(domain_.name, "", "name"));
        for (const auto& alias : domain_.aliases) {
            if (alias == domain_.name) {
                error("domain.aliases", fmt::format("'{}' is the name of the domain itself", alias.display()),
                      "remove it from the list");
            } else {
                TRY(check_claim(alias, "domain.aliases", "alias"));
            }
        }
        if (!site_.alternate_suffix) return {};
        const auto alternate = alternate_name(domain_.name, *site_.alternate_suffix);
        if (!DomainName::parse(alternate.text()))
            warning("", fmt::format("its alternate name '{}' is too long to be used", alternate.text()),
                    "mail can only be sent to its own name and aliases");
        return check_claim(alternate, "", "alternate name");
    }

    Status check_claim(const DomainName& name, std::string_view key, std::string_view what) {
        TRY_ASSIGN(const auto claimants, lookup_.claimants(name));
        for (const auto& other : claimants)
            if (other != domain_.name)
                error(key, fmt::format("{} '{}' is also claimed by domain '{}'", what, name.display(), other.display()),
                      fmt::format("let one of them have it: mailctl domain show {}", other.text()));
        return {};
    }

    void check_tls() {
        if (!domain_.tls) return;
        const auto check_path = [&](std::string_view key, const std::string& path) {
            if (path.find_first_of(" \t,") == std::string::npos) return;
            error(key, fmt::format("'{}' holds a space or a comma, which separates files for Postfix", path),
                  "rename the file");
        };
        check_path("domain.tls.certificate", domain_.tls->certificate);
        check_path("domain.tls.key", domain_.tls->key);
    }

    void check_source_address() {
        if (domain_.source_ip == "auto" && site_.source_ips.empty())
            warning("domain.source_ip",
                    "'auto' draws from source_ips, where there is none: mail leaves from the address of the host",
                    "mailctl config set source_ips=ADDRESS,...");
    }

    void check_nodes() {
        if (!domain_.node.empty()) check_node("domain.node", domain_.node);
        for (const auto& [name, mailbox] : domain_.mailboxes)
            if (!mailbox.node.empty()) check_node(fmt::format("mailbox.{}.node", name), mailbox.node);
        for (const auto& [name, other] : domain_.elsewhere)
            check_node(fmt::format("elsewhere.{}.node", name), other.node);
        if (domain_.unknown.kind == UnknownAction::Kind::elsewhere)
            check_node("domain.unknown.node", domain_.unknown.node);
        check_moves();
    }

    void check_moves() {
        if (const auto move = move_of(domain_)) check_move("domain.move_to", *move);
        for (const auto& [name, mailbox] : domain_.mailboxes) {
            if (mailbox.move_to.empty()) continue;
            const auto key = fmt::format("mailbox.{}.move_to", name);
            check_move(key, *move_of(domain_, mailbox));
            if (!domain_.move_to.empty())
                error(key, fmt::format("mailbox '{}' cannot move while its domain does", name),
                      "wait until the domain has moved");
        }
    }

    void check_move(const std::string& key, const MailMove& move) {
        check_node(key, move.target);
        if (move.source.empty())
            error(key, "what lives on the administration host itself cannot be moved by a node",
                  "copy the mail by hand, then set its 'node'");
        if (move.source == move.target)
            error(key, fmt::format("it lives on node '{}' already", move.target), "take the key out");
    }

    // Where an account of this domain lives once what moves has moved. Names that are no mailbox are where the domain
    // is.
    [[nodiscard]] const std::string& machine_of(const Mailbox* mailbox) const {
        if (mailbox != nullptr && !mailbox->move_to.empty()) return mailbox->move_to;
        if (mailbox != nullptr && !mailbox->node.empty()) return mailbox->node;
        return domain_.move_to.empty() ? domain_.node : domain_.move_to;
    }
    [[nodiscard]] const Mailbox* mailbox_named(const std::string& local) const {
        for (const auto& [name, mailbox] : domain_.mailboxes)
            if (name == local || std::ranges::find(mailbox.aliases, local) != mailbox.aliases.end()) return &mailbox;
        return nullptr;
    }

    // Nodes pass on to each other what is of their domain. The administration host knows no other machine of it.
    Status check_machines() {
        const auto& home = machine_of(nullptr);
        const bool is_on_one = std::ranges::all_of(
            domain_.mailboxes, [&](const auto& mailbox) { return machine_of(&mailbox.second) == home; });
        if (is_on_one) return {};
        for (const auto& [name, mailbox] : domain_.mailboxes) {
            TRY(check_reach(fmt::format("mailbox.{}.forward", name), machine_of(&mailbox), mailbox.forward));
            TRY(check_reach(fmt::format("mailbox.{}.copy_to", name), machine_of(&mailbox), mailbox.copy_to));
        }
        for (const auto& [name, forward] : domain_.forwards) {
            TRY(check_reach(fmt::format("forward.{}.to", name), home, forward.to));
        }
        for (const auto& [name, robot] : domain_.robots) {
            TRY(check_reach(fmt::format("robot.{}.copy_to", name), home, robot.copy_to));
        }
        for (const auto& [name, list] : domain_.lists) {
            TRY(check_reach(fmt::format("list.{}.members", name), home, list.members));
            if (list.owner) {
                TRY(check_reach(fmt::format("list.{}.owner", name), home, {*list.owner}));
            }
        }
        if (site_.postmaster) {
            TRY(check_reach("", home, {*site_.postmaster}));
        }
        if (domain_.unknown.kind != UnknownAction::Kind::redirect) return {};
        return check_reach("domain.unknown.to", home, domain_.unknown.to);
    }

    Status check_reach(const std::string& key, const std::string& machine, const std::vector<Address>& targets) {
        for (const auto& target : targets) {
            TRY_ASSIGN(const auto ours, lookup_.find_domain(target.domain));
            if (!ours || ours->name != domain_.name) continue;
            const auto& there = machine_of(mailbox_named(target.local.key()));
            if (there == machine || (!there.empty() && !machine.empty())) continue;
            const auto shown = [](const std::string& node) {
                return node.empty() ? std::string("the administration host") : fmt::format("node '{}'", node);
            };
            warning(key,
                    fmt::format("'{}' lives on {}, and {} passes no mail on to it", target.display(), shown(there),
                                shown(machine)),
                    "have both on one machine: mailctl mailbox move ADDRESS --node NAME");
        }
        return {};
    }

    void check_node(const std::string& key, const std::string& name) {
        if (site_.nodes.contains(name)) return;
        std::vector<std::string> names;
        for (const auto& [known, unused] : site_.nodes)
            names.push_back(known);
        const auto near = nearest(name, names);
        error(key, fmt::format("no node '{}'", printable(name)),
              near ? fmt::format("did you mean '{}'?", *near)
                   : fmt::format("mailctl node create {} --lmtp ADDRESS:PORT --imap ADDRESS makes it", name));
    }

    Status check_unknown() {
        const auto& unknown = domain_.unknown;
        TRY_ASSIGN(const auto catchrest, lookup_.find_name(domain_.name, catchrest_name));
        if (catchrest && unknown.kind != UnknownAction::Kind::reject)
            warning("domain.unknown", "is never reached: the name 'catchrest' receives all unclaimed mail",
                    "remove one of the two");
        if (unknown.kind == UnknownAction::Kind::domain) return check_unknown_domain();
        if (unknown.kind != UnknownAction::Kind::redirect) return {};
        TRY(check_targets("domain.unknown.to", unknown.to));
        TRY_ASSIGN(const auto plan, resolve_unclaimed(lookup_, settings_, domain_.name));
        if (plan) report_end("domain.unknown.to", "unclaimed mail", *plan);
        return {};
    }

    Status check_unknown_domain() {
        if (!domain_.unknown.domain) return {};
        auto here = *domain_.unknown.domain;
        for (std::set<DomainName> seen;;) {
            TRY_ASSIGN(const auto entry, lookup_.find_domain(here));
            if (!entry) {
                warning("domain.unknown.domain",
                        fmt::format("'{}' is no domain of this site: all unclaimed mail is forwarded there",
                                    here.display()),
                        "name a domain that 'mailctl domain list' shows, or create it");
                return {};
            }
            if (entry->name == domain_.name || !seen.insert(entry->name).second) {
                error("domain.unknown.domain",
                      fmt::format("'{}' leads back to this domain", domain_.unknown.domain->display()),
                      "name a domain that decides for itself");
                return {};
            }
            if (entry->unknown.kind != UnknownAction::Kind::domain || !entry->unknown.domain) return {};
            here = *entry->unknown.domain;
        }
    }

    Status check_reserved(std::string_view name) {
        for (const Ban& ban : domain_.banished)
            if (ban.name == name)
                warning(fmt::format("banished.{}", name),
                        fmt::format("'{}' is never banished: every domain must take mail for it", name), "remove it");
        TRY_ASSIGN(const auto plan, plan_for(name));
        if (const auto reason = reason_of(plan.outcome); !reason.empty())
            warning("", what_becomes_of(name, reason),
                    "set postmaster in mailctl.toml, or create the name in this domain");
        return {};
    }

    // Where the one address that it leads to is missing, that is named.
    [[nodiscard]] std::string what_becomes_of(std::string_view name, std::string_view reason) const {
        const auto forward = domain_.forwards.find(std::string(name));
        const bool has_one = forward != domain_.forwards.end() && forward->second.to.size() == 1;
        if (has_one && reason == leads_to_nothing)
            return fmt::format("{}@{} leads to {}, which does not exist", name, domain_.name.display(),
                               forward->second.to.front().display());
        return fmt::format("{}@{} reaches nobody: {}", name, domain_.name.display(), reason);
    }

    Status check_mailbox(const std::string& name, const Mailbox& mailbox) {
        TRY(check_targets(fmt::format("mailbox.{}.forward", name), mailbox.forward));
        TRY(check_targets(fmt::format("mailbox.{}.copy_to", name), mailbox.copy_to));
        if (mailbox.forward.empty() && mailbox.copy_to.empty()) return {};
        return check_end(fmt::format("mailbox.{}.forward", name), name);
    }

    // Members elsewhere are an error: mail to a list would leave them out, and nobody would be told.
    Status check_list(const std::string& name, const List& list) {
        const auto key = fmt::format("list.{}.members", name);
        if (list.members.empty()) warning(key, "nobody is on the list: its mail waits", "add a member or delete it");
        for (const auto& member : list.members) {
            TRY_ASSIGN(const auto ours, lookup_.find_domain(member.domain));
            if (!ours) {
                error(key, fmt::format("'{}' is not of this site", member.display()),
                      "members of a list are mailboxes of this site; for others make a forward");
                continue;
            }
            TRY_ASSIGN(const auto entry, lookup_.find_name(ours->name, member.local.key()));
            if (!entry)
                warning(key, fmt::format("'{}' does not exist", member.display()), "create it or remove it here");
            else if (std::holds_alternative<ForwardEntry>(*entry) || std::holds_alternative<RobotEntry>(*entry))
                error(key, fmt::format("'{}' is neither a mailbox nor a list", member.display()),
                      "name the mailbox itself");
        }
        if (list.owner) {
            TRY(check_targets(fmt::format("list.{}.owner", name), {*list.owner}));
        }
        TRY(check_posters(fmt::format("list.{}.post", name), list.post));
        return check_end(key, name);
    }

    // A word that was meant as a policy and is none reads as a name of this domain.
    Status check_posters(const std::string& key, const Posters& post) {
        for (const auto& address : post.named) {
            if (address.domain != domain_.name) continue;
            TRY_ASSIGN(const auto entry, lookup_.find_name(domain_.name, address.local.key()));
            if (!entry)
                warning(key, fmt::format("nobody has the address '{}'", address.display()),
                        "write anyone, domain, members, or addresses that exist");
        }
        return {};
    }

    Status check_targets(const std::string& key, const std::vector<Address>& targets) {
        for (const auto& target : targets) {
            TRY_ASSIGN(const auto ours, lookup_.find_domain(target.domain));
            if (!ours) continue;
            TRY_ASSIGN(const auto plan, resolve(lookup_, settings_, target));
            const auto* reject = std::get_if<Reject>(&plan.outcome);
            const auto* defer = std::get_if<Defer>(&plan.outcome);
            const bool absent = (reject != nullptr && reject->enhanced == "5.1.1") ||
                                (defer != nullptr && defer->enhanced == "4.3.5" && ours->name == domain_.name);
            if (!absent && (reject == nullptr || reject->enhanced == "5.4.6")) continue;
            const auto* what = absent ? "does not exist" : "refuses mail";
            warning(key, fmt::format("'{}' {}", target.display(), what),
                    fmt::format("create it or remove it here: mailctl explain {}", target.text()));
        }
        return {};
    }

    Status check_end(const std::string& key, const std::string& name) {
        TRY_ASSIGN(const auto plan, plan_for(name));
        report_end(key, fmt::format("mail for '{}@{}'", name, domain_.name.display()), plan);
        return {};
    }

    void report_end(const std::string& key, const std::string& what, const Plan& plan) {
        const auto* reject = std::get_if<Reject>(&plan.outcome);
        const auto* defer = std::get_if<Defer>(&plan.outcome);
        if (reject != nullptr && reject->enhanced == "5.4.6")
            error(key, what + " goes in a loop that no mailbox ends", "let one of the names store its mail");
        if (defer != nullptr && defer->enhanced == "4.6.0")
            error(key, fmt::format("{} leads to {}", what, defer->text),
                  "shorten the way, or raise the limit of the site");
    }

    [[nodiscard]] Result<Plan> plan_for(std::string_view name) const {
        return resolve(lookup_, settings_, {LocalPart::from_trusted(std::string(name)), domain_.name});
    }
    static std::string reason_of(const Outcome& outcome) {
        if (const auto* reject = std::get_if<Reject>(&outcome)) return reject->text;
        if (const auto* defer = std::get_if<Defer>(&outcome)) return defer->text;
        return std::holds_alternative<Discard>(outcome) ? "its mail is discarded" : "";
    }

    void error(std::string_view key, std::string message, std::string remedy) {
        findings_.push_back({Severity::error, domain_.name, std::string(key), std::move(message), std::move(remedy)});
    }
    void warning(std::string_view key, std::string message, std::string remedy) {
        findings_.push_back({Severity::warning, domain_.name, std::string(key), std::move(message), std::move(remedy)});
    }

    const Site& site_;
    const ChangedSite& lookup_;
    const Domain& domain_;
    ResolveSettings settings_;
    std::vector<Finding> findings_;
};

} // namespace

Result<std::vector<Finding>> validate(const Site& site, const ChangedSite& lookup, const Domain& domain, Date today) {
    return Check(site, lookup, domain, today).run();
}

std::string format_finding(const Finding& finding) {
    return fmt::format("{}: {}{}{}", finding.domain.display(), finding.key, finding.key.empty() ? "" : ": ",
                       finding.message);
}

} // namespace mailctl
