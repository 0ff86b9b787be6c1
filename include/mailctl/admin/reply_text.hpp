// What robots and autoreplies have in common for their commands: the words of a reply as a command gives them, how they
// are written into a domain file, and what is wrong with them that only shows beside the site: a text over the site's
// limit, an attachment that is not there.
#pragma once

#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/site_view.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mailctl {

struct ReplyText { // absent: as it is, or the default
    std::optional<std::string> from, subject, message, html;
    std::optional<std::vector<std::string>> attach; // names in the site's attachments directory
    std::optional<Age> every;
};

// Keys and values in the order people write them. An empty text is left out.
[[nodiscard]] std::vector<std::pair<std::string, Value>> reply_entries(const ReplyText& text);
// The same as edits below `table`, for what is given and differs from `now`; an empty text removes its key.
template <class Text>
[[nodiscard]] std::vector<Edit> reply_edits(const KeyPath& table, const ReplyText& given, const Text& now);
// KEY=VALUE, KEY+=VALUE, KEY-=VALUE for the keys from, subject, message, html, attach and every.
template <class Text>
[[nodiscard]] Result<std::vector<Edit>> assign_reply(const KeyPath& table, const Assignment& assignment,
                                                     const Text& now);
[[nodiscard]] const std::vector<std::string>& reply_keys();

// missing: a name that is no file of the attachments directory; invalid: a name with a path.
[[nodiscard]] Status check_attachments(const Paths& paths, std::span<const std::string> names);
// conflict: a message longer than replies.max_length, unless it was so before.
[[nodiscard]] Status check_reply_lengths(const Site& site, const Domain& domain, const Domain* before);
// Attachments that robots and autoreplies name and that are not there: warnings, one each.
[[nodiscard]] std::vector<std::string> missing_attachments(const Paths& paths, const Domain& domain);

// "on", "off", "empty" (nothing to say); for an autoreply also "from 2026-12-20", "until 2027-01-04" and "over".
[[nodiscard]] std::string reply_state(const Robot& robot);
[[nodiscard]] std::string reply_state(const Autoreply& reply, Date today);

extern template std::vector<Edit> reply_edits(const KeyPath&, const ReplyText&, const Robot&);
extern template std::vector<Edit> reply_edits(const KeyPath&, const ReplyText&, const Autoreply&);
extern template Result<std::vector<Edit>> assign_reply(const KeyPath&, const Assignment&, const Robot&);

} // namespace mailctl
