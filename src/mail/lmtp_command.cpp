// SPDX-License-Identifier: Apache-2.0
// Command lines: one pass each, no state. Every way out is a value or the reply that says what was wrong.
#include "mailctl/mail/lmtp_command.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/base/utf8.hpp"
#include "mailctl/model/others_address.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

namespace mailctl {
namespace {

constexpr std::size_t max_verb = 32;

bool is_control(char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}
bool is_alpha(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_ascii_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

LmtpReply syntax_error(std::string text) { return {501, "5.5.4", std::move(text)}; }

bool strip_prefix_folded(std::string_view& text, std::string_view prefix) {
    if (!equal_folded(text.substr(0, prefix.size()), prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

// What stands between '<' and its '>', and what follows. A quoted local part may hold '>'.
struct Path {
    std::string_view inner, rest;
};
std::optional<Path> split_path(std::string_view text) {
    if (!text.starts_with('<')) return std::nullopt;
    bool quoted = false;
    for (std::size_t i = 1; i < text.size(); ++i) {
        char c = text[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '<')
            return std::nullopt;
        else if (!quoted && c == '>')
            return Path{text.substr(1, i - 1), text.substr(i + 1)};
    }
    return std::nullopt;
}

bool is_route_hop(std::string_view hop) {
    if (!hop.starts_with('@')) return false;
    return parse_others_domain(hop.substr(1)).has_value();
}

// RFC 5321 4.1.2 A-d-l, "@a,@b:": ignored, as appendix C asks. What only looks like a route is part of the address.
std::string_view without_source_route(std::string_view path) {
    if (!path.starts_with('@')) return path;
    std::size_t colon = 0;
    for (int depth = 0; colon < path.size() && (depth > 0 || path[colon] != ':'); ++colon) {
        if (path[colon] == '[') ++depth;
        if (path[colon] == ']') --depth;
    }
    const bool is_route =
        colon + 1 < path.size() && std::ranges::all_of(split(path.substr(0, colon), ','), is_route_hop);
    return is_route ? path.substr(colon + 1) : path;
}

struct Parameter {
    std::string key; // folded
    std::optional<std::string_view> value;
};

bool is_keyword(std::string_view text) {
    return !text.empty() && (is_alpha(text[0]) || is_digit(text[0])) &&
           std::ranges::all_of(text, [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; });
}

// RFC 5321 4.1.2 Mail-parameters: each after exactly one blank, each at most once.
LmtpParsed<std::vector<Parameter>> parse_parameters(std::string_view text) {
    std::vector<Parameter> parameters;
    if (text.empty()) return parameters;
    if (text[0] != ' ') return syntax_error("unexpected text after '>'");
    std::set<std::string> seen;
    for (std::string_view word : split(text.substr(1), ' ')) {
        auto equals = word.find('=');
        Parameter parameter{fold(word.substr(0, equals)), std::nullopt};
        if (equals != word.npos) parameter.value = word.substr(equals + 1);
        if (!is_keyword(parameter.key) || (parameter.value && parameter.value->empty()))
            return syntax_error("malformed parameter");
        if (!seen.insert(parameter.key).second) return syntax_error("parameter given twice");
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    if (text.empty() || text.size() > 20 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) return std::nullopt;
    return value;
}

LmtpReply unknown_parameter(const std::string& key) { return {555, "5.5.4", "parameter '" + key + "' is not offered"}; }

std::optional<LmtpReply> apply_mail_parameter(const Parameter& parameter, MailArgument& mail) {
    if (parameter.key == "size") {
        auto size = parameter.value ? parse_number(*parameter.value) : std::nullopt;
        if (!size) return syntax_error("SIZE must be a number");
        mail.size = ByteCount{*size};
        return std::nullopt;
    }
    if (parameter.key == "body") {
        std::string body = fold(parameter.value.value_or(""));
        if (body == "binarymime") return LmtpReply{555, "5.5.4", "BINARYMIME is not offered"};
        if (body != "7bit" && body != "8bitmime") return syntax_error("BODY must be 7BIT or 8BITMIME");
        mail.body_8bit = body == "8bitmime";
        return std::nullopt;
    }
    if (parameter.key == "smtputf8") {
        if (parameter.value) return syntax_error("SMTPUTF8 takes no value");
        mail.smtputf8 = true;
        return std::nullopt;
    }
    return unknown_parameter(parameter.key);
}

// RFC 3461 4.2 "rfc822;xtext", RFC 6533 3 "utf-8;...". Of another type we know nothing and keep nothing.
std::optional<LmtpReply> apply_rcpt_parameter(const Parameter& parameter, RcptArgument& rcpt) {
    if (parameter.key != "orcpt") return unknown_parameter(parameter.key);
    std::string_view value = parameter.value.value_or("");
    auto semicolon = value.find(';');
    if (semicolon == value.npos || !is_keyword(value.substr(0, semicolon)))
        return syntax_error("ORCPT must be 'rfc822;' and an address");
    const std::string type = fold(value.substr(0, semicolon));
    const auto text = value.substr(semicolon + 1);
    auto decoded = type == "utf-8" ? decode_utf8_xtext(text) : decode_xtext(text);
    if (!decoded) return syntax_error("ORCPT is not proper xtext");
    if (type == "rfc822" || type == "utf-8") rcpt.original_recipient = std::move(*decoded);
    return std::nullopt;
}

std::optional<unsigned> xtext_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return std::nullopt;
}

// What was decoded is looked at again: it must be text on one line.
std::optional<std::string> one_line(std::string decoded) {
    if (decoded.empty() || !is_utf8(decoded) || std::ranges::any_of(decoded, is_control)) return std::nullopt;
    return decoded;
}

// "\\x{HEX}" at the beginning of `text`, which is shortened by it.
std::optional<char32_t> take_embedded(std::string_view& text) {
    constexpr std::size_t most_digits = 6;
    const auto close = text.find('}');
    if (!text.starts_with("\\x{") || close == text.npos || close < 4 || close > 3 + most_digits) return std::nullopt;
    char32_t code = 0;
    for (const char c : text.substr(3, close - 3)) {
        const auto digit = xtext_digit(c);
        if (!digit) return std::nullopt;
        code = code << 4U | *digit;
    }
    text.remove_prefix(close + 1);
    return code > 0x10FFFF ? std::nullopt : std::optional(code);
}

LmtpReply needs_smtputf8() { return {553, "5.6.7", "a non-ASCII address needs SMTPUTF8"}; }

} // namespace

LmtpParsed<CommandLine> parse_command_line(std::string_view line) {
    auto malformed = [](std::string text) { return LmtpReply{500, "5.5.2", std::move(text)}; };
    if (!line.ends_with('\r')) return malformed("command lines end with CRLF");
    line.remove_suffix(1);
    if (line.find('\0') != line.npos || !is_utf8(line)) return malformed("command is not text");
    while (line.ends_with(' ') || line.ends_with('\t'))
        line.remove_suffix(1);
    auto blank = line.find(' ');
    std::string_view verb = line.substr(0, blank);
    std::string_view argument = blank == line.npos ? std::string_view{} : line.substr(blank + 1);
    if (verb.empty() || verb.size() > max_verb || !std::ranges::all_of(verb, is_alpha) || argument.starts_with(' '))
        return malformed("malformed command");
    if (std::ranges::any_of(argument, is_control)) return syntax_error("control character in command");
    return CommandLine{fold(verb), argument};
}

LmtpParsed<MailArgument> parse_mail_argument(std::string_view argument, const DomainName& hostname) {
    if (!strip_prefix_folded(argument, "from:")) return syntax_error("syntax: MAIL FROM:<address>");
    auto path = split_path(argument);
    if (!path) return syntax_error("syntax: MAIL FROM:<address>");
    auto parameters = parse_parameters(path->rest);
    if (auto* refusal = std::get_if<LmtpReply>(&parameters)) return *refusal;
    MailArgument mail;
    for (const Parameter& parameter : std::get<0>(parameters))
        if (auto refusal = apply_mail_parameter(parameter, mail)) return *refusal;
    if (!mail.smtputf8 && !is_ascii_text(path->inner)) return needs_smtputf8();
    if (path->inner.empty()) return mail;
    auto address = keep_address(without_source_route(path->inner), hostname);
    if (!address) return LmtpReply{501, "5.1.7", "bad sender address: " + address.error().what};
    mail.sender = std::move(*address);
    return mail;
}

LmtpParsed<RcptArgument> parse_rcpt_argument(std::string_view argument, const DomainName& hostname, MailIs mail) {
    if (!strip_prefix_folded(argument, "to:")) return syntax_error("syntax: RCPT TO:<address>");
    auto path = split_path(argument);
    if (!path) return syntax_error("syntax: RCPT TO:<address>");
    if (path->inner.empty()) return LmtpReply{550, "5.1.1", "the null address receives no mail"};
    if (mail == MailIs::ascii && !is_ascii_text(path->inner)) return needs_smtputf8();
    const auto mailbox = without_source_route(path->inner);
    const bool is_whole = mailbox.contains('@') || equal_folded(mailbox, "postmaster");
    auto address = is_whole ? keep_address(mailbox, hostname) : Address::parse(mailbox);
    if (!address) return LmtpReply{501, "5.1.3", "bad recipient address: " + address.error().what};
    auto parameters = parse_parameters(path->rest);
    if (auto* refusal = std::get_if<LmtpReply>(&parameters)) return *refusal;
    RcptArgument rcpt{std::move(*address), std::nullopt};
    for (const Parameter& parameter : std::get<0>(parameters))
        if (auto refusal = apply_rcpt_parameter(parameter, rcpt)) return *refusal;
    return rcpt;
}

std::optional<ChunkArgument> parse_chunk_argument(std::string_view argument) {
    auto blank = argument.find(' ');
    auto size = parse_number(argument.substr(0, blank));
    if (!size) return std::nullopt;
    if (blank == argument.npos) return ChunkArgument{*size, false};
    if (!equal_folded(argument.substr(blank + 1), "last")) return std::nullopt;
    return ChunkArgument{*size, true};
}

std::optional<std::string> decode_xtext(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '=' || text[i] == ' ') return std::nullopt;
        if (text[i] != '+') {
            decoded.push_back(text[i]);
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = xtext_digit(text[i + 1]), low = xtext_digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        decoded.push_back(static_cast<char>(*high << 4U | *low));
        i += 2;
    }
    return one_line(std::move(decoded));
}

std::optional<std::string> decode_utf8_xtext(std::string_view text) {
    std::string decoded;
    while (!text.empty()) {
        if (text.front() != '\\') {
            decoded += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto embedded = take_embedded(text);
        if (!embedded) return std::nullopt;
        append_utf8(decoded, *embedded);
    }
    return one_line(std::move(decoded));
}

} // namespace mailctl
