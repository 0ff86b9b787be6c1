// SPDX-License-Identifier: Apache-2.0
// What robots and autoreplies have in common for their commands: the words of a reply as a command gives them, and what
// is wrong with them that only shows beside the site: a text over the site's
// limit, an attachment that is not there.
#pragma once

#include "mailctl/config/assignment.hpp"
#include "mailctl/site/site_view.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mailctl {

struct ReplyText { // absent: as it is, or the default
    std::optional<std::string> from, subject, message, html;
    std::optional<std::vector<std::string>> attach; // names in the site's attachments directory
    std::optional<std::optional<Age>> every;        // none inside: the usual one
};

// What is given goes into the reply; an empty text clears.
template <class Text>
void apply_reply_text(const ReplyText& given, Text& reply);

// missing: a name that is no file of the attachments directory; invalid: a name with a path.
[[nodiscard]] Status check_attachments(const Paths& paths, std::span<const std::string> names);
// conflict: a message longer than replies.max_length, or a text beyond base/bounds, unless it was so before.
[[nodiscard]] Status check_reply_lengths(const Site& site, const Domain& domain, const Domain* before);
// Attachments that robots and autoreplies name and that are not there: warnings, one each.
[[nodiscard]] std::vector<std::string> missing_attachments(const Paths& paths, const Domain& domain);

// "on", "off", "empty" (nothing to say); for an autoreply also "from 2026-12-20", "until 2027-01-04" and "over".
[[nodiscard]] std::string reply_state(const Robot& robot);
[[nodiscard]] std::string reply_state(const Autoreply& reply, Date today);

extern template void apply_reply_text(const ReplyText&, Robot&);
extern template void apply_reply_text(const ReplyText&, Autoreply&);

} // namespace mailctl
