// Values and assignments as edits on a domain file.
#include "mailctl/admin/edits.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {

namespace {

std::string_view receive_word(SuspendedReceive receive) {
    switch (receive) {
    case SuspendedReceive::accept:
        return "accept";
    case SuspendedReceive::reject:
        return "reject";
    case SuspendedReceive::defer:
        return "defer";
    case SuspendedReceive::hold:
        break;
    }
    return "hold";
}

bool holds(std::span<const Address> list, const Address& address) {
    return std::ranges::any_of(list, [&](const Address& each) { return each.key() == address.key(); });
}

AddTable autoreply_table(const Address& address, const Autoreply& reply) {
    AddTable table{{"mailbox", address.local.text(), "autoreply"}, {}};
    const auto add = [&](const char* key, Value value) { table.entries.emplace_back(key, std::move(value)); };
    if (!reply.enabled) add("enabled", false);
    if (!reply.from.empty()) add("from", reply.from);
    if (!reply.subject.empty()) add("subject", reply.subject);
    if (!reply.message.empty()) add("message", reply.message);
    if (!reply.html.empty()) add("html", reply.html);
    if (!reply.attach.empty()) add("attach", reply.attach);
    if (reply.start) add("start", DateLiteral{format_date(*reply.start)});
    if (reply.end) add("end", DateLiteral{format_date(*reply.end)});
    if (reply.every != Autoreply{}.every) add("every", format_age(reply.every));
    return table;
}

} // namespace

KeyPath mailbox_key(const std::string& local, std::string key) { return {"mailbox", local, std::move(key)}; }

std::string target_text(const Address& target, const DomainName& own) {
    const bool short_form = target.domain == own && target.local.quoted() == target.local.text();
    return short_form ? target.local.text() : target.text();
}

std::vector<std::string> target_texts(std::span<const Address> targets, const DomainName& own) {
    std::vector<std::string> texts;
    for (const auto& target : targets)
        texts.push_back(target_text(target, own));
    return texts;
}

std::vector<Edit> mailbox_tables(const Address& address, const Mailbox& mailbox) {
    AddTable table{{"mailbox", address.local.text()}, {}};
    const auto add = [&](const char* key, Value value) { table.entries.emplace_back(key, std::move(value)); };
    if (!mailbox.name.empty()) add("name", mailbox.name);
    if (mailbox.password) add("password", *mailbox.password);
    if (mailbox.quota.bytes != 0) add("quota", format_size(mailbox.quota));
    if (!mailbox.aliases.empty()) add("aliases", mailbox.aliases);
    if (!mailbox.forward.empty()) add("forward", target_texts(mailbox.forward, address.domain));
    if (!mailbox.copy_to.empty()) add("copy_to", target_texts(mailbox.copy_to, address.domain));
    if (!mailbox.store) add("store", false);
    if (mailbox.recovery) add("recovery", mailbox.recovery->text());
    if (mailbox.suspend) add("suspend", suspension_value(*mailbox.suspend));
    if (!mailbox.node.empty()) add("node", mailbox.node);
    std::vector<Edit> edits{std::move(table)};
    if (mailbox.autoreply) edits.emplace_back(autoreply_table(address, *mailbox.autoreply));
    return edits;
}

InlineTable unknown_value(const UnknownAction& action, const DomainName& own) {
    const std::string words = format_unknown_action(action);
    InlineTable value{{{"action", words.substr(0, words.find(':'))}}};
    if (action.kind == UnknownAction::Kind::redirect) value.entries.emplace_back("to", target_texts(action.to, own));
    if (action.domain) value.entries.emplace_back("domain", action.domain->text());
    return value;
}

InlineTable suspension_value(const Suspension& suspension) {
    InlineTable value{{{"login", suspension.login}, {"receive", std::string(receive_word(suspension.receive))}}};
    if (!suspension.reason.empty()) value.entries.emplace_back("reason", suspension.reason);
    if (suspension.until) value.entries.emplace_back("until", DateLiteral{format_date(*suspension.until)});
    return value;
}

std::vector<Edit> remove_target(const KeyPath& path, const Address& target, const DomainName& own) {
    std::set<std::string> spellings{target.text(), target.display()};
    if (target.domain == own) spellings.insert({target.local.text(), target.local.quoted()});
    std::vector<Edit> edits;
    for (const auto& spelling : spellings)
        edits.emplace_back(RemoveElement{path, spelling});
    return edits;
}

Result<std::vector<Edit>> assign_targets(const KeyPath& path, const Assignment& assignment,
                                         std::span<const Address> now, const DomainName& own) {
    std::vector<Address> targets;
    for (const auto& element : list_elements(assignment.value)) {
        TRY_ASSIGN(auto target, parse_target(element, own));
        targets.push_back(std::move(target));
    }
    std::vector<Edit> edits;
    if (assignment.operation == Assignment::Operation::set) {
        if (std::ranges::equal(targets, now, {}, &Address::key, &Address::key)) return edits;
        if (targets.empty())
            edits.emplace_back(RemoveKey{path});
        else
            edits.emplace_back(SetValue{path, target_texts(targets, own)});
        return edits;
    }
    for (const auto& target : targets) {
        const bool there = holds(now, target);
        if (assignment.operation == Assignment::Operation::add && !there)
            edits.emplace_back(AddElement{path, target_text(target, own)});
        if (assignment.operation == Assignment::Operation::remove && there)
            for (auto& edit : remove_target(path, target, own))
                edits.push_back(std::move(edit));
    }
    return edits;
}

Status only_set(const Assignment& assignment) {
    if (assignment.operation == Assignment::Operation::set) return {};
    return fail(ErrorKind::usage, fmt::format("'{}' holds one value", assignment.key),
                fmt::format("write {}=VALUE", assignment.key));
}

Result<std::vector<Edit>> assign_text(const KeyPath& path, const Assignment& assignment, std::string_view now) {
    TRY(only_set(assignment));
    std::vector<Edit> edits;
    if (assignment.value == now) return edits;
    if (assignment.value.empty())
        edits.emplace_back(RemoveKey{path});
    else
        edits.emplace_back(SetValue{path, assignment.value});
    return edits;
}

Result<std::vector<Edit>> assign_size(const KeyPath& path, const Assignment& assignment, ByteCount now) {
    TRY(only_set(assignment));
    std::vector<Edit> edits;
    if (assignment.value.empty()) {
        edits.emplace_back(RemoveKey{path});
        return edits;
    }
    TRY_ASSIGN(const auto size, parse_size(assignment.value));
    if (size != now) edits.emplace_back(SetValue{path, format_size(size)});
    return edits;
}

Error unknown_key(const std::string& key, std::span<const std::string> keys) {
    const auto near = nearest(key, keys);
    return Error{ErrorKind::usage, fmt::format("no key '{}' here", printable(key)),
                 near ? fmt::format("did you mean '{}'?", *near) : fmt::format("keys: {}", join(keys, ", ")), 0};
}

} // namespace mailctl
