// Header scanning and trace headers. The scan keeps views and allocates per field, never per byte.
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
// A lone CR before the LF: IMAP servers read it as an empty line, so it ends the section for us too.
bool is_empty_line(std::string_view line) { return line.empty() || line == "\r"; }

std::optional<HeaderField> parse_field(std::string_view line) {
    std::size_t end = 0;
    while (end < line.size() && is_name_byte(line[end]))
        ++end;
    std::size_t colon = end;
    while (colon < line.size() && is_blank(line[colon]))
        ++colon;
    if (end == 0 || colon == line.size() || line[colon] != ':') return std::nullopt;
    return HeaderField{line.substr(0, end), line.substr(colon + 1)};
}

std::string_view line_at(std::string_view text, std::size_t at) { return text.substr(at, text.find('\n', at) - at); }

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
    bool in_field = false;
    std::size_t at = 0;
    while (at < message.size()) {
        std::string_view line = line_at(message, at);
        if (is_empty_line(line)) break;
        if (!is_blank(line[0])) {
            auto field = parse_field(line);
            in_field = field.has_value();
            if (field) section.fields_.push_back(*field);
        } else if (in_field) {
            auto& value = section.fields_.back().value;
            value = {value.data(), static_cast<std::size_t>(line.data() + line.size() - value.data())};
        }
        at = std::min(at + line.size() + 1, message.size());
    }
    section.size_ = at;
    return section;
}

std::vector<std::string> HeaderSection::find_all(std::string_view name) const {
    std::vector<std::string> values;
    for (const HeaderField& field : fields_)
        if (equal_folded(field.name, name)) values.push_back(unfold(field.value));
    return values;
}

std::optional<std::string> HeaderSection::find(std::string_view name) const {
    auto field = std::ranges::find_if(fields_, [&](const HeaderField& f) { return equal_folded(f.name, name); });
    if (field == fields_.end()) return std::nullopt;
    return unfold(field->value);
}

std::size_t HeaderSection::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(fields_, [&](const HeaderField& field) { return equal_folded(field.name, name); }));
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
    return std::ranges::any_of(header.find_all("Delivered-To"), [&](std::string_view value) {
        if (value.starts_with('<') && value.ends_with('>')) value = value.substr(1, value.size() - 2);
        auto earlier = Address::parse(value);
        return (earlier ? earlier->key() : fold(value)) == key;
    });
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

std::string without_return_path(std::string_view message, const HeaderSection& header) {
    std::string kept;
    std::size_t copied = 0;
    for (const HeaderField& field : header.fields()) {
        if (!equal_folded(field.name, "Return-Path")) continue;
        auto begin = static_cast<std::size_t>(field.name.data() - message.data());
        auto end = static_cast<std::size_t>(field.value.data() + field.value.size() - message.data());
        kept += message.substr(copied, begin - copied);
        copied = std::min(end + 1, header.size()); // with its LF, unless the text stops without one
    }
    kept += message.substr(copied, header.size() - copied);
    return kept;
}

std::size_t mbox_from_length(std::string_view message) {
    if (!message.starts_with("From ")) return 0;
    auto end = message.find('\n');
    return end == message.npos ? message.size() : end + 1;
}

} // namespace mailctl
