// SPDX-License-Identifier: Apache-2.0
// Checks across files, and the limits of a domain.
#include "mailctl/change/validation.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/config/toml/draft_diagnostics.hpp"
#include "mailctl/os/clock.hpp"
#include "mailctl/routing/validate.hpp"
#include "mailctl/site/reply_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// Collects what is wrong with several files into one Error, so that all of it is seen at once.
class Findings {
  public:
    void add(const Error& error) {
        if (!what_.empty()) what_ += '\n';
        what_ += error.what;
        if (hint_.empty()) hint_ = error.hint;
        if (!kind_) kind_ = error.kind;
    }
    [[nodiscard]] Status status() const {
        if (!kind_) return {};
        return fail(*kind_, what_, hint_);
    }

  private:
    std::optional<ErrorKind> kind_;
    std::string what_, hint_;
};

std::size_t count_aliases(const Domain& domain) {
    std::size_t count = 0;
    for (const auto& [unused, mailbox] : domain.mailboxes)
        count += mailbox.aliases.size();
    return count;
}

// A domain that is over a limit already, because the limit was lowered, may still shrink.
Status check_limits(const Domain& after, const Domain* before) {
    struct Limited {
        std::string_view key, one;
        std::size_t limit, now, earlier;
    };
    const auto counted = [&](auto count) { return before ? static_cast<std::size_t>(count(*before)) : 0; };
    const auto mailboxes = [](const Domain& d) { return d.mailboxes.size(); };
    const auto forwards = [](const Domain& d) { return d.forwards.size(); };
    const auto robots = [](const Domain& d) { return d.robots.size(); };
    const auto lists = [](const Domain& d) { return d.lists.size(); };
    for (const auto& each :
         {Limited{"mailboxes", "mailbox", after.limits.mailboxes, mailboxes(after), counted(mailboxes)},
          Limited{"aliases", "alias", after.limits.aliases, count_aliases(after), counted(count_aliases)},
          Limited{"forwards", "forward", after.limits.forwards, forwards(after), counted(forwards)},
          Limited{"robots", "robot", after.limits.robots, robots(after), counted(robots)},
          Limited{"lists", "list", after.limits.lists, lists(after), counted(lists)}})
        if (each.limit != 0 && each.now > each.limit && each.now > each.earlier)
            return fail(ErrorKind::conflict,
                        fmt::format("domain '{}' may have {} and would have {}", after.name.display(),
                                    how_many(each.limit, each.one), each.now),
                        fmt::format("the site's administrator raises it: mailctl domain set {} limits.{}=NUMBER",
                                    after.name.text(), each.key));
    const auto quota = total_quota(after);
    if (after.limits.quota.bytes != 0 && quota > after.limits.quota && (!before || quota > total_quota(*before)))
        return fail(ErrorKind::conflict,
                    fmt::format("the quotas of domain '{}' may add up to {} and would be {}", after.name.display(),
                                format_size(after.limits.quota), format_size(quota)),
                    fmt::format("the site's administrator raises it: mailctl domain set {} limits.quota=SIZE",
                                after.name.text()));
    return {};
}

// Without a quota of its own a mailbox would get around the one of the domain. The site's administrator may let it.
Status check_unlimited(const Role& role, const Domain& after, const Domain* before) {
    if (role.kind == Role::Kind::site || after.limits.quota.bytes == 0) return {};
    for (const auto& [local, mailbox] : after.mailboxes) {
        const auto earlier = before ? before->mailboxes.find(local) : after.mailboxes.end();
        const bool is_known = before && earlier != before->mailboxes.end() && earlier->second.quota.bytes == 0;
        if (mailbox.quota.bytes != 0 || is_known) continue;
        return fail(ErrorKind::conflict,
                    fmt::format("domain '{}' is limited to {}, so mailbox '{}' needs a quota", after.name.display(),
                                format_size(after.limits.quota), local),
                    "give it one with --quota SIZE or quota=SIZE");
    }
    return {};
}

// What is said of a domain, by kind; what was there before the change is nobody's news and no reason to refuse it.
Status check_beside_others(const ChangedSite& before, const ChangedSite& after, const Domain* old_domain,
                           const Domain& domain, const Site& old_site, const Site& site, Date today, Findings& errors,
                           std::vector<std::string>& notes, Limits limits) {
    if (limits == Limits::were_judged) return {};
    std::vector<Finding> known;
    if (old_domain) {
        TRY_ASSIGN(known, validate(old_site, before, *old_domain, today));
    }
    TRY_ASSIGN(const auto found, validate(site, after, domain, today));
    for (const auto& finding : found) {
        if (std::ranges::find(known, finding) != known.end()) continue;
        if (finding.severity == Severity::warning)
            notes.push_back("warning: " + format_finding(finding));
        else
            errors.add({ErrorKind::conflict, format_finding(finding), finding.remedy, 0});
    }
    return {};
}

// Every site has a key or two: a file without any was cut off or emptied, which nobody means as "all as by default".
bool says_nothing(std::string_view text) {
    for (const auto line : split(text, '\n'))
        if (const auto words = trim(line); !words.empty() && !words.starts_with('#')) return false;
    return true;
}

Error error_in_settings(const SiteView& view, const Draft& draft) {
    const auto path = draft.file.path(view.paths());
    return error_of(place_in_file(check_site(*draft.next, path), check_site(draft.found.value_or(""), path), ""));
}

// `text` is what is refused, `found` what stands in the file.
Error error_in_domain(const SiteView& view, const DomainName& name, const std::string& text, const SourceText& found,
                      const Site::Addresses& rules) {
    const auto path = view.paths().domain_file(name);
    const auto in_file = found ? check_domain(*found, path, name, rules) : std::vector<Diagnostic>{};
    return error_of(
        place_in_file(check_domain(text, path, name, rules), in_file, fmt::format("domain '{}'", name.display())));
}

Status parse_drafts(const SiteView& view, std::span<const Draft> drafts, Validated& result) {
    Findings findings;
    for (const auto& draft : drafts) {
        if (draft.file.domain) continue;
        if (!draft.next) return fail(ErrorKind::invalid, "a site needs its mailctl.toml", "mailctl init makes one");
        if (says_nothing(*draft.next))
            return fail(ErrorKind::invalid, fmt::format("'{}' is empty", draft.file.path(view.paths())),
                        "put it back from a backup: it holds none of the site's settings");
        auto site = parse_site(*draft.next, draft.file.path(view.paths()));
        if (!site) return fail(error_in_settings(view, draft)); // the rules for all other files are unknown then
        result.site = std::move(*site);
    }
    for (const auto& draft : drafts) {
        if (!draft.file.domain) continue;
        const DomainName& name = *draft.file.domain;
        result.domains[name] = std::nullopt;
        result.before[name] = draft.domain_before(view);
        const auto& text = draft.text_to_read();
        if (!text) continue;
        auto parsed = parse_domain(*text, draft.file.path(view.paths()), name, result.site.addresses);
        if (!parsed) {
            findings.add(error_in_domain(view, name, *text, draft.found, result.site.addresses));
            continue;
        }
        for (const auto& key : parsed->not_acted_on)
            result.unused_keys.push_back(format_diagnostic(key));
        result.domains[name] = std::move(parsed->domain);
    }
    return findings.status();
}

// New rules for local parts hold for every domain there is.
Status check_other_domains(const SiteView& view, const Validated& validated) {
    if (validated.site.addresses == view.site().addresses) return {};
    Findings findings;
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    for (const auto& name : names) {
        if (validated.domains.contains(name)) continue;
        TRY_ASSIGN(const auto text, view.find_applied_text({name}));
        if (!text) continue;
        auto parsed = parse_domain(*text, view.paths().domain_file(name), name, validated.site.addresses);
        if (parsed) continue;
        TRY_ASSIGN(const auto found, view.find_text({name}));
        findings.add(error_in_domain(view, name, *text, found, validated.site.addresses));
    }
    return findings.status();
}

// A node that goes holds nobody's mail. What the domains of this change say of it is seen where they are looked at.
Status check_vanished_nodes(const SiteView& view, const Validated& validated) {
    const auto vanished = [&](const std::string& name) {
        return view.site().nodes.contains(name) && !validated.site.nodes.contains(name);
    };
    const auto& known = view.site().nodes;
    if (std::ranges::none_of(known, [&](const auto& node) { return vanished(node.first); })) return {};
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    for (const auto& name : names) {
        if (validated.domains.contains(name)) continue;
        TRY_ASSIGN(const auto domain, view.find_applied_domain(name));
        if (!domain) continue;
        if (vanished(domain->move_to))
            return fail(
                ErrorKind::conflict,
                fmt::format("node '{}' cannot go: domain '{}' is moving to it", domain->move_to, name.display()),
                fmt::format("mailctl domain move {} --node {} gives that up", name.text(), domain->node));
        if (vanished(domain->node))
            return fail(ErrorKind::conflict,
                        fmt::format("node '{}' cannot go: domain '{}' lives on it", domain->node, name.display()),
                        fmt::format("mailctl domain move {} --node NODE", name.text()));
        for (const auto& [local, mailbox] : domain->mailboxes)
            if (vanished(mailbox.node) || vanished(mailbox.move_to))
                return fail(ErrorKind::conflict,
                            fmt::format("node '{}' cannot go: mailbox '{}@{}' {}",
                                        vanished(mailbox.node) ? mailbox.node : mailbox.move_to, local, name.display(),
                                        vanished(mailbox.node) ? "lives on it" : "is moving to it"),
                            fmt::format("mailctl mailbox move {}@{} --node NODE", local, name.text()));
    }
    return {};
}

// What only this machine tells of the site's settings. A value that was there before stops nobody.
Status check_settings_here(const Site& before, const Site& after, std::vector<std::string>& notes) {
    if (after.time_zone != before.time_zone && !is_time_zone(after.time_zone))
        return fail(ErrorKind::invalid,
                    fmt::format("time_zone: '{}' is no time zone that this machine knows", after.time_zone),
                    "write one that lies below /usr/share/zoneinfo (package tzdata), such as Europe/Berlin, or UTC");
    if (after.hostname == before.hostname) return {};
    const Site unnamed;
    if (after.hostname == unnamed.hostname) {
        notes.push_back(fmt::format("warning: this host is called '{}' now, also in the senders of forwarded mail",
                                    after.hostname.display()));
        return {};
    }
    if (after.hostname.text().find('.') == std::string::npos)
        return fail(ErrorKind::invalid,
                    fmt::format("hostname: '{}' is not a full name of a host", after.hostname.display()),
                    "write it with its domain, such as mx.example.org: forwarded mail has it in its sender");
    return {};
}

// Of the domains that change validate() says the same.
Status note_host_of_domain(const Site& before, Validated& validated, const ChangedSite& after) {
    const auto& host = validated.site.hostname;
    if (host == before.hostname) return {};
    TRY_ASSIGN(const auto ours, after.find_domain(host));
    if (ours && !validated.domains.contains(ours->name))
        validated.notes.push_back(
            fmt::format("warning: hostname: '{}' is a mail domain too: Postfix delivers its mail to system users as "
                        "long as mydestination has it (postconf -e 'mydestination = localhost')",
                        host.display()));
    return {};
}

} // namespace

Result<Validated> validate_drafts(const World& world, const SiteView& view, std::span<const Draft> drafts,
                                  Limits limits) {
    Validated result;
    result.site = view.site();
    TRY(parse_drafts(view, drafts, result));
    TRY(check_settings_here(view.site(), result.site, result.notes));
    TRY(check_other_domains(view, result));
    TRY(check_vanished_nodes(view, result));
    TRY_ASSIGN(const auto* applied, view.applied());
    const ChangedDomains none;
    const ChangedSite before(view.site(), *applied, none);
    ChangedSite after(result.site, *applied, result.domains);
    for (const auto& draft : drafts) {
        if (!draft.file.domain) continue;
        TRY(draft.join(after, result.domains.at(*draft.file.domain), *applied));
    }
    TRY(note_host_of_domain(view.site(), result, after));
    const Date today = day_in_zone(world.clock(), result.site.time_zone);
    Findings errors;
    for (const auto& [name, changed] : result.domains) {
        if (!changed) continue;
        const Domain& domain = *changed;
        const auto& earlier = result.before.at(name);
        const Domain* old_domain = earlier ? &*earlier : nullptr;
        TRY(check_beside_others(before, after, old_domain, domain, view.site(), result.site, today, errors,
                                result.notes, limits));
        if (auto good = check_limits(domain, old_domain); limits == Limits::hold && !good) errors.add(good.error());
        if (auto good = check_reply_lengths(result.site, domain, old_domain); !good) errors.add(good.error());
        const auto known = old_domain ? missing_attachments(view.paths(), *old_domain) : std::vector<std::string>{};
        for (auto& note : missing_attachments(view.paths(), domain))
            if (std::ranges::find(known, note) == known.end()) result.notes.push_back(std::move(note));
        if (auto good = check_unlimited(world.role, domain, old_domain); !good) errors.add(good.error());
    }
    TRY(errors.status());
    return result;
}

} // namespace mailctl
