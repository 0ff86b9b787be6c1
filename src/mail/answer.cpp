// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/answer.hpp"

#include "encoded_word.hpp"
#include "mailctl/base/text.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::size_t max_id = 250, max_references = 10;
constexpr std::size_t max_subject_field = 4000, max_subject = 200; // bytes read, code points kept

// RFC 5322 3.6.4 as far as it can be written again on a line: no blanks, nothing that looks like an encoded word.
bool is_message_id(std::string_view text) {
    return text.size() >= 3 && text.size() <= max_id && text.starts_with('<') && text.ends_with('>') &&
           text.find("=?") == text.npos && text.find('@') != text.npos &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; }) &&
           std::ranges::count(text, '<') == 1 && std::ranges::count(text, '>') == 1;
}

std::vector<std::string> message_ids(std::string_view value) {
    std::vector<std::string> ids;
    for (std::size_t at = value.find('<'); at != value.npos; at = value.find('<', at + 1)) {
        const auto end = value.find('>', at);
        if (end == value.npos) break;
        if (const auto id = value.substr(at, end + 1 - at); is_message_id(id)) ids.emplace_back(id);
    }
    return ids;
}

std::string first_code_points(std::string_view text, std::size_t most) {
    std::size_t at = 0;
    for (std::size_t count = 0; count < most && at < text.size(); ++count)
        at += code_point_at(text, at)->length;
    return std::string(text.substr(0, at));
}

// What cannot be decoded here can be there, where it is read: whole words as they stand, as many as fit.
std::string first_words(std::string_view field) {
    constexpr std::size_t most = 600; // bytes
    const bool is_printable = std::ranges::all_of(field, [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!is_printable) return {};
    if (field.size() <= most) return std::string(field);
    const auto end = field.rfind(' ', most);
    return end == field.npos ? std::string() : std::string(trim(field.substr(0, end)));
}

void read_subject(std::string_view field, AnsweredMail& mail) {
    if (field.size() > max_subject_field) return;
    auto text = decode_unstructured(field);
    mail.subject_is_encoded = !text;
    if (!text) {
        mail.subject = first_words(field);
        return;
    }
    for (char& c : *text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    mail.subject = first_code_points(trim(*text), max_subject);
}

void set_subject(NewMessage& message, const Answer& answer, const AnsweredMail& mail) {
    if (!answer.subject.empty()) {
        message.subject = answer.subject;
    } else if (mail.subject.empty()) {
        message.subject = "Automated reply";
    } else {
        message.subject = "Auto: " + mail.subject;
        message.subject_is_encoded = mail.subject_is_encoded;
    }
}

} // namespace

AnsweredMail answered_mail(const HeaderSection& header) {
    AnsweredMail mail;
    read_subject(header.find("Subject").value_or(""), mail);
    const auto ids = message_ids(header.find("Message-ID").value_or(""));
    if (ids.size() == 1) mail.id = ids.front();
    auto references = message_ids(header.find("References").value_or(""));
    if (references.empty()) {
        references = message_ids(header.find("In-Reply-To").value_or(""));
        if (references.size() > 1) references.clear(); // RFC 5322 3.6.4: then it says nothing
    }
    if (!mail.id.empty()) references.push_back(mail.id);
    if (references.size() > max_references) // the first is the root of the thread
        references.erase(references.begin() + 1, references.end() - (max_references - 1));
    mail.references = join(references, " ");
    return mail;
}

std::string compose_answer(const Answer& answer, const AnsweredMail& mail) {
    NewMessage message{.from = answer.from,
                       .to = {{{}, answer.to}},
                       .subject = {},
                       .when = answer.when,
                       .id = answer.id,
                       .host = answer.responder.domain,
                       .fields = {},
                       .text = answer.text,
                       .html = answer.html,
                       .attachments = answer.attachments};
    set_subject(message, answer, mail);
    if (!mail.id.empty()) message.fields.emplace_back("In-Reply-To", mail.id);
    if (!mail.references.empty()) message.fields.emplace_back("References", mail.references);
    const bool is_absence = answer.kind == Answer::Kind::absence;
    message.fields.emplace_back("Auto-Submitted", is_absence ? "auto-replied (vacation)" : "auto-replied");
    message.fields.emplace_back("Precedence", "bulk");
    message.fields.emplace_back("X-Auto-Response-Suppress", "All");
    message.fields.emplace_back("X-Loop", answer.responder.text());
    return compose_message(message);
}

std::string_view media_type_of(std::string_view file_name) {
    struct Type {
        std::string_view ending, media_type;
    };
    static constexpr auto types = std::to_array<Type>({
        {"pdf", "application/pdf"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"svg", "image/svg+xml"},
        {"webp", "image/webp"},
        {"csv", "text/csv"},
        {"ics", "text/calendar"},
        {"vcf", "text/vcard"},
        {"zip", "application/zip"},
        {"rtf", "application/rtf"},
        {"doc", "application/msword"},
        {"xls", "application/vnd.ms-excel"},
        {"odt", "application/vnd.oasis.opendocument.text"},
        {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
        {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    });
    const auto ending = fold(file_name.substr(file_name.rfind('.') + 1));
    const auto* const found = std::ranges::find(types, ending, &Type::ending);
    return found != types.end() ? found->media_type : "application/octet-stream";
}

} // namespace mailctl
