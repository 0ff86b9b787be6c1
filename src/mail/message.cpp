// SPDX-License-Identifier: Apache-2.0
// Header scanning and trace headers. The scan keeps one view and allocates nothing; values are copied when asked for.
#include "mailctl/mail/message.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t max_claim = 255; // bytes kept of what a client says of itself
constexpr std::size_t max_line = 900;  // RFC 5322 2.1.1 forbids over 998; the rest is room for the field name

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_name_byte(char c) { return c > 0x20 && c < 0x7f && c != ':'; }

// With its line end, if it has one.
std::string_view line_at(std::string_view text, std::size_t at) {
    const auto end = text.find('\n', at);
    return text.substr(at, end == text.npos ? text.npos : end + 1 - at);
}
std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    return line;
}
// A lone CR before the LF: IMAP servers read it as an empty line, so it ends the section for us too.
bool is_empty_line(std::string_view line) { return line == "\n" || line == "\r\n"; }

// `lines`: the first line of a field and its continuation lines.
std::optional<HeaderField> parse_field(std::string_view lines) {
    std::size_t end = 0;
    while (end < lines.size() && is_name_byte(lines[end]))
        ++end;
    std::size_t colon = end;
    while (colon < lines.size() && is_blank(lines[colon]))
        ++colon;
    if (end == 0 || colon == lines.size() || lines[colon] != ':') return std::nullopt;
    return HeaderField{lines, lines.substr(0, end), without_line_end(lines.substr(colon + 1))};
}

bool begins_header_section(std::string_view text) {
    if (text.starts_with("From ") || text.starts_with(">From ")) {
        auto end = text.find('\n');
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    if (text.empty()) return false;
    std::string_view first = line_at(text, 0);
    return is_empty_line(first) || parse_field(first).has_value();
}

std::string without_controls(std::string_view text) {
    std::string clean(text);
    std::erase_if(clean, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    return clean;
}

// Text of the peer as a token: whatever could close a comment, start a clause or a line becomes '?'.
std::string as_token(std::string_view text) {
    std::string token(text.substr(0, max_claim));
    for (char& c : token) {
        bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    std::string_view(".-_:[]").find(c) != std::string_view::npos;
        if (!safe) c = '?';
    }
    return token;
}

// RFC 5321 4.4 TCP-info, or "(local)" for a client on this machine.
std::string from_clause(const ReceivedLine& received) {
    if (received.client_name.empty()) return "";
    std::string peer = "local";
    if (!received.peer.empty())
        peer =
            fmt::format("[{}{}]", received.peer.find(':') != std::string::npos ? "IPv6:" : "", as_token(received.peer));
    return fmt::format("from {} ({})\n\t", as_token(received.client_name), peer);
}

std::string compose_received(const ReceivedLine& received) {
    std::string line = "Received: " + from_clause(received) + "by " + as_token(received.host.text());
    if (!received.protocol.empty()) line += " with " + as_token(received.protocol);
    if (!received.id.empty()) line += " id " + as_token(received.id);
    if (received.recipient) line += "\n\tfor <" + received.recipient->text() + ">";
    return line + ";\n\t" + format_rfc5322(received.when) + "\n";
}

} // namespace

HeaderSection HeaderSection::scan(std::string_view message) {
    HeaderSection section;
    message = message.substr(0, max_header_section);
    section.present_ = begins_header_section(message);
    if (!section.present_) return section;
    std::size_t at = 0;
    while (at < message.size()) {
        const std::string_view line = line_at(message, at);
        if (is_empty_line(line)) break;
        at += line.size();
    }
    section.text_ = message.substr(0, at);
    return section;
}

void HeaderSection::for_each(const std::function<void(const HeaderField&)>& visit) const {
    for (std::size_t at = 0; at < text_.size();) {
        std::size_t end = at + line_at(text_, at).size();
        while (end < text_.size() && is_blank(text_[end]))
            end += line_at(text_, end).size();
        if (auto field = parse_field(text_.substr(at, end - at))) visit(*field);
        at = end;
    }
}

std::vector<std::string> HeaderSection::find_all(std::string_view name) const {
    std::vector<std::string> values;
    for_each([&](const HeaderField& field) {
        if (equal_folded(field.name, name)) values.push_back(unfold(field.value));
    });
    return values;
}

std::optional<std::string> HeaderSection::find(std::string_view name) const {
    std::optional<std::string> value;
    for_each([&](const HeaderField& field) {
        if (!value && equal_folded(field.name, name)) value = unfold(field.value);
    });
    return value;
}

std::size_t HeaderSection::count(std::string_view name) const {
    std::size_t count = 0;
    for_each([&](const HeaderField& field) { count += equal_folded(field.name, name) ? 1 : 0; });
    return count;
}

std::string unfold(std::string_view value) {
    std::string line;
    line.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        bool line_end = value[i] == '\n' || (value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n');
        if (!line_end) line.push_back(value[i]);
    }
    return std::string(trim(line));
}

bool was_delivered_to(const HeaderSection& header, const Address& address) {
    const std::string key = address.key();
    bool found = false;
    header.for_each([&](const HeaderField& field) {
        if (found || !equal_folded(field.name, "Delivered-To")) return;
        const std::string unfolded = unfold(field.value);
        std::string_view value = unfolded;
        if (value.starts_with('<') && value.ends_with('>')) value = value.substr(1, value.size() - 2);
        const auto earlier = Address::parse(value);
        found = (earlier ? earlier->key() : fold(value)) == key;
    });
    return found;
}

std::size_t count_hops(const HeaderSection& header) { return header.count("Received"); }

std::string compose_trace(const Trace& trace) {
    std::string lines;
    if (trace.return_path) lines += "Return-Path: <" + sender_text(*trace.return_path) + ">\n";
    if (trace.original_to) {
        std::string original = without_controls(*trace.original_to);
        // Cut off it would name somebody else.
        if (original.size() <= max_line) lines += "X-Original-To: " + original + "\n";
    }
    if (trace.delivered_to) lines += "Delivered-To: " + trace.delivered_to->text() + "\n";
    if (trace.received) lines += compose_received(*trace.received);
    return lines;
}

std::string compose_prefix(const Trace& trace, const HeaderSection& header) {
    return compose_trace(trace) + (header.present() ? "" : "\n");
}

std::string without_return_path(const HeaderSection& header) {
    const std::string_view text = header.text();
    std::string kept;
    std::size_t copied = 0;
    header.for_each([&](const HeaderField& field) {
        if (!equal_folded(field.name, "Return-Path")) return;
        const auto begin = static_cast<std::size_t>(field.text.data() - text.data());
        kept += text.substr(copied, begin - copied);
        copied = begin + field.text.size();
    });
    return kept += text.substr(copied);
}

} // namespace mailctl
