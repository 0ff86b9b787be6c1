// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/published_rows.hpp"

#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/domain_text.hpp"
#include "mailctl/config/toml/value.hpp"
#include "mailctl/model/domain_draft.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::string_view seal_mark = "# rows ";

Address published_address(const Domain& domain, const std::string& local) {
    return {LocalPart::from_trusted(local), domain.name};
}

std::string_view ban_answer(const Ban& ban) { return ban.answer == BanAnswer::reject ? "reject" : "discard"; }

// What moves is on both machines, and neither takes mail or a login for it.
Mailbox waiting(Mailbox mailbox) {
    mailbox.suspend = Suspension{true, SuspendedReceive::defer, "it is being moved to another machine", {}};
    return mailbox;
}

// The machines that have a mailbox, or what a domain has beside its mailboxes.
std::vector<std::string> machines_of(const std::string& node, const std::optional<MailMove>& move) {
    return move ? std::vector{move->source, move->target} : std::vector{node};
}

bool has_node(const std::vector<std::string>& nodes, const std::string& node) {
    return std::ranges::find(nodes, node) != nodes.end();
}

// Where it lives is what the row's machine says; one that has single mailboxes of it leaves all other names to the
// domain's own. A machine that a whole domain is about to leave takes nothing more for
// it; the one it comes to may have mailboxes of it that go on.
std::string domain_payload(const Domain& domain, const std::string& node) {
    Domain keys = settings_of(domain);
    keys.node.clear();
    if (!domain.node.empty() && !has_node(machines_of(domain.node, move_of(domain)), node)) {
        keys.unknown = {};
        keys.unknown.kind = UnknownAction::Kind::elsewhere;
        keys.unknown.node = domain.node;
    }
    if (const auto move = move_of(domain); move && move->source == node) keys.state = DomainState::suspended;
    keys.move_to.clear();
    std::string text = compose_domain(keys);
    if (!domain.banished.empty()) text += "\n[banished]\n";
    for (const Ban& ban : domain.banished)
        text += compose_account(published_address(domain, ban.name), ban);
    return text;
}

class Parts {
  public:
    explicit Parts(const Domain& domain) : domain_(domain) {}

    void add(const std::string& node, std::string local, RowKind kind, std::string payload) {
        if (node.empty()) return;
        auto& rows = parts_[node];
        if (rows.empty()) rows.push_back({"", RowKind::domain, domain_payload(domain_, node)});
        if (kind != RowKind::domain) rows.push_back({std::move(local), kind, std::move(payload)});
    }
    void add_account(const std::string& local, RowKind kind, const Account& account) {
        for (const auto& node : machines_of(domain_.node, move_of(domain_)))
            add(node, local, kind, compose_account(published_address(domain_, local), account));
    }
    // A name that `machines` have: the domain's own machine knows where it is.
    void add_elsewhere(const std::string& local, const std::vector<std::string>& machines) {
        for (const auto& node : machines_of(domain_.node, move_of(domain_)))
            if (!has_node(machines, node))
                add(node, local, RowKind::elsewhere,
                    compose_account(published_address(domain_, local), Elsewhere{machines.front()}));
    }
    PublishedParts take() {
        for (auto& [unused, rows] : parts_) {
            for (const Ban& ban : domain_.banished)
                rows.push_back({ban.name, RowKind::banished, std::string(ban_answer(ban))});
            std::ranges::stable_sort(rows, {}, &PublishedRow::local); // the domain's own stays in front
        }
        return std::move(parts_);
    }

  private:
    const Domain& domain_;
    PublishedParts parts_;
};

Error not_published(const PublishedRow& row, const DomainName& domain, std::string_view what) {
    return {ErrorKind::invalid, fmt::format("the row of '{}@{}' is damaged: {}", row.local, domain.display(), what),
            "mailctl publish --full on the administration host writes it anew", 0};
}

std::optional<AccountKind> account_kind(RowKind kind) {
    switch (kind) {
    case RowKind::mailbox:
        return AccountKind::mailbox;
    case RowKind::forward:
        return AccountKind::forward;
    case RowKind::robot:
        return AccountKind::robot;
    case RowKind::list:
        return AccountKind::list;
    case RowKind::elsewhere:
        return AccountKind::elsewhere;
    default:
        return std::nullopt;
    }
}

} // namespace

PublishedParts publish_domain(const Domain& domain) {
    Parts parts(domain);
    for (const auto& node : machines_of(domain.node, move_of(domain)))
        parts.add(node, "", RowKind::domain, "");
    for (const auto& [local, mailbox] : domain.mailboxes) {
        const auto move = move_of(domain, mailbox);
        Mailbox here = move ? waiting(mailbox) : mailbox;
        here.node.clear();
        here.move_to.clear();
        const auto machines = machines_of(node_of(domain, mailbox), move);
        if (!machines.front().empty()) {
            parts.add_elsewhere(local, machines);
            for (const auto& alias : mailbox.aliases)
                parts.add_elsewhere(alias, machines);
        }
        for (const auto& node : machines) {
            parts.add(node, local, RowKind::mailbox, compose_account(published_address(domain, local), here));
            for (const auto& alias : mailbox.aliases)
                parts.add(node, alias, RowKind::alias, local);
        }
    }
    for (const auto& [local, forward] : domain.forwards)
        parts.add_account(local, RowKind::forward, forward);
    for (const auto& [local, robot] : domain.robots)
        parts.add_account(local, RowKind::robot, robot);
    for (const auto& [local, list] : domain.lists)
        parts.add_account(local, RowKind::list, list);
    for (const auto& [local, other] : domain.elsewhere)
        parts.add_account(local, RowKind::elsewhere, other);
    return parts.take();
}

void seal_parts(PublishedParts& parts, const RowDigest& digest) {
    for (auto& [node, rows] : parts) {
        if (rows.empty()) continue;
        const auto seal = digest(row_bytes({{node, rows}}));
        rows.front().payload = fmt::format("{}{}\n{}", seal_mark, seal, rows.front().payload);
    }
}

std::string_view seal_of(std::string_view payload) {
    if (!payload.starts_with(seal_mark)) return {};
    return payload.substr(seal_mark.size(), payload.find('\n') - seal_mark.size());
}

std::string row_bytes(const PublishedParts& parts) {
    std::string bytes;
    const auto add = [&](std::string_view value) { bytes += fmt::format("{}:{}", value.size(), value); };
    for (const auto& [node, rows] : parts) {
        add(node);
        for (const auto& row : rows) {
            bytes += static_cast<char>(row.kind);
            add(row.local);
            add(row.payload);
        }
        bytes += ';';
    }
    return bytes;
}

Result<ReadRow> read_row(const PublishedRow& row, const DomainName& domain, const Site::Addresses& rules) {
    if (row.kind == RowKind::alias || row.kind == RowKind::banished) return ReadRow{};
    const bool is_domain = row.kind == RowKind::domain;
    const auto kind = account_kind(row.kind);
    if (!is_domain && !kind) return fail(not_published(row, domain, "its kind is unknown to this version"));
    auto parsed = parse_domain(is_domain ? row.payload : "[domain]\n" + row.payload, "row", domain, rules);
    if (!parsed) return fail(not_published(row, domain, parsed.error().what));
    ReadRow result;
    if (is_domain) {
        result.domain = std::move(parsed->domain);
        return result;
    }
    result.account = find_account(parsed->domain, *kind, row.local);
    if (!result.account) return fail(not_published(row, domain, "it says something else"));
    return result;
}

Result<Domain> domain_of_rows(const std::vector<PublishedRow>& rows, const DomainName& domain,
                              const Site::Addresses& rules) {
    auto parsed = parse_domain(text_of_rows(rows), "rows", domain, rules);
    if (!parsed) return fail(not_published({"", RowKind::domain, ""}, domain, parsed.error().what));
    return std::move(parsed->domain);
}

namespace {

std::string_view without_seal(std::string_view payload) {
    if (payload.starts_with(seal_mark)) payload.remove_prefix(std::min(payload.find('\n'), payload.size() - 1) + 1);
    return payload;
}

} // namespace

std::string text_of_rows(const std::vector<PublishedRow>& rows) {
    std::string text;
    for (const auto& row : rows)
        if (row.kind != RowKind::alias && row.kind != RowKind::banished) text += without_seal(row.payload);
    return text;
}

} // namespace mailctl
