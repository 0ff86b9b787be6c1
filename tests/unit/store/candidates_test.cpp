// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/candidates.hpp"

#include "../os/temp_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace mailctl;
using namespace mailctl::test;

namespace {

const DomainName domain = DomainName::from_trusted("one.example");
Address candidate_named(std::string_view local) { return {LocalPart::from_trusted(std::string(local)), domain}; }
Instant at(int second) { return Instant(std::chrono::seconds(second)); }

struct Site1 {
    TempDirectory root;
    Paths paths = paths_below(root.path());
    State state = State::of_administrator(paths, std::nullopt);
    Site::Candidates limits{.names = 2, .bytes = {1000}, .name_messages = 3, .name_bytes = {600}};
    Site1() { std::filesystem::create_directories(paths.lib); }
    bool reserve(std::string_view local, std::uint64_t size = 100, int second = 1, std::string subject = "s") {
        return reserve_candidate(
                   state, {candidate_named(local), {size}, at(second), "a@far.example", std::move(subject)}, limits)
            .value();
    }
    bool room(std::string_view local, std::uint64_t size = 1) {
        return has_room(state, candidate_named(local), {size}, limits).value();
    }
};

} // namespace

TEST_CASE("a candidate keeps its first and last time, count, size, last sender and subject") {
    Site1 site;
    CHECK_FALSE(is_candidate(site.state, domain, "joe").value());
    CHECK(site.reserve("joe", 100, 5, "one"));
    CHECK(site.reserve("joe", 50, 9, "two"));
    const auto joe = find_candidate(site.state, candidate_named("joe")).value().value();
    CHECK(joe.first == at(5));
    CHECK(joe.last == at(9));
    CHECK(joe.messages == 2);
    CHECK(joe.bytes == ByteCount{150});
    CHECK(joe.last_sender == "a@far.example");
    CHECK(joe.last_subject == "two");
    CHECK(is_candidate(site.state, domain, "joe").value());
    CHECK(candidates_of(site.state, domain).value().size() == 1);
}

TEST_CASE("over any limit nothing is reserved, and asking reserves nothing") {
    Site1 site;
    CHECK(site.room("joe"));
    CHECK_FALSE(site.room("joe", 601));
    CHECK(site.reserve("joe", 600));
    CHECK_FALSE(site.reserve("joe", 1));
    CHECK_FALSE(site.room("jim", 401)); // of the domain
    CHECK(site.reserve("jim", 100));
    CHECK_FALSE(site.room("third"));
    CHECK_FALSE(site.reserve("third", 1));
    CHECK(site.reserve("jim", 100));
    CHECK(site.reserve("jim", 100));
    CHECK_FALSE(site.reserve("jim", 1)); // messages
    CHECK(candidates_of(site.state, domain).value().size() == 2);
}

TEST_CASE("what is given back leaves room, and a candidate without mail is none") {
    Site1 site;
    CHECK(site.reserve("joe", 600));
    REQUIRE(release_candidate(site.state, candidate_named("joe"), {600}));
    CHECK_FALSE(is_candidate(site.state, domain, "joe").value());
    CHECK(release_candidate(site.state, candidate_named("joe"),
                            {600})); // promoted meanwhile: there is nothing to give back
    CHECK(site.reserve("joe", 600));
}

TEST_CASE("the peer's text is cut at the end of a character and kept as it came") {
    Site1 site;
    std::string text(199, 'x');
    CHECK(site.reserve("joe", 1, 1, text + "\xc3\xa4"));
    CHECK(find_candidate(site.state, candidate_named("joe")).value()->last_subject == text);
    CHECK(site.reserve("joe", 1, 1, std::string("a\0\x1b[31m\xff", 8)));
    CHECK(find_candidate(site.state, candidate_named("joe")).value()->last_subject ==
          std::string("a\0\x1b[31m\xff", 8));
}

TEST_CASE("only candidates without mail since a time are old") {
    Site1 site;
    CHECK(site.reserve("joe", 1, 5));
    CHECK(site.reserve("jim", 1, 9));
    CHECK(candidates_before(site.state, at(9)).value() == std::vector{candidate_named("joe")});
    CHECK(forget_candidate_before(site.state, candidate_named("jim"), at(9)));
    CHECK(is_candidate(site.state, domain, "jim").value());
    CHECK(forget_candidate(site.state, candidate_named("jim")));
    CHECK_FALSE(is_candidate(site.state, domain, "jim").value());
}

TEST_CASE("what is counted of a quiet candidate becomes what lies on disk, and of one with new mail stays") {
    Site1 site;
    REQUIRE(site.reserve("joe", 100, 5));
    REQUIRE(site.reserve("jim", 100, 5));
    REQUIRE(site.reserve("jim", 100, 50));
    CHECK(quiet_candidates(site.state, at(10)).value().size() == 1);
    REQUIRE(recount_candidate(site.state, candidate_named("joe"), 3, {70}, at(10)));
    REQUIRE(recount_candidate(site.state, candidate_named("jim"), 0, {0}, at(10)));
    const auto joe = find_candidate(site.state, candidate_named("joe")).value().value();
    CHECK(joe.messages == 3);
    CHECK(joe.bytes == ByteCount{70});
    CHECK(find_candidate(site.state, candidate_named("jim")).value()->messages == 2);
    REQUIRE(recount_candidate(site.state, candidate_named("joe"), 0, {0}, at(10)));
    CHECK_FALSE(find_candidate(site.state, candidate_named("joe")).value());
}

namespace {

// Every domain has the unknown action that it is given.
struct UnknownIs : Lookup {
    explicit UnknownIs(UnknownAction::Kind kind) : kind_(kind) {}
    Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const override {
        DomainEntry entry{.name = name, .unknown = {}, .patterns = {}};
        entry.unknown.kind = kind_;
        return std::optional(entry);
    }
    Result<std::optional<NameEntry>> find_name(const DomainName&, std::string_view) const override {
        return std::optional<NameEntry>{};
    }
    Result<std::optional<BanAnswer>> find_banished(const DomainName&, std::string_view) const override {
        return std::optional<BanAnswer>{};
    }
    Result<std::optional<ResponderEntry>> find_responder(const DomainName&, std::string_view) const override {
        return std::optional<ResponderEntry>{};
    }

  private:
    UnknownAction::Kind kind_;
};

} // namespace

TEST_CASE("unknown names cost no look into the state where a domain neither records candidates nor has any") {
    Site1 site;
    REQUIRE(site.reserve("joe"));
    const DomainName other = DomainName::from_trusted("two.example");
    CandidateDomains domains;
    const UnknownIs rejected(UnknownAction::Kind::reject), recorded(UnknownAction::Kind::candidate);
    const CandidateLookup lookup(rejected, site.state, site.paths.state, domains, 7);
    CHECK_FALSE(lookup.is_candidate(other, "ann").value());
    CHECK(lookup.is_candidate(domain, "joe").value()); // recorded while the domain did so
    CHECK_FALSE(lookup.is_candidate(domain, "jim").value());
    std::filesystem::rename(site.paths.state, site.paths.state + ".away");
    std::filesystem::create_directory(site.paths.state); // nothing can be read there
    CHECK_FALSE(lookup.is_candidate(other, "bob").value());
    CHECK_FALSE(lookup.is_candidate(domain, "joe").has_value());
    const CandidateLookup next(rejected, site.state, site.paths.state, domains, 8);
    CHECK_FALSE(next.is_candidate(other, "bob").has_value()); // domains may have changed what they do
    const CandidateLookup recording(recorded, site.state, site.paths.state, domains, 7);
    CHECK_FALSE(recording.is_candidate(other, "bob").has_value());
}
