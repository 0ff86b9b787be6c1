// SPDX-License-Identifier: Apache-2.0
// The message's header goes in as printable text of bounded length: a report must not become a vehicle for lines of
// others.
#include "bounce.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t max_header_line = 900, max_returned_header = 32 * 1024;

// The status field wants three numbers (RFC 3464 2.3.4).
std::string status(const FailedRecipient& failed) { return failed.enhanced.empty() ? "5.0.0" : failed.enhanced; }

std::string returned_header(std::string_view header) {
    std::string out;
    for (const auto line : split(header.substr(0, max_returned_header), '\n')) {
        if (line.empty()) continue;
        const bool continues = line.front() == ' ' || line.front() == '\t';
        out += fmt::format("{}{}\n", continues ? " " : "", printable(trim(line)).substr(0, max_header_line));
    }
    return out;
}

} // namespace

std::string compose_bounce(const BounceNotice& notice) {
    const auto boundary = fmt::format("report-{}", notice.id);
    const bool is_ascii =
        std::ranges::all_of(notice.failed, [](const FailedRecipient& one) { return one.recipient.is_ascii(); });
    std::string out;
    out += fmt::format("From: Mail Delivery System <MAILER-DAEMON@{}>\nTo: <{}>\nDate: {}\n", notice.host.text(),
                       notice.to.text(), format_rfc5322(notice.when));
    out += fmt::format("Message-ID: <bounce.{}@{}>\nSubject: Mail could not be forwarded\n", notice.id,
                       notice.host.text());
    out += "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n";
    out += fmt::format("Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"{}\"\n\n", boundary);
    out += fmt::format("--{}\nContent-Type: text/plain; charset={}\n\n", boundary, is_ascii ? "us-ascii" : "utf-8");
    out += "Your message was accepted, but it could not be forwarded to everybody it was for:\n";
    for (const auto& failed : notice.failed)
        out += fmt::format("\n<{}>:\n    the next mail server refused it: {} {}\n", failed.recipient.text(),
                           failed.code, status(failed));
    out += fmt::format("\n--{}\nContent-Type: message/{}delivery-status\n\nReporting-MTA: dns; {}\nArrival-Date: {}\n",
                       boundary, is_ascii ? "" : "global-", notice.host.text(), format_rfc5322(notice.when));
    for (const auto& failed : notice.failed)
        out += fmt::format("\nFinal-Recipient: {}; {}\nAction: failed\nStatus: {}\nDiagnostic-Code: smtp; {} {}\n",
                           failed.recipient.is_ascii() ? "rfc822" : "utf-8", failed.recipient.text(), status(failed),
                           failed.code, status(failed));
    out += fmt::format("\n--{0}\nContent-Type: text/rfc822-headers\n\n{1}\n--{0}--\n", boundary,
                       returned_header(notice.header));
    return out;
}

} // namespace mailctl
