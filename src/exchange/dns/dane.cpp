// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/dane.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::string_view of_public_key = "3 1 1 ";

std::string tlsa_value(const HostKey& key) { return std::string(of_public_key) + key.digest; }

bool is_among(std::span<const std::string> found, const HostKey& key) {
    return std::ranges::any_of(found, [&](const auto& value) { return equal_folded(value, tlsa_value(key)); });
}

bool is_known(const std::string& value, const HostKeys& keys) {
    const auto is_value = [&](const HostKey& key) { return equal_folded(value, tlsa_value(key)); };
    return std::ranges::any_of(keys.in_use, is_value) || std::ranges::any_of(keys.next, is_value);
}

} // namespace

DnsRecord tlsa_record(std::string_view host, const HostKey& key) {
    return {fmt::format("_25._tcp.{}", host), "TLSA", tlsa_value(key)};
}

std::vector<DaneFinding> compare_tlsa(std::span<const std::string> found, const HostKeys& keys) {
    std::vector<DaneFinding> findings;
    const bool all_are_ours = std::ranges::all_of(found, [](const auto& v) { return v.starts_with(of_public_key); });
    if (found.empty() || !all_are_ours || keys.in_use.empty()) return findings;
    for (const auto& key : keys.in_use)
        if (!is_among(found, key))
            findings.push_back({"tlsa-key",
                                fmt::format("none fits the key of '{}', which Postfix serves: mail from whoever looks "
                                            "at DANE does not come",
                                            key.file),
                                true, tlsa_value(key)});
    for (const auto& key : keys.next)
        if (!is_among(found, key))
            findings.push_back({"tlsa-next",
                                fmt::format("the next key, of '{}', is not published: do that a day or two before it "
                                            "comes into use",
                                            key.file),
                                false, tlsa_value(key)});
    for (const auto& value : found)
        if (!keys.next.empty() && !is_known(value, keys))
            findings.push_back({"tlsa-old", "a key that is neither in use nor the next one: take it out", false, ""});
    return findings;
}

} // namespace mailctl
