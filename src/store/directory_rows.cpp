// SPDX-License-Identifier: Apache-2.0
#include "directory_rows.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/routing/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {

namespace {

// The first byte of a key. Names come last: they are the many, and a full compile appends them at the end of the tree.
enum class Table : char { meta = 1, sources = 2, domains = 3, banished = 4, responders = 5, mentions = 6, names = 7 };

std::string key_in(Table table, std::string_view rest) { return std::string(1, static_cast<char>(table)).append(rest); }
std::string prefix_in(Table table, const DomainName& domain) { return key_in(table, domain.text()) + '\0'; }

template <class Number>
Number little_endian(std::string_view bytes) {
    Number value = 0;
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte)
        value = static_cast<Number>(value << 8 | static_cast<unsigned char>(*byte));
    return value;
}

template <class Number>
void append_little_endian(std::string& bytes, Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
        bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

template <class Number>
bool parse_number(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

detail::Unexpected damaged(std::string_view what) {
    return fail(ErrorKind::temporary, fmt::format("the compiled directory holds a damaged {}", what),
                "remove the compiled directory, then 'mailctl apply'");
}

std::optional<DomainRelation> parse_relation(std::string_view text) {
    if (text.size() != 1 || text[0] < '0' || text[0] > '2') return std::nullopt;
    return static_cast<DomainRelation>(text[0] - '0');
}
char relation_byte(DomainRelation relation) { return static_cast<char>('0' + static_cast<int>(relation)); }

} // namespace

std::string head_key() { return key_in(Table::meta, "head"); }
std::string site_key() { return key_in(Table::meta, "site"); }
std::string sources_prefix() { return key_in(Table::sources, ""); }
std::string source_key(const DomainName& domain) { return key_in(Table::sources, domain.text()); }
std::string claims_prefix(const DomainName& asked) { return prefix_in(Table::domains, asked); }
std::string claim_key(const DomainName& asked, DomainRelation relation, const DomainName& real) {
    return claims_prefix(asked) + relation_byte(relation) + real.text();
}
std::string banished_prefix(const DomainName& domain) { return prefix_in(Table::banished, domain); }
std::string responders_prefix(const DomainName& domain) { return prefix_in(Table::responders, domain); }
std::string names_prefix(const DomainName& domain) { return prefix_in(Table::names, domain); }
std::string mentions_prefix(const DomainName& asked) { return prefix_in(Table::mentions, asked); }
std::string mentions_key(const DomainName& asked, const DomainName& real) {
    return mentions_prefix(asked) + real.text();
}

std::string encode_head(const Head& head) {
    std::string value;
    append_little_endian(value, head.schema);
    append_little_endian(value, head.generation);
    return value;
}

// Longer heads may come from later versions: the schema must be readable in all of them.
std::optional<Head> decode_head(std::string_view value) {
    constexpr std::size_t schema_size = sizeof(Head::schema), generation_size = sizeof(Head::generation);
    if (value.size() < schema_size + generation_size) return std::nullopt;
    return Head{little_endian<std::uint32_t>(value.substr(0, schema_size)),
                little_endian<std::uint64_t>(value.substr(schema_size, generation_size))};
}

Result<Claimant> parse_claimant(std::string_view key_rest) {
    const auto relation = parse_relation(key_rest.substr(0, 1));
    if (!relation || key_rest.size() < 2) return damaged("domain row");
    return Claimant{DomainName::from_trusted(std::string(key_rest.substr(1))), *relation};
}

// "inode size mtime ctime digest", then a line each: "relation name" for a claim, "> name" for a domain mentioned. Only
// `mailctl` reads it.
std::string encode_source(const SourceRow& row) {
    const FileStamp& stamp = row.source.stamp;
    std::string value =
        fmt::format("{} {} {} {} {}", stamp.inode, stamp.size, stamp.mtime_ns, stamp.ctime_ns, row.source.digest);
    for (const Claim& claim : row.claims)
        value += fmt::format("\n{} {}", relation_byte(claim.relation), claim.asked.text());
    for (const DomainName& name : row.mentioned)
        value += fmt::format("\n> {}", name.text());
    return value;
}

Result<SourceRow> decode_source(std::string_view value) {
    const auto lines = split(value, '\n');
    const auto words = split(lines[0], ' ');
    SourceRow row;
    FileStamp& stamp = row.source.stamp;
    if (words.size() != 5 || !parse_number(words[0], stamp.inode) || !parse_number(words[1], stamp.size) ||
        !parse_number(words[2], stamp.mtime_ns) || !parse_number(words[3], stamp.ctime_ns))
        return damaged("source row");
    row.source.digest = words[4];
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto relation = parse_relation(lines[i].substr(0, 1));
        if ((!relation && !lines[i].starts_with('>')) || lines[i].size() < 3 || lines[i][1] != ' ')
            return damaged("source row");
        auto name = DomainName::from_trusted(std::string(lines[i].substr(2)));
        if (relation)
            row.claims.push_back({std::move(name), *relation});
        else
            row.mentioned.push_back(std::move(name));
    }
    return row;
}

std::vector<Claim> claims_of(const Domain& domain, const std::optional<DomainName>& alternate_suffix) {
    constexpr std::size_t max_name = 253; // a longer alternate name is none that anybody could ask for
    std::vector<Claim> claims{{domain.name, DomainRelation::itself}};
    for (const DomainName& alias : domain.aliases)
        claims.push_back({alias, DomainRelation::alias});
    if (alternate_suffix) claims.push_back({alternate_name(domain.name, *alternate_suffix), DomainRelation::alternate});
    std::erase_if(claims, [](const Claim& claim) { return claim.asked.text().size() > max_name; });
    return claims;
}

Rows claim_rows(const Domain& domain, const std::vector<Claim>& claims) {
    Rows rows;
    for (const Claim& claim : claims)
        rows[claim_key(claim.asked, claim.relation, domain.name)] =
            claim.relation == DomainRelation::itself ? encode_domain(domain_entry(domain, claim.relation)) : "";
    return rows;
}

Rows banished_rows(const Domain& domain) {
    Rows rows;
    const std::string prefix = banished_prefix(domain.name);
    for (const auto& [local, answer] : banished_entries(domain))
        rows.emplace_hint(rows.end(), prefix + local, encode_ban(answer));
    return rows;
}

Rows responder_rows(const Domain& domain) {
    Rows rows;
    const std::string prefix = responders_prefix(domain.name);
    for (const auto& [local, entry] : responder_entries(domain))
        rows.emplace_hint(rows.end(), prefix + local, encode_responder(entry));
    return rows;
}

Rows name_rows(const Domain& domain) {
    Rows rows;
    const std::string prefix = names_prefix(domain.name);
    for (const auto& [local, entry] : name_entries(domain))
        rows.emplace_hint(rows.end(), prefix + local, encode_name(entry));
    return rows;
}

} // namespace mailctl
