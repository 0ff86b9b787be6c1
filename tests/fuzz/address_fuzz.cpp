// SPDX-License-Identifier: Apache-2.0
// Any bytes as an address and as the arguments of MAIL and RCPT. Held to: what parses holds no control byte, is written
// in a form that parses to the same value, and survives a forwarder's rewriting.
#include "mailctl/base/text.hpp"
#include "mailctl/mail/lmtp_command.hpp"
#include "mailctl/mail/srs.hpp"
#include "mailctl/model/others_address.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace mailctl;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void check_address(const Address& address) {
    const std::string text = address.text();
    require(!has_control(text) && is_utf8(text));
    const auto host = DomainName::from_trusted("h.example");
    const auto again = keep_address(text, host);
    require(again.has_value() && *again == address);
    const auto shown = keep_address(address.display(), host);
    require(shown.has_value() && *shown == address);
    if (!address.domain.is_literal()) require(address.key() == fold(address.key()));

    const SrsKeys keys{DomainName::from_trusted("us.example"), {"secret"}};
    const Sender rewritten = srs_rewrite(address, keys, 20'000);
    require(rewritten.has_value());
    if (*rewritten == address) return; // ours already, or too long
    require(rewritten->domain == keys.domain);
    const auto parsed = keep_address(rewritten->text(), host);
    require(parsed.has_value() && *parsed == *rewritten);
    require(srs_reverse(rewritten->local, keys, 20'000).verdict == SrsVerdict::genuine);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto address = Address::parse(text)) check_address(*address);
    const auto mail = parse_mail_argument("FROM:<" + std::string(text), DomainName::from_trusted("mx.example"));
    if (auto* argument = std::get_if<MailArgument>(&mail); argument && argument->sender)
        check_address(*argument->sender);
    const auto rcpt =
        parse_rcpt_argument("TO:<" + std::string(text), DomainName::from_trusted("h.example"), MailIs::smtputf8);
    if (auto* argument = std::get_if<RcptArgument>(&rcpt)) {
        check_address(argument->recipient);
        if (argument->original_recipient) require(!has_control(*argument->original_recipient));
    }
    return 0;
}
