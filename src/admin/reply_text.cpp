#include "mailctl/admin/reply_text.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mailctl {
namespace {

// All replies of a domain by what holds them, for checks.
struct ReplyView {
    const std::string *message, *html;
    const std::vector<std::string>* attach;
};
std::map<std::string, ReplyView> replies_of(const Domain& domain) {
    std::map<std::string, ReplyView> views;
    for (const auto& [name, robot] : domain.robots)
        views.emplace("robot." + name, ReplyView{&robot.message, &robot.html, &robot.attach});
    for (const auto& [name, mailbox] : domain.mailboxes)
        if (const auto& reply = mailbox.autoreply)
            views.emplace(fmt::format("mailbox.{}.autoreply", name),
                          ReplyView{&reply->message, &reply->html, &reply->attach});
    return views;
}

std::string attachment_path(const Paths& paths, const std::string& name) {
    return fmt::format("{}/{}", paths.attachments, name);
}

} // namespace

template <class Text>
void apply_reply_text(const ReplyText& given, Text& reply) {
    reply.from = given.from.value_or(reply.from);
    reply.subject = given.subject.value_or(reply.subject);
    reply.message = given.message.value_or(reply.message);
    reply.html = given.html.value_or(reply.html);
    reply.attach = given.attach.value_or(reply.attach);
    if (given.every) reply.every = given.every->value_or(Text{}.every);
}

template void apply_reply_text(const ReplyText&, Robot&);
template void apply_reply_text(const ReplyText&, Autoreply&);

Status check_attachments(const Paths& paths, std::span<const std::string> names) {
    for (const auto& name : names) {
        if (name.find('/') != name.npos || name == "." || name == "..")
            return fail(ErrorKind::invalid, fmt::format("'{}' is not a plain file name", printable(name)),
                        fmt::format("put the file into {} and write its name without a path", paths.attachments));
        TRY_ASSIGN(const auto stamp, find_stamp(attachment_path(paths, name)));
        if (!stamp)
            return fail(ErrorKind::missing, fmt::format("no attachment '{}' in {}", printable(name), paths.attachments),
                        "put the file there first; the agent reads it whenever it answers");
    }
    return {};
}

Status check_reply_lengths(const Site& site, const Domain& domain, const Domain* before) {
    const std::size_t most = site.replies.max_length;
    if (most == 0) return {};
    const auto earlier = before ? replies_of(*before) : std::map<std::string, ReplyView>{};
    for (const auto& [key, reply] : replies_of(domain)) {
        const auto old = earlier.find(key);
        for (const auto text : {&ReplyView::message, &ReplyView::html}) {
            const auto length = count_code_points(*(reply.*text));
            const bool is_known = old != earlier.end() && *(old->second.*text) == *(reply.*text);
            if (length <= most || is_known) continue;
            return fail(ErrorKind::conflict,
                        fmt::format("{}: {}: a reply may have {} characters here and has {}", domain.name.display(),
                                    key, most, length),
                        "shorten it; the site's administrator sets the limit: mailctl config set "
                        "replies.max_length=NUMBER");
        }
    }
    return {};
}

std::vector<std::string> missing_attachments(const Paths& paths, const Domain& domain) {
    std::vector<std::string> notes;
    for (const auto& [key, reply] : replies_of(domain))
        for (const auto& name : *reply.attach) {
            const auto stamp = find_stamp(attachment_path(paths, name));
            if (stamp && !*stamp)
                notes.push_back(fmt::format("warning: {}: {}.attach: there is no '{}', so nobody is answered",
                                            domain.name.display(), key, attachment_path(paths, name)));
        }
    return notes;
}

std::string reply_state(const Robot& robot) {
    if (!robot.enabled) return "off";
    return robot.message.empty() && robot.html.empty() ? "empty" : "on";
}

std::string reply_state(const Autoreply& reply, Date today) {
    if (!reply.enabled) return "off";
    if (reply.message.empty() && reply.html.empty()) return "empty";
    if (reply.start && today < *reply.start) return "from " + format_date(*reply.start);
    if (reply.end && today > *reply.end) return "over";
    return reply.end ? "until " + format_date(*reply.end) : "on";
}

} // namespace mailctl
