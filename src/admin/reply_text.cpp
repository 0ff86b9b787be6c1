#include "mailctl/admin/reply_text.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mailctl {
namespace {

KeyPath key_below(KeyPath table, std::string key) {
    table.push_back(std::move(key));
    return table;
}

Result<std::vector<Edit>> assign_names(const KeyPath& path, const Assignment& assignment,
                                       const std::vector<std::string>& now) {
    std::vector<Edit> edits;
    const auto names = list_elements(assignment.value);
    const auto is_there = [&](const std::string& name) { return std::ranges::find(now, name) != now.end(); };
    if (assignment.operation == Assignment::Operation::set) {
        if (names == now) return edits;
        if (names.empty())
            edits.emplace_back(RemoveKey{path});
        else
            edits.emplace_back(SetValue{path, names});
        return edits;
    }
    for (const auto& name : names) {
        if (assignment.operation == Assignment::Operation::add && !is_there(name))
            edits.emplace_back(AddElement{path, name});
        if (assignment.operation == Assignment::Operation::remove && is_there(name))
            edits.emplace_back(RemoveElement{path, name});
    }
    return edits;
}

Result<std::vector<Edit>> assign_age(const KeyPath& path, const Assignment& assignment, Age now) {
    TRY(only_set(assignment));
    std::vector<Edit> edits;
    if (assignment.value.empty()) {
        edits.emplace_back(RemoveKey{path});
        return edits;
    }
    TRY_ASSIGN(const Age age, parse_age(assignment.value));
    if (age != now) edits.emplace_back(SetValue{path, format_age(age)});
    return edits;
}

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

const std::vector<std::string>& reply_keys() {
    static const std::vector<std::string> keys{"from", "subject", "message", "html", "attach", "every"};
    return keys;
}

std::vector<std::pair<std::string, Value>> reply_entries(const ReplyText& text) {
    std::vector<std::pair<std::string, Value>> entries;
    const auto add = [&](const char* key, const std::optional<std::string>& value) {
        if (value && !value->empty()) entries.emplace_back(key, *value);
    };
    add("from", text.from);
    add("subject", text.subject);
    add("message", text.message);
    add("html", text.html);
    if (text.attach && !text.attach->empty()) entries.emplace_back("attach", *text.attach);
    if (text.every) entries.emplace_back("every", format_age(*text.every));
    return entries;
}

template <class Text>
std::vector<Edit> reply_edits(const KeyPath& table, const ReplyText& given, const Text& now) {
    std::vector<Edit> edits;
    const auto set_text = [&](const char* key, const std::optional<std::string>& value, const std::string& old) {
        if (!value || *value == old) return;
        if (value->empty())
            edits.emplace_back(RemoveKey{key_below(table, key)});
        else
            edits.emplace_back(SetValue{key_below(table, key), *value});
    };
    set_text("from", given.from, now.from);
    set_text("subject", given.subject, now.subject);
    set_text("message", given.message, now.message);
    set_text("html", given.html, now.html);
    if (given.attach && *given.attach != now.attach)
        edits.emplace_back(SetValue{key_below(table, "attach"), *given.attach});
    if (given.every && *given.every != now.every)
        edits.emplace_back(SetValue{key_below(table, "every"), format_age(*given.every)});
    return edits;
}

template <class Text>
Result<std::vector<Edit>> assign_reply(const KeyPath& table, const Assignment& assignment, const Text& now) {
    const auto path = key_below(table, assignment.key);
    if (assignment.key == "from") return assign_text(path, assignment, now.from);
    if (assignment.key == "subject") return assign_text(path, assignment, now.subject);
    if (assignment.key == "message") return assign_text(path, assignment, now.message);
    if (assignment.key == "html") return assign_text(path, assignment, now.html);
    if (assignment.key == "attach") return assign_names(path, assignment, now.attach);
    if (assignment.key == "every") return assign_age(path, assignment, now.every);
    return fail(unknown_key(assignment.key, reply_keys()));
}

template std::vector<Edit> reply_edits(const KeyPath&, const ReplyText&, const Robot&);
template std::vector<Edit> reply_edits(const KeyPath&, const ReplyText&, const Autoreply&);
template Result<std::vector<Edit>> assign_reply(const KeyPath&, const Assignment&, const Robot&);

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
