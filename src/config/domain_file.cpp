// SPDX-License-Identifier: Apache-2.0
// Names are claimed where they stand; who else claims them is decided at the end, so that the second use in the file is
// the one reported.
#include "mailctl/config/domain_file.hpp"

#include "account_tables.hpp"
#include "domain_table.hpp"
#include "mailctl/config/toml/plain.hpp"

namespace mailctl {
namespace {

void read_file(const Node& root, DomainReading& reading) {
    Fields fields(root, {}, reading.findings);
    if (const Node* node = fields.node("domain")) read_domain_table(*node, reading);
    read_accounts(fields, reading);
    fields.refuse_unknown();
    reading.claims.check(reading.findings);
}

// The usual case: nothing unusual stands there and nothing is to be said. Who has something to say needs places, and so
// the parser.
std::optional<Domain> read_plainly(std::string_view text, std::string_view file, const DomainName& name,
                                   const Site::Addresses& rules) {
    const auto root = read_plain_toml(text);
    if (!root) return std::nullopt;
    DomainReading reading(file, name, rules);
    read_file(*root, reading);
    if (!reading.findings.empty() || !reading.not_acted_on.empty()) return std::nullopt;
    return std::move(reading.domain);
}

} // namespace

Result<ParsedDomain> parse_domain(std::string_view text, std::string_view file, const DomainName& name,
                                  const Site::Addresses& rules) {
    if (auto domain = read_plainly(text, file, name, rules)) return ParsedDomain{std::move(*domain), {}};
    const auto parsed = parse_toml(text, file);
    if (!parsed.diagnostics.empty()) return fail(error_of(parsed.diagnostics));
    DomainReading reading(file, name, rules);
    read_file(parsed.root, reading);
    if (!reading.findings.empty()) return fail(error_of(reading.findings.sorted()));
    return ParsedDomain{std::move(reading.domain), reading.not_acted_on.sorted()};
}

std::vector<Diagnostic> check_domain(std::string_view text, std::string_view file, const DomainName& name,
                                     const Site::Addresses& rules) {
    const auto parsed = parse_toml(text, file);
    if (!parsed.diagnostics.empty()) return parsed.diagnostics;
    DomainReading reading(file, name, rules);
    read_file(parsed.root, reading);
    return reading.findings.sorted();
}

} // namespace mailctl
