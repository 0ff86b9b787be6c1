// SPDX-License-Identifier: Apache-2.0
// An account written as a row and read back is the same account.
#include "mailctl/exchange/transfer/accounts_csv.hpp"

#include "mailctl/exchange/transfer/row_mapping.hpp"
#include "random_accounts.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

Domain domain_with(const Account& account) {
    Domain domain(own);
    if (const auto* mailbox = std::get_if<Mailbox>(&account)) domain.mailboxes.emplace("some", *mailbox);
    if (const auto* forward = std::get_if<Forward>(&account)) domain.forwards.emplace("some", *forward);
    if (const auto* robot = std::get_if<Robot>(&account)) domain.robots.emplace("some", *robot);
    if (const auto* list = std::get_if<List>(&account)) domain.lists.emplace("some", *list);
    if (const auto* ban = std::get_if<Ban>(&account)) domain.banished.push_back(*ban);
    return domain;
}

std::string exported(const Domain& domain) {
    std::string text;
    append_csv_row(text, export_headings(Hashes::shown));
    append_accounts(text, domain, Hashes::shown, LineEnd::lf);
    return text;
}

// What the only row of a native file makes of `account`; what went wrong otherwise.
Account applied(const std::string& text, Account account) {
    const Site::Addresses rules;
    CsvReader reader(text, detect_start(text));
    CsvRow row;
    auto mapping = RowMapping::native();
    REQUIRE(reader.next(row));
    REQUIRE(mapping.read_header(row).empty());
    REQUIRE(reader.next(row));
    REQUIRE(row.problem.empty());
    MappedRow mapped;
    mapping.map(row, mapped);
    for (const auto& cell : mapped.cells) {
        if (cell.text.empty()) {
            cell.column->clear(account);
        } else if (const auto objection = cell.column->read(account, cell.text, {own, rules})) {
            FAIL(cell.column->name << ": " << objection->message);
        }
    }
    return account;
}

} // namespace

TEST_CASE("every account survives its row") {
    CHECK(rc::check("written, then read into an empty account of the kind", [] {
        const Account account = some_account();
        auto blank = empty_account(kind_of(account));
        if (auto* ban = std::get_if<Ban>(&blank)) ban->name = std::get<Ban>(account).name;
        const auto text = exported(domain_with(account));
        RC_ASSERT(applied(text, blank) == account);
        RC_ASSERT(applied(text, account) == account); // a second time changes nothing
        RC_ASSERT_FALSE(object_to_account(account));
    }));
}

TEST_CASE("no cell of an export begins as a formula does") {
    CHECK(rc::check("neither in a text nor in an address", [] {
        const auto text = exported(domain_with(some_account()));
        CsvReader reader(text, detect_start(text));
        CsvRow row;
        while (reader.next(row))
            for (const auto& cell : row.cells)
                RC_ASSERT((cell.text.empty() || !std::string_view("=+-@\t\r\n").contains(cell.text.front())));
    }));
}

TEST_CASE("an apostrophe keeps a value from being a word or a formula") {
    Mailbox old;
    old.name = "old";
    const auto name_of = [&](const std::string& cell) {
        return std::get<Mailbox>(applied("address,name\na@example.com," + cell + "\n", old)).name;
    };
    CHECK(name_of("") == "old");
    CHECK(name_of("-").empty());
    CHECK(name_of("NONE").empty());
    CHECK(name_of("'-") == "-");
    CHECK(name_of("'none") == "none");
    CHECK(name_of("''none") == "'none");
    CHECK(name_of("'=1+1") == "=1+1");
    CHECK(name_of("' Paul ") == " Paul ");
    CHECK(name_of("'t Hooft") == "'t Hooft");
    CHECK(name_of("  Paul ") == "Paul");
    CHECK(native_cell("'t Hooft", nullptr) == "'t Hooft");
    CHECK(native_cell("none\n", &get_column("message")) == "'none\n");
}

TEST_CASE("a state of its own wins over what the other cells of the suspension say") {
    const auto suspension = [](const std::string& heads, const std::string& cells) {
        Mailbox held;
        held.suspend = Suspension{true, SuspendedReceive::hold, "unpaid", {}};
        return std::get<Mailbox>(applied("address," + heads + "\na@example.com," + cells + "\n", held)).suspend;
    };
    CHECK_FALSE(suspension("state", "active"));
    CHECK_FALSE(suspension("state", "-"));
    CHECK_FALSE(suspension("state,suspend_login,suspend_reason", "active,true,unpaid"));
    CHECK(suspension("state", "suspended")->receive == SuspendedReceive::hold);
    CHECK(suspension("suspend_receive", "defer")->reason == "unpaid");
    CHECK(std::get<Mailbox>(applied("address,state\na@example.com,suspended\n", Mailbox{})).suspend ==
          Suspension{true, SuspendedReceive::defer, {}, {}});
}

TEST_CASE("the header says what it does not know") {
    const auto problems = [](const std::string& header) {
        CsvReader reader(header, detect_start(header));
        CsvRow row;
        reader.next(row);
        return RowMapping::native().read_header(row);
    };
    CHECK(problems("Address,TYPE,error,quota\n").empty());
    REQUIRE(problems("address,quotta\n").size() == 1);
    CHECK(problems("address,quotta\n")[0].cell == 1);
    CHECK(problems("address,quotta\n")[0].objection.message == "unknown column 'quotta'; did you mean 'quota'?");
    CHECK(problems("address,quota,quota\n").size() == 1);
    CHECK(problems("name,quota\n").size() == 1);
    std::string many = "address";
    for (int i = 0; i < 200'000; ++i) // each compared with all others would take hours
        many += ",c" + std::to_string(i);
    CHECK(problems(many + "\n").size() == 1);
    const auto google = problems("First Name [Required],Last Name [Required],Email Address [Required]\n");
    REQUIRE_FALSE(google.empty());
    CHECK(google[0].objection.remedy.find("--profile google") != std::string::npos);
}
