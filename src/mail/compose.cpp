// SPDX-License-Identifier: Apache-2.0
// Parts are composed inside out: a part is its fields, an empty line and its encoded body.
#include "mailctl/mail/compose.hpp"

#include "mailctl/base/text.hpp"
#include "mime_encoding.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::size_t max_boundary_id = 60; // a boundary has at most 70 characters (RFC 2046 5.1.1)

// What may stand in a Message-ID and in a boundary alike.
std::string clean_id(std::string_view id) {
    std::string clean(id.substr(0, max_boundary_id));
    for (char& c : clean) {
        const bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                             std::string_view(".-").contains(c);
        if (!is_good) c = '-';
    }
    return clean;
}

std::string address_value(const NamedAddress& who, std::size_t column) {
    if (who.name.empty()) return who.address.text();
    return fmt::format("{} <{}>", encode_phrase(who.name, column), who.address.text());
}

std::string address_field(std::string_view name, const std::vector<NamedAddress>& who) {
    std::vector<std::string> values;
    for (const auto& each : who)
        values.push_back(address_value(each, name.size() + 2));
    return fold_field(name, join(values, ", "));
}

std::string text_part(std::string_view subtype, std::string_view text) {
    const bool is_plain = is_plain_text(text);
    std::string body = is_plain ? std::string(text) : encode_quoted_printable(text);
    if (!body.ends_with('\n')) body += '\n';
    return fmt::format("Content-Type: text/{}; charset=utf-8\nContent-Transfer-Encoding: {}\n\n{}", subtype,
                       is_plain ? "7bit" : "quoted-printable", body);
}

std::string attachment_part(const Attachment& attachment) {
    return fmt::format("Content-Type: {}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment{}\n\n{}",
                       attachment.media_type, encode_parameter("filename", attachment.file_name),
                       encode_base64(attachment.bytes));
}

// No encoded body has "=_" in it, and text that has is encoded.
std::string multipart(std::string_view subtype, std::string_view boundary, const std::vector<std::string>& parts) {
    std::string out = fmt::format("Content-Type: multipart/{};\n boundary=\"=_{}\"\n\n", subtype, boundary);
    for (const auto& part : parts)
        out += fmt::format("--=_{}\n{}\n", boundary, part);
    return out + fmt::format("--=_{}--\n", boundary);
}

std::string content(const NewMessage& message, const std::string& id) {
    std::vector<std::string> forms;
    if (!message.text.empty() || message.html.empty()) forms.push_back(text_part("plain", message.text));
    if (!message.html.empty()) forms.push_back(text_part("html", message.html));
    const std::string body = forms.size() == 1 ? forms.front() : multipart("alternative", "a" + id, forms);
    if (message.attachments.empty()) return body;
    std::vector<std::string> parts{body};
    for (const auto& attachment : message.attachments)
        parts.push_back(attachment_part(attachment));
    return multipart("mixed", "m" + id, parts);
}

} // namespace

std::string compose_message(const NewMessage& message) {
    const std::string id = clean_id(message.id);
    std::string out = address_field("From", {message.from});
    if (!message.to.empty()) out += address_field("To", message.to);
    out += fold_field("Subject", message.subject_is_encoded
                                     ? message.subject
                                     : encode_unstructured(message.subject, std::string_view("Subject: ").size()));
    out += fmt::format("Date: {}\nMessage-ID: <{}@{}>\n", format_rfc5322(message.when), id, message.host.text());
    for (const auto& [name, value] : message.fields)
        out += fold_field(name, encode_unstructured(value, name.size() + 2));
    return out + "MIME-Version: 1.0\n" + content(message, id);
}

} // namespace mailctl
