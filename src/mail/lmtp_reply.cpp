// SPDX-License-Identifier: Apache-2.0
// Replies: every byte that leaves is chosen here, and no reply outgrows its line.
#include "mailctl/mail/lmtp_reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace mailctl {
namespace {

constexpr std::size_t max_reply_line = 512; // RFC 5321 4.5.3.1.5, with CRLF

bool is_digits(std::string_view text) {
    return !text.empty() && text.size() <= 3 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_enhanced_of_class(std::string_view text, char reply_class) {
    if (text.size() < 5 || text[0] != reply_class || text[1] != '.') return false;
    text.remove_prefix(2);
    auto dot = text.find('.');
    return dot != text.npos && is_digits(text.substr(0, dot)) && is_digits(text.substr(dot + 1));
}

bool is_final_code(int code) { return (code >= 200 && code < 300) || (code >= 400 && code < 600); }

} // namespace

std::string clean_reply_text(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    for (unsigned char c : text) {
        if (c >= 0x20 && c < 0x7f)
            clean.push_back(static_cast<char>(c));
        else
            fmt::format_to(std::back_inserter(clean), "\\x{:02X}", c);
    }
    return clean;
}

std::string format_lmtp_reply(const LmtpReply& reply) {
    int code = is_final_code(reply.code) ? reply.code : 451;
    char reply_class = static_cast<char>('0' + code / 100);
    std::string enhanced = is_enhanced_of_class(reply.enhanced, reply_class)
                               ? reply.enhanced
                               : fmt::format("{}.{}.0", reply_class, code == 451 ? 3 : 0);
    std::string line = fmt::format("{} {} ", code, enhanced);
    // Cut before escaping too: the text may be megabytes.
    line += clean_reply_text(std::string_view(reply.text).substr(0, max_reply_line));
    line.resize(std::min(line.size(), max_reply_line - 2));
    line += "\r\n";
    return line;
}

} // namespace mailctl
