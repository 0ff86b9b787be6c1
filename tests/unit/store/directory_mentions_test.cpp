// SPDX-License-Identifier: Apache-2.0
// What the compiled directory answers to mailctl alone: who mentions whom, and the names of a domain.
#include "mailctl/store/directory.hpp"

#include "../os/temp_directory.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

Address named(const std::string& text) { return Address::parse(text).value(); }
DomainName domain_named(const std::string& text) { return DomainName::parse(text).value(); }

Domain referring(const std::string& domain, const std::string& target) {
    Domain result(domain_named(domain));
    result.forwards["info"].to = {named(target)};
    return result;
}

struct Compiled {
    test::TempDirectory temp;
    Directory directory = Directory::open_for_update(temp.path() + "/directory").value();
    std::uint64_t generation = 0;

    void put(const Domain& domain) {
        const std::vector changes{DomainChange{domain.name, domain, {{}, "digest"}}};
        REQUIRE(directory.update(Site{}, changes, ++generation));
    }
    void drop(const std::string& domain) {
        const std::vector changes{DomainChange{domain_named(domain), std::nullopt, {}}};
        REQUIRE(directory.update(Site{}, changes, ++generation));
    }
    [[nodiscard]] std::vector<std::string> mentioning(const std::string& asked) const {
        std::vector<std::string> found;
        const auto snapshot = directory.snapshot().value();
        const auto mentions = snapshot->find_mentions(domain_named(asked));
        REQUIRE(mentions);
        for (const auto& [domain, list] : *mentions)
            for (const auto& mention : list)
                found.push_back(domain.text() + " " + mention.holder + " " + mention.local);
        return found;
    }
};

} // namespace

TEST_CASE("the directory knows who mentions a name, and forgets it with the mention") {
    Compiled compiled;
    compiled.put(referring("a.example", "bob@b.example"));
    compiled.put(referring("c.example", "eve@b.example"));
    CHECK(compiled.mentioning("b.example") == std::vector<std::string>{"a.example info bob", "c.example info eve"});
    CHECK(compiled.mentioning("b.exampl").empty());
    compiled.put(referring("a.example", "bob@d.example"));
    CHECK(compiled.mentioning("b.example") == std::vector<std::string>{"c.example info eve"});
    CHECK(compiled.mentioning("d.example") == std::vector<std::string>{"a.example info bob"});
    compiled.drop("c.example");
    CHECK(compiled.mentioning("b.example").empty());
}

TEST_CASE("a snapshot keeps its answers while the directory changes") {
    Compiled compiled;
    compiled.put(referring("a.example", "bob@b.example"));
    const auto before = compiled.directory.snapshot().value();
    compiled.put(referring("a.example", "bob@d.example"));
    CHECK(before->find_mentions(domain_named("b.example"))->size() == 1);
    CHECK(compiled.mentioning("b.example").empty());
}

TEST_CASE("the names that a domain claims") {
    Compiled compiled;
    Domain domain(domain_named("a.example"));
    domain.aliases = {domain_named("z.example")};
    compiled.put(domain);
    const auto snapshot = compiled.directory.snapshot().value();
    CHECK(snapshot->claimed_names(domain_named("a.example")).value() ==
          std::vector<DomainName>{domain_named("a.example"), domain_named("z.example")});
    CHECK(snapshot->claimed_names(domain_named("b.example"))->empty());
}
