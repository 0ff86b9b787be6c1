// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message, as names of a Maildir, as maildirsize and as SRS local part. Held to: views stay inside the
// text, prepended headers stay ours, nothing that decodes has a second spelling, and no name leaves its directory.
#include "mailctl/mail/maildir_name.hpp"
#include "mailctl/mail/message.hpp"
#include "mailctl/mail/quota.hpp"
#include "mailctl/mail/srs.hpp"

#include <cstdint>
#include <cstdlib>

using namespace mailctl;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_header(std::string_view message) {
    const auto header = HeaderSection::scan(message);
    require(message.starts_with(header.text()));
    require(header.text().find("\n\n") == std::string_view::npos);
    std::size_t end = 0;
    header.for_each([&](const HeaderField& field) {
        const auto at = static_cast<std::size_t>(field.text.data() - message.data());
        require(at >= end && at + field.text.size() <= header.size());
        end = at + field.text.size();
        require(!field.name.empty() && unfold(field.value).find('\n') == std::string::npos);
    });
    require(HeaderSection::scan(without_return_path(header)).count("Return-Path") == 0);
    (void)was_delivered_to(header, Address{LocalPart::from_trusted("a"), DomainName::from_trusted("b.example")});

    // Our headers in front: the same fields follow them, and the body begins where it began.
    Trace trace;
    trace.return_path = Sender{};
    trace.original_to = std::string(message.substr(0, 100));
    trace.received.emplace();
    trace.received->client_name = message.substr(0, 100);
    trace.received->peer = message.substr(0, 40);
    const std::string prefix = compose_prefix(trace, header);
    const std::string stored = prefix + std::string(message);
    const auto again = HeaderSection::scan(stored);
    require(again.present());
    require(again.size() == prefix.size() - (header.present() ? 0 : 1) + header.size());
    require(again.count("Received") == header.count("Received") + 1);
}

void check_names(std::string_view text) {
    if (auto directory = detail_directory(text)) {
        require(directory->size() > 1 && directory->size() <= 255 && directory->front() == '.');
        require(directory->find('/') == std::string::npos && directory->find("..") == std::string::npos);
        require(folder_from_directory(*directory).has_value());
    }
    if (auto folder = folder_from_directory(text))
        if (auto directory = folder_directory(*folder)) require(*directory == text);
    if (auto decoded = decode_modified_utf7(text)) require(encode_modified_utf7(*decoded) == text);
    const auto name = parse_message_name(text);
    require(text.starts_with(name.base));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_header(text);
    check_names(text);
    if (auto file = parse_maildirsize(text)) require(file->usage.bytes >= 0 && file->usage.messages >= 0);
    const SrsKeys keys{DomainName::from_trusted("us.example"), {"secret"}};
    const auto reversal = srs_reverse(LocalPart::from_trusted(std::string(text)), keys, 20'000);
    require(reversal.address.has_value() == (reversal.verdict == SrsVerdict::genuine));
    return 0;
}
