// SPDX-License-Identifier: Apache-2.0
// Any bytes as a question of Postfix's policy protocol. Held to: what is understood holds addresses without a control
// byte that are written in a form which asks the same again.
#include "mailctl/base/text.hpp"
#include "mailctl/mail/policy_request.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace mailctl;

namespace {

void demand(bool condition) {
    if (!condition) std::abort();
}

bool is_clean(std::string_view text) {
    return is_utf8(text) && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto host = DomainName::from_trusted("mx.example");
    const auto asked = parse_policy_request(text, host);
    const auto answer = format_policy_answer({550, "5.1.1", std::string(text)});
    demand(answer.starts_with("action=550 5.1.1") && answer.find('\n') == answer.size() - 2);
    if (!asked) return 0;
    const auto sender = sender_text(asked->sender), recipient = asked->recipient.text();
    demand(is_clean(sender) && is_clean(recipient));
    const auto again = parse_policy_request("request=smtpd_access_policy\nprotocol_state=RCPT\nsender=" + sender +
                                                "\nrecipient=" + recipient +
                                                "\nsize=" + std::to_string(asked->size.value_or(ByteCount{0}).bytes),
                                            host);
    demand(again && *again == *asked);
    return 0;
}
