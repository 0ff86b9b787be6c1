// SPDX-License-Identifier: Apache-2.0
// A real site below a temporary directory, with a clock that the test sets. Maps are plain text, so that no Postfix is
// needed; tests/e2e has the real one.
#pragma once

#include "../os/temp_directory.hpp"
#include "mailctl/admin/addresses.hpp"
#include "mailctl/admin/domains.hpp"
#include "mailctl/admin/explain.hpp"
#include "mailctl/admin/history.hpp"
#include "mailctl/admin/init.hpp"
#include "mailctl/admin/mailbox_life.hpp"
#include "mailctl/admin/mailboxes.hpp"
#include "mailctl/admin/maps.hpp"
#include "mailctl/admin/settings.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <map>

namespace mailctl::test {

inline Address address(const std::string& text) { return Address::parse(text).value(); }
inline DomainName domain(const std::string& text) { return DomainName::parse(text).value(); }

// The value, or the test ends with what went wrong.
template <class T>
T good(Result<T> result) {
    if (!result) FAIL(result.error().what << " (" << result.error().hint << ")");
    return std::move(*result);
}
template <class T>
Error bad(const Result<T>& result) {
    REQUIRE_FALSE(result);
    return result.error();
}

inline NewMailbox new_mailbox(const std::string& text) {
    NewMailbox request{address(text), {}, {}, {}, {}, {}, true, {}, {}};
    return request;
}

struct CellText {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(ByteCount value) const { return std::to_string(value.bytes); }
    std::string operator()(Share value) const { return std::to_string(value.percent); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const std::vector<std::string>& value) const { return join(value, ","); }
    template <class Other>
    std::string operator()(const Other&) const {
        return "(cells)";
    }
};

class TestSite {
  public:
    TestSite() {
        world.paths = paths_below(directory_.path() + "/site");
        world.clock = [this] { return time; };
        world.actor = "tester";
        world.command_line = "mailctl test";
        good(init_site(world, {domain("mx.test.example"), address("admin@one.example")}, {}));
        good(set_settings(world, std::vector{Assignment{"maps.type", Assignment::Operation::set, "texthash"}}, {}));
    }

    Report create_domain(const std::string& name, std::vector<DomainName> aliases = {}) {
        const std::vector requests{NewDomain{domain(name), {}, std::move(aliases), {}, {}}};
        return good(create_domains(world, requests, {}));
    }
    Report create_mailbox(const std::string& text) { return good(try_create_mailbox(text)); }
    Result<Report> try_create_mailbox(const std::string& text, const ChangeOptions& options = {}) {
        const std::vector requests{new_mailbox(text)};
        return create_mailboxes(world, requests, options);
    }
    Result<Report> set(const std::string& mailbox, const std::string& assignment) {
        const std::vector targets{address(mailbox)};
        const std::vector assignments{parse_assignment(assignment).value()};
        return set_mailboxes(world, targets, assignments, {});
    }

    [[nodiscard]] std::string path(const std::string& name) const { return world.paths.root + "/" + name; }
    [[nodiscard]] std::string read(const std::string& name) const { return good(load_file(path(name))); }
    void write(const std::string& name, const std::string& text) const { REQUIRE(replace_file(path(name), text)); }
    [[nodiscard]] bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }
    [[nodiscard]] std::string domain_text(const std::string& name) const {
        return read("etc/domains/" + name + ".toml");
    }
    void append(const std::string& name, const std::string& text) const { write(name, read(name) + text); }

    // What a reader sees: the addresses of a list.
    [[nodiscard]] std::vector<std::string> mailboxes() const { return first_cells(good(list_mailboxes(world, {}))); }
    [[nodiscard]] static std::vector<std::string> first_cells(const Report& report) {
        std::vector<std::string> cells;
        for (const auto& row : report.rows)
            cells.push_back(std::get<std::string>(row.front().value));
        return cells;
    }
    [[nodiscard]] std::string outcome(const std::string& text) const {
        const auto report = good(explain_addresses(world, {{address(text)}, {}, {}}));
        return cell(report.rows.front(), "outcome");
    }
    // The cell as text: lists with commas, nothing as "".
    [[nodiscard]] static std::string cell(const Cells& row, const std::string& key) {
        for (const auto& each : row)
            if (each.key == key) return std::visit(CellText{}, each.value);
        FAIL("no cell " << key);
        return {};
    }
    // All files with their contents, the lock left out: to see that nothing was written.
    [[nodiscard]] std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(world.paths.root))
            if (entry.is_regular_file() && entry.path().filename() != "lock" && entry.path().filename() != "lock.mdb")
                found[entry.path()] = good(load_file(entry.path()));
        return found;
    }

    World world;
    Instant time = parse_rfc3339("2026-11-22T03:28:00Z").value();

  private:
    TempDirectory directory_;
};

} // namespace mailctl::test
