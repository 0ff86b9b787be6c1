// SPDX-License-Identifier: Apache-2.0
#include "mailctl/site/reply_text.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mailctl {
namespace {

// All replies of a domain by what holds them, for checks.
struct ReplyView {
    const std::string *message, *html, *subject, *from;
    const std::vector<std::string>* attach;
};
using ReplyPart = const std::string* ReplyView::*;
std::map<std::string, ReplyView> replies_of(const Domain& domain) {
    std::map<std::string, ReplyView> views;
    for (const auto& [name, robot] : domain.robots)
        views.emplace("robot." + name,
                      ReplyView{&robot.message, &robot.html, &robot.subject, &robot.from, &robot.attach});
    for (const auto& [name, mailbox] : domain.mailboxes)
        if (const auto& reply = mailbox.autoreply)
            views.emplace(fmt::format("mailbox.{}.autoreply", name),
                          ReplyView{&reply->message, &reply->html, &reply->subject, &reply->from, &reply->attach});
    return views;
}

std::string attachment_path(const Paths& paths, const std::string& name) {
    return fmt::format("{}/{}", paths.attachments, name);
}

// What of a reply is too long, if anything.
struct Excess {
    ReplyPart text; // nullptr: the attachments
    std::string what, hint;
};
std::optional<Excess> find_excess(const Site& site, const ReplyView& reply) {
    const std::size_t most = site.replies.max_length;
    for (const ReplyPart text : {&ReplyView::message, &ReplyView::html}) {
        const auto& words = *(reply.*text);
        if (words.size() > bounds::reply_text)
            return Excess{text, fmt::format("a reply may have {} bytes and has {}", bounds::reply_text, words.size()),
                          "shorten it, or attach a file"};
        if (const auto length = most > 0 ? count_code_points(words) : 0; length > most)
            return Excess{text, fmt::format("a reply may have {} characters here and has {}", most, length),
                          "shorten it; the site's administrator sets the limit: mailctl config set "
                          "replies.max_length=NUMBER"};
    }
    for (const ReplyPart text : {&ReplyView::subject, &ReplyView::from})
        if (const auto length = (reply.*text)->size(); length > bounds::reply_subject)
            return Excess{text,
                          fmt::format("the subject and the sender of a reply may have {} bytes, not {}",
                                      bounds::reply_subject, length),
                          "shorten it"};
    if (reply.attach->size() > bounds::reply_attachments)
        return Excess{
            nullptr,
            fmt::format("a reply may have {} attachments, not {}", bounds::reply_attachments, reply.attach->size()),
            "put them into one archive"};
    return std::nullopt;
}

bool was_so_before(const Domain& before, const std::string& key, const ReplyView& reply, ReplyPart text) {
    const auto earlier = replies_of(before);
    const auto old = earlier.find(key);
    if (old == earlier.end()) return false;
    return text ? *(old->second.*text) == *(reply.*text) : *old->second.attach == *reply.attach;
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
    for (const auto& [key, reply] : replies_of(domain)) {
        const auto problem = find_excess(site, reply);
        if (!problem || (before && was_so_before(*before, key, reply, problem->text))) continue;
        return fail(ErrorKind::conflict, fmt::format("{}: {}: {}", domain.name.display(), key, problem->what),
                    problem->hint);
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
