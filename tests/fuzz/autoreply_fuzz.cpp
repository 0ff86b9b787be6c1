// SPDX-License-Identifier: Apache-2.0
// Any bytes as the header and the sender of a message that a robot might answer. Held to: the decision never fails, a
// sign of a machine in front is never lost, and the reply has exactly the header fields that we gave it.
#include "mailctl/mail/answer.hpp"
#include "mailctl/mail/autoreply.hpp"

#include "mailctl/base/text.hpp"

#include <cstdint>
#include <cstdlib>

using namespace mailctl;

namespace {

const Address own{LocalPart::from_trusted("paul"), DomainName::from_trusted("one.example")};

void require(bool condition) {
    if (!condition) std::abort();
}

std::optional<std::string> object(const std::string& message, const Sender& sender) {
    const IsOwnAddress is_own = [](const Address& address) { return address.key() == own.key(); };
    const auto header = HeaderSection::scan(message);
    return object_to_answer(
        {.sender = sender, .header = header, .is_own = is_own, .start = {}, .end = {}, .today = {}});
}

void check_reply(const std::string& message, const Address& sender) {
    const auto mail = answered_mail(HeaderSection::scan(message));
    const Answer answer{.from = {message.substr(0, 100), own},
                        .responder = own,
                        .to = sender,
                        .subject = {},
                        .text = message,
                        .html = {},
                        .attachments = {{message.substr(0, 60), "text/plain", message}},
                        .when = {},
                        .id = "1"};
    std::size_t fields = 0;
    HeaderSection::scan(compose_answer(answer, mail)).for_each([&](const HeaderField&) { ++fields; });
    require(fields == 11U + (mail.id.empty() ? 0U : 1U) + (mail.references.empty() ? 0U : 1U));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    const auto line_end = std::min(input.find('\n'), input.size());
    const auto parsed = Address::parse(std::string_view(input).substr(0, line_end));
    const Sender sender = parsed ? Sender{*parsed} : Sender{};
    const std::string message = input.substr(std::min(line_end + 1, input.size()));
    const auto objection = object(message, sender);
    require(sender || objection.has_value());
    require(!objection || objection->find('\n') == std::string::npos);
    require(object("Auto-Submitted: auto-replied\n" + message, sender).has_value());
    if (!sender) return 0;
    require(sender_key(*sender).find('\n') == std::string::npos);
    check_reply(message, *sender);
    return 0;
}
