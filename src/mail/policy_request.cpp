// SPDX-License-Identifier: Apache-2.0
// One pass over the lines. Strict about their form, liberal about the addresses: those are other people's.
#include "mailctl/mail/policy_request.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace mailctl {
namespace {

using PolicyAttributes = std::map<std::string_view, std::string_view>;

std::optional<PolicyAttributes> read_attributes(std::string_view lines) {
    PolicyAttributes attributes;
    if (lines.ends_with('\n')) lines.remove_suffix(1);
    for (const auto line : split(lines, '\n')) {
        const auto equals = line.find('=');
        if (equals == line.npos || equals == 0) return std::nullopt;
        if (!attributes.emplace(line.substr(0, equals), line.substr(equals + 1)).second) return std::nullopt;
    }
    return attributes;
}

std::string_view value_of(const PolicyAttributes& attributes, std::string_view name) {
    const auto found = attributes.find(name);
    return found == attributes.end() ? std::string_view() : found->second;
}

// "0" where the client declared none.
std::optional<ByteCount> size_in(std::string_view text) {
    std::uint64_t bytes = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (problem != std::errc{} || end != text.data() + text.size() || bytes == 0) return std::nullopt;
    return ByteCount{bytes};
}

} // namespace

std::optional<PolicyRequest> parse_policy_request(std::string_view lines, const DomainName& host) {
    const auto attributes = read_attributes(lines);
    if (!attributes || value_of(*attributes, "request") != "smtpd_access_policy") return std::nullopt;
    if (value_of(*attributes, "protocol_state") != "RCPT" || !attributes->contains("sender")) return std::nullopt;
    const auto asked = value_of(*attributes, "recipient");
    if (!asked.contains('@')) return std::nullopt; // Postfix completes it by a name that only it knows
    auto recipient = keep_address(asked, host);
    if (!recipient) return std::nullopt;
    PolicyRequest request{
        .sender = {}, .recipient = std::move(*recipient), .size = size_in(value_of(*attributes, "size"))};
    if (const auto text = value_of(*attributes, "sender"); !text.empty()) {
        auto sender = keep_address(text, host);
        if (!sender) return std::nullopt;
        request.sender = std::move(*sender);
    }
    return request;
}

std::string format_policy_answer(const LmtpReply& reply) {
    if (reply.code >= 200 && reply.code < 300) return std::string(policy_no_opinion);
    auto line = format_lmtp_reply(reply);
    line.resize(line.size() - 2); // CRLF
    return fmt::format("action={}\n\n", line);
}

} // namespace mailctl
