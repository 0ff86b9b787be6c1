// SPDX-License-Identifier: Apache-2.0
// The difference of two models as edits: (1) made on the text of the first it says the second; (2) what is the same
// keeps its bytes, also the elements of arrays and their comments.
#include "mailctl/config/model_edits.hpp"

#include "../exchange/random_accounts.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/domain_text.hpp"
#include "mailctl/config/toml/toml.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

using namespace mailctl;
using namespace mailctl::test;

namespace {

// Every array of the text on lines of its own, each element with a comment that says which it is.
std::string with_comments(const std::string& text) {
    std::string out;
    for (const auto line : split(text, '\n')) {
        const auto open = line.find(" = [\"");
        if (open == line.npos || !line.ends_with("\"]")) {
            out.append(line).push_back('\n');
            continue;
        }
        out.append(line.substr(0, open)).append(" = [ # many\n");
        const auto inside = line.substr(open + 4, line.size() - open - 5);
        for (std::size_t begin = 0; begin < inside.size();) {
            const auto next = std::min(inside.find("\", \"", begin), inside.size() - 1);
            const auto element = inside.substr(begin, next + 1 - begin);
            out += fmt::format("    {}, # {}\n", element, std::string(element).substr(1, element.size() - 2));
            begin = next + 3;
        }
        out += "]\n";
    }
    out.pop_back();
    return out;
}

std::string text_of(const Domain& domain) {
    std::string text = compose_domain(domain);
    const auto add = [&](const auto& accounts) {
        for (const auto& [local, account] : accounts)
            text += compose_account({LocalPart::from_trusted(local), domain.name}, account);
    };
    add(domain.mailboxes);
    add(domain.forwards);
    add(domain.robots);
    add(domain.lists);
    text += "\n[banished]\n";
    for (const auto& ban : domain.banished)
        text += compose_account({LocalPart::from_trusted(ban.name), domain.name}, ban);
    return text;
}

// A bare local part in a file is one of our names.
void keep_apart(std::vector<Address>& targets) {
    for (auto& target : targets)
        if (target.domain == own && target.local.text() != "paul")
            target.domain = DomainName::from_trusted("far.example");
}

void put_some(Domain& domain, const std::string& local, Account account) {
    if (auto* mailbox = std::get_if<Mailbox>(&account)) {
        mailbox->aliases.clear();
        keep_apart(mailbox->forward);
        keep_apart(mailbox->copy_to);
        for (auto count = under(4); count > 0; --count)
            mailbox->aliases.push_back(fmt::format("{}.{}", local, count));
        domain.mailboxes[local] = *mailbox;
    }
    if (auto* forward = std::get_if<Forward>(&account)) {
        keep_apart(forward->to);
        domain.forwards[local] = *forward;
    }
    if (auto* robot = std::get_if<Robot>(&account)) {
        keep_apart(robot->copy_to);
        domain.robots[local] = *robot;
    }
    if (auto* list = std::get_if<List>(&account)) {
        keep_apart(list->members);
        domain.lists[local] = *list;
    }
    if (auto* ban = std::get_if<Ban>(&account)) domain.banished = {*ban};
}

Domain some_domain() {
    Domain domain(own);
    if (heads()) domain.owner = nasty_line();
    for (const char* alias : {"a.example", "b.example", "c.example"})
        if (heads()) domain.aliases.push_back(DomainName::from_trusted(alias));
    if (heads()) domain.state = DomainState::suspended;
    if (heads()) domain.relay_to = "mx.customer.example:25";
    if (heads()) domain.unknown = {UnknownAction::Kind::redirect, some_addresses(1), {}};
    keep_apart(domain.unknown.to);
    if (heads()) domain.dmarc = Dmarc{any_of<std::string>({"none", "reject"}), heads() ? "mailto:a@b.example" : ""};
    if (heads()) domain.tls = TlsFiles{"/a", heads() ? "/b" : "/c"};
    if (heads()) domain.limits.lists = static_cast<unsigned>(under(5));
    if (heads()) domain.limits.quota.bytes = under(1'000'000'000);
    for (const char* local : {"paul", "ringo", "george", "john"})
        if (under(4) != 0) put_some(domain, local, some_account());
    return domain;
}

Domain parsed_text(const std::string& text) {
    const auto domain = parse_domain(text, "test", own, {});
    if (!domain) FAIL(domain.error().what << "\n" << text);
    return domain->domain;
}

// The text of one table with all below it, as edits must leave it.
std::string block_of(const std::string& text, const std::string& family, const std::string& local) {
    const auto header = fmt::format("\n[{}.{}]\n", family, local);
    const auto begin = text.find(header);
    if (begin == std::string::npos) return {};
    return text.substr(begin, std::min(text.find("\n[", begin + 1), text.size()) - begin);
}

} // namespace

TEST_CASE("the difference makes the text of one domain say the other, and nothing else moves") {
    CHECK(rc::check("for any two domains", [] {
        const auto text = with_comments(text_of(some_domain()));
        const auto before = parsed_text(text);
        const auto draft = DomainDraft::between(before, parsed_text(text_of(some_domain())));
        const auto edits = edits_of(draft);
        const auto edited = apply_edits(text, edits, "test");
        if (!edited) FAIL(edited.error().what << "\n" << text);
        RC_ASSERT(parsed_text(*edited) == draft.after());
        for (const auto& [local, mailbox] : before.mailboxes) {
            const auto now = draft.after().mailboxes.find(local);
            if (now == draft.after().mailboxes.end() || now->second != mailbox) continue;
            RC_ASSERT(edited->find(trim(block_of(text, "mailbox", local))) != std::string::npos);
        }
        RC_ASSERT(edits_of(DomainDraft::between(before, before)).empty());
    }));
}

TEST_CASE("elements of an array that stay keep their lines") {
    CHECK(rc::check("for any two arrays", [] {
        std::vector<std::string> before, after;
        for (auto count = under(8); count > 0; --count)
            before.push_back(fmt::format("e{}", under(10)));
        for (auto count = under(8); count > 0; --count)
            after.push_back(fmt::format("e{}", under(10)));
        std::string text = "a = [ # many\n";
        for (std::size_t i = 0; i < before.size(); ++i)
            text += fmt::format("    \"{}\", # number {}\n", before[i], i);
        text += "]\n";
        const auto change = array_difference({"a"}, before, after, after);
        const std::vector<Edit> edits{change};
        const auto edited = apply_edits(text, edits, "test");
        RC_ASSERT(edited.has_value());
        std::vector<std::string> found;
        const auto parsed = parse_toml(*edited, "test");
        for (const auto& element : parsed.root.find("a")->elements)
            found.push_back(element.text);
        RC_ASSERT(found == after);
        std::vector<bool> stays(before.size(), true);
        for (const auto& step : change.steps)
            if (step.kind != ElementStep::Kind::insert) stays[step.at] = false;
        for (std::size_t i = 0; i < before.size(); ++i)
            if (stays[i])
                RC_ASSERT(edited->find(fmt::format("    \"{}\", # number {}\n", before[i], i)) != std::string::npos);
        RC_ASSERT(std::ranges::count(stays, false) <= static_cast<std::ptrdiff_t>(before.size()));
    }));
}

TEST_CASE("an array that has changed underneath is not edited") {
    const std::vector<std::string> before{"a", "b"}, after{"b"};
    const std::vector<Edit> edits{array_difference({"x"}, before, after, after)};
    CHECK(*apply_edits("x = [\"A\", 'b']\n", edits, "test") == "x = ['b']\n");
    CHECK(!apply_edits("x = [\"a\"]\n", edits, "test"));
    CHECK(!apply_edits("y = 1\n", edits, "test"));
}

TEST_CASE("keys come and go as one would write them") {
    const auto before = parsed_text("[mailbox.paul]\nquota = \"2048 MiB\" # two\nstore = false\n"
                                    "forward = [\"X@y.example\"]\n[mailbox.paul.autoreply]\nevery = \"3d\"\n");
    DomainDraft draft(before);
    auto& paul = *draft.edit<Mailbox>("paul");
    paul.quota.bytes = std::uint64_t{2} << 30;
    paul.store = true;
    paul.autoreply->every = Autoreply{}.every;
    paul.suspend = Suspension{true, SuspendedReceive::defer, "unpaid", {}};
    const auto edits = edits_of(draft);
    REQUIRE(edits.size() == 3);
    CHECK(std::get<SetValue>(edits[0]).value == Value(true));
    CHECK(format_value(std::get<SetValue>(edits[1]).value) ==
          "{ login = true, receive = \"defer\", reason = \"unpaid\" }");
    CHECK(std::get<RemoveKey>(edits[2]).path.back() == "every");
    draft.say(AccountKind::mailbox, "paul", {"store", SaidKey::How::cleared});
    CHECK(std::holds_alternative<RemoveKey>(edits_of(draft)[0]));
}
