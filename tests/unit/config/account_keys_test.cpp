// SPDX-License-Identifier: Apache-2.0
// The key tables and what must agree with them.
#include "mailctl/config/account_keys.hpp"

#include "mailctl/config/domain_keys.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>

using namespace mailctl;

namespace {

std::string manual() {
    std::ifstream page(std::string(MAILCTL_TESTS_DIR) + "/../man/mailctl-domain.toml.5.scd");
    return {std::istreambuf_iterator<char>(page), {}};
}

std::string escaped_for_manual(std::string_view key) {
    std::string text;
    for (const char c : key)
        text += c == '_' ? std::string("\\_") : std::string{c};
    return text;
}

// What the page says below this heading, up to the next of its rank.
std::string section_of(const std::string& page, const std::string& heading) {
    const auto begin = page.find("\n" + heading + "\n");
    if (begin == std::string::npos) return {};
    const auto rank = heading.substr(0, heading.find(' ') + 1);
    return page.substr(begin, std::min(page.find("\n" + rank, begin + 1), page.size()) - begin);
}

template <class Keys>
void check_in_manual(const std::string& page, const Keys& keys, const std::string& own_heading,
                     const std::string& below) {
    for (const auto& key : keys) {
        if (!key.is_in_file()) continue;
        const auto heading = key.table.empty() ? own_heading : "## [" + below + std::string(key.table) + "]";
        const auto name = "*" + escaped_for_manual(key.key) + "*";
        const bool is_in_line = section_of(page, heading).empty(); // { login = ..., receive = ... }
        const auto section = section_of(page, is_in_line ? own_heading : heading);
        CAPTURE(heading);
        CAPTURE(name);
        CHECK(section.find(is_in_line ? std::string(key.key) + " = " : name) != std::string::npos);
    }
}

} // namespace

TEST_CASE("mailctl-domain.toml(5) explains every key where it stands") {
    const auto page = manual();
    check_in_manual(page, account_keys(AccountKind::mailbox), "# THE TABLES [mailbox.NAME]", "mailbox.NAME.");
    check_in_manual(page, account_keys(AccountKind::forward), "# THE TABLES [forward.NAME]", "");
    check_in_manual(page, account_keys(AccountKind::robot), "# THE TABLES [robot.NAME]", "");
    check_in_manual(page, account_keys(AccountKind::list), "# THE TABLES [list.NAME]", "");
    check_in_manual(page, domain_keys(), "# THE TABLE [domain]", "domain.");
}

TEST_CASE("every row is whole, and no name stands twice") {
    std::set<std::pair<std::string_view, std::string_view>> names;
    const auto check = [&](const auto& keys) {
        for (const auto& key : keys) {
            CAPTURE(key.name);
            CHECK(names.emplace(key.family, key.name).second);
            CHECK(!key.help.empty());
            CHECK((key.read && key.value && key.is_default && key.same && key.assign && key.clear && key.read_cell &&
                   key.cell && key.shown));
        }
    };
    check(account_keys());
    check(domain_keys());
}

TEST_CASE("a role may set what those below it may") {
    using Names = std::vector<std::string>;
    CHECK(setting_names(AccountKind::mailbox) ==
          Names{"name", "quota", "aliases", "forward", "copy_to", "store", "recovery"});
    CHECK(setting_names(AccountKind::mailbox, SetBy::user) == Names{"forward", "store"});
    CHECK(setting_names(AccountKind::robot, SetBy::owner) ==
          Names{"from", "subject", "message", "html", "every", "copy_to"});
    CHECK(domain_setting_names(SetBy::owner) == Names{"unknown", "dmarc.policy", "dmarc.report_to"});
    CHECK(!may_set(SetBy::owner, find_account_key(AccountKind::mailbox, "autoreply_attach")->set_by));
    CHECK(!may_set(SetBy::owner, find_account_key(AccountKind::mailbox, "node")->set_by));
}

TEST_CASE("words are read as values, and elements found however they are spelled") {
    const auto own = DomainName::from_trusted("example.com");
    const Site::Addresses rules;
    const WordContext words{own, rules,
                            [&](const DomainName& name) { return name.text() == "example.net" ? own : name; }};
    Account account = Mailbox{};
    const auto assign = [&](const char* text) {
        return assign_key(account_keys(AccountKind::mailbox), account, *parse_assignment(text), words);
    };
    const auto& mailbox = std::get<Mailbox>(account);
    CHECK(assign("forward=Paul@Example.NET,\"a b\"@far.example,x@xn--bcher-kva.example"));
    CHECK(mailbox.forward.size() == 3);
    CHECK(assign("forward-=paul"));
    CHECK(assign("forward-=\"A B\"@FAR.example"));
    CHECK(assign("forward-=X@b\xc3\xbc"
                 "cher.example"));
    CHECK(mailbox.forward.empty());
    CHECK(assign("aliases=A,b@example.net"));
    CHECK(mailbox.aliases == std::vector<std::string>{"a", "b"});
    CHECK(assign("aliases+=c@far.example").error().kind == ErrorKind::usage);
    CHECK(assign("forward+=x@y.example,X@Y.example").error().what == "'X@y.example' is given twice");
    CHECK(assign("quota+=1G").error().what == "'quota' holds one value");
    CHECK(assign("quotta=1G").error().hint == "did you mean 'quota'?");
    CHECK(assign("quota=1G"));
    CHECK(assign("quota="));
    CHECK(mailbox.quota.bytes == 0);
}
