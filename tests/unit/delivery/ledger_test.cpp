// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/ledger.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace mailctl;

namespace {

const Address paul_told = Address::parse("paul@one.example").value(), far = Address::parse("x@far.example").value();
Refusal refusal(std::string enhanced) { return {far, 550, std::move(enhanced), "no"}; }
std::string answer(const Ledger& ledger, std::size_t recipient) {
    const auto& verdict = ledger.recipients()[recipient].verdict;
    return verdict ? std::to_string(verdict->reply.code) + " " + verdict->reply.enhanced : "served";
}

} // namespace

TEST_CASE("a recipient for whom nothing was done is never told that it was") {
    Ledger ledger(1);
    ledger.conclude(OverQuotaAnswer::reject);
    CHECK(answer(ledger, 0) == "451 4.3.0");
}

TEST_CASE("the first verdict of a recipient stays, and nothing more is done for him") {
    Ledger ledger(2);
    ledger.settle({0}, deferred({451, "4.2.0", "a"}, "a"));
    ledger.settle({0, 1}, deferred({452, "4.3.0", "b"}, "b"));
    CHECK(answer(ledger, 0) == "451 4.2.0");
    CHECK(answer(ledger, 1) == "452 4.3.0");
    CHECK_FALSE(ledger.is_open({0, 1}));
    ledger.serve({0, 1}, {"delivered", "paul@one.example"});
    CHECK(ledger.recipients()[0].served.empty());
}

TEST_CASE("a full mailbox or a refused target is the answer only where nothing else was done") {
    Ledger ledger(6);
    ledger.serve({0, 1}, {"delivered", "paul@one.example"});
    ledger.find_full({0, 2}, paul_told);
    ledger.refuse({1, 3}, refusal("5.1.1"));
    ledger.refuse({4}, refusal("5.7.1"));
    ledger.refuse({5}, refusal(""));
    ledger.conclude(OverQuotaAnswer::reject);
    CHECK(answer(ledger, 0) == "served");
    CHECK(answer(ledger, 1) == "served");
    CHECK(answer(ledger, 2) == "552 5.2.2");
    CHECK(answer(ledger, 3) == "550 5.1.1");
    CHECK(answer(ledger, 4) == "550 5.7.1");
    CHECK(answer(ledger, 5) == "550 5.0.0");
}

TEST_CASE("what the next hop has against the mail is told with its code, what it has against us waits") {
    struct Row {
        int code;
        std::string enhanced, wanted;
    };
    for (const auto& [code, enhanced, wanted] : std::initializer_list<Row>{{553, "5.6.7", "553 5.6.7"},
                                                                           {552, "5.3.4", "552 5.3.4"},
                                                                           {554, "5.7.1", "554 5.7.1"},
                                                                           {556, "5.1.10", "550 5.1.1"},
                                                                           {541, "5.7.1", "541 5.7.1"},
                                                                           {571, "5.1.1", "550 5.1.1"},
                                                                           {541, "", "451 4.3.0"},
                                                                           {560, "5.5.2", "451 4.3.0"},
                                                                           {503, "5.5.1", "451 4.3.0"},
                                                                           {555, "5.5.4", "451 4.3.0"},
                                                                           {554, "5.5.1", "451 4.3.0"},
                                                                           {554, "5.3.5", "451 4.3.0"},
                                                                           {530, "5.7.0", "451 4.3.0"},
                                                                           {521, "", "451 4.3.0"}}) {
        Ledger ledger(2);
        ledger.refuse({0}, {far, code, enhanced, "no"});
        ledger.refuse({1}, refusal("5.1.1"));
        ledger.refuse({1}, {far, code, enhanced, "no"});
        ledger.conclude(OverQuotaAnswer::reject);
        CHECK(answer(ledger, 0) == wanted);
        CHECK(answer(ledger, 1) == wanted); // of several refusals the one that is not about the address says more
    }
}

TEST_CASE("where one answer must do for all, one that fails lets nobody be served") {
    Ledger well(2), full(2);
    well.settle({0}, {{250, "2.0.0", "accepted"}, "discarded", ""});
    well.agree(OverQuotaAnswer::defer);
    CHECK(well.is_open({1}));
    full.find_full({0}, paul_told);
    full.agree(OverQuotaAnswer::defer);
    CHECK(answer(full, 0) == "452 4.2.2");
    CHECK(answer(full, 1) == "451 4.3.0");
}
