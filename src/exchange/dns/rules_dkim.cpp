// SPDX-License-Identifier: Apache-2.0
// DKIM: the key decides, whatever else stands in the record and in how many strings it comes.
#include "judging.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dkim_record.hpp"
#include "mailctl/exchange/dns/tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace mailctl {
namespace {

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::string decoded_base64(std::string_view text) {
    std::string bytes;
    unsigned bits = 0, held = 0;
    for (const char c : text) {
        const int value = base64_value(c);
        if (value < 0) break;
        bits = (bits << 6) | static_cast<unsigned>(value);
        if ((held += 6) < 8) continue;
        held -= 8;
        bytes += static_cast<char>((bits >> held) & 0xff);
    }
    return bytes;
}

// Enters one DER element with this tag: what is in it is what `bytes` holds then.
bool enter(std::string_view& bytes, unsigned char tag) {
    if (bytes.size() < 2 || static_cast<unsigned char>(bytes[0]) != tag) return false;
    std::size_t length = static_cast<unsigned char>(bytes[1]), head = 2;
    if (length >= 0x80) {
        const std::size_t count = length & 0x7f;
        if (count == 0 || count > 4 || bytes.size() < 2 + count) return false;
        length = 0;
        for (; head < 2 + count; ++head)
            length = (length << 8) | static_cast<unsigned char>(bytes[head]);
    }
    if (bytes.size() < head + length) return false;
    bytes = bytes.substr(head, length);
    return true;
}

// Passes over one element.
bool pass_over(std::string_view& bytes, unsigned char tag) {
    auto inside = bytes;
    if (!enter(inside, tag)) return false;
    bytes.remove_prefix(static_cast<std::size_t>(inside.data() - bytes.data()) + inside.size());
    return true;
}

// The domain signs with no RSA key.
bool stands_alone(const DnsCase& item) {
    return std::ranges::none_of(item.subject->dkim, [](const auto& key) {
        return key.active && parse_tags(key.value).value("k", "rsa") == "rsa";
    });
}

void add_key_notes(const DnsCase& item, const TagList& tags, const DkimRecord& found, std::vector<DnsNote>& notes) {
    constexpr unsigned least_bits = 2048;
    const auto bits = found.algorithm == "rsa" ? rsa_bits(found.public_key) : 0;
    if (bits > 0 && bits < least_bits)
        notes.push_back({"short-key", fmt::format("an RSA key of {} bits: 2048 is the least (RFC 8301)", bits)});
    if (found.is_test) notes.push_back({"dkim-test", "t=y: others treat the signature as a test, and as none"});
    if (!found.signs_mail)
        notes.push_back({"dkim-service", fmt::format("s={}: the key is not for mail", printable(tags.value("s")))});
    if (!found.takes_sha256)
        notes.push_back(
            {"dkim-hash", fmt::format("h={}: signatures with SHA-256 are refused", printable(tags.value("h")))});
    if (found.algorithm == "ed25519" && stands_alone(item))
        notes.push_back({"ed25519-alone", "many receivers cannot check Ed25519: sign with RSA as well"});
}

std::string no_record_hint(const TagList& tags) {
    if (tags.value("v", "DKIM1") != "DKIM1") return "v= must be DKIM1 (RFC 6376 3.6.1)";
    return "no receiver can read it: v= comes first, no tag stands twice, each is NAME=VALUE (RFC 6376 3.2)";
}

} // namespace

unsigned rsa_bits(std::string_view base64) {
    constexpr unsigned char sequence = 0x30, bit_string = 0x03, integer = 0x02;
    const auto der = decoded_base64(base64);
    std::string_view bytes = der;
    if (!enter(bytes, sequence) || !pass_over(bytes, sequence) || !enter(bytes, bit_string) || bytes.empty()) return 0;
    bytes.remove_prefix(1); // the number of unused bits
    if (!enter(bytes, sequence) || !enter(bytes, integer)) return 0;
    while (!bytes.empty() && bytes.front() == '\0')
        bytes.remove_prefix(1);
    return static_cast<unsigned>(bytes.size() * 8);
}

DnsVerdict judge_dkim(const DnsCase& item, const DnsAnswer& answer) {
    std::vector<std::string> records;
    for (const auto& text : answer.values)
        if (parse_tags(text).find("p")) records.push_back(text);
    const auto wanted = parse_dkim_record(item.first().value).value_or(DkimRecord{});
    const bool is_revoked = wanted.public_key.empty();
    if (records.empty()) return is_revoked ? DnsVerdict{} : DnsVerdict{DnsState::missing};
    if (records.size() > 1) return {DnsState::several, "of several keys at one selector none can be relied on"};
    const auto tags = parse_tags(records.front());
    const bool has_key = !tags.value("p").empty();
    if (is_revoked && has_key) return {DnsState::wrong, "the key is revoked here and still published"};
    if (!is_revoked && !has_key) return {DnsState::wrong, "the record says that the key is revoked (p= is empty)"};
    const auto found = parse_dkim_record(records.front());
    if (!found) return {DnsState::wrong, no_record_hint(tags)};
    if (!is_revoked && found->algorithm != wanted.algorithm)
        return {DnsState::wrong, fmt::format("it says k={}, and the key is of the kind {}",
                                             printable(tags.value("k", "rsa")), wanted.algorithm)};
    if (!is_same_key(*found, wanted)) return {DnsState::wrong, "it holds another key"};
    DnsVerdict verdict;
    for (const auto& key : item.subject->dkim)
        if (!key.key_trouble.empty() &&
            item.first().name == fmt::format("{}._domainkey.{}", key.selector, item.subject->name.text()))
            verdict.notes.push_back({"private-key", key.key_trouble, DnsState::wrong});
    add_key_notes(item, tags, *found, verdict.notes);
    return verdict;
}

} // namespace mailctl
