// SPDX-License-Identifier: Apache-2.0
// Values of several elements: arrays, and what becomes of unknown names.
#include "domain_reading.hpp"
#include "domain_table.hpp"
#include "key_values.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/cell_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl::kinds {
namespace {

// What an assignment makes of a list. `key_of` tells elements apart, `text_of` is what messages call them. An element
// that is there already stays as it is written.
template <class T, class KeyOf, class TextOf>
Status assign_elements(std::vector<T>& out, Assignment::Operation operation, std::vector<T> given, const KeyOf& key_of,
                       const TextOf& text_of) {
    std::set<std::string> keys;
    for (const auto& element : given)
        if (!keys.insert(key_of(element)).second) return fail(given_twice(text_of(element)));
    if (operation == Assignment::Operation::remove) {
        std::erase_if(out, [&](const T& element) { return keys.contains(key_of(element)); });
        return {};
    }
    std::map<std::string, const T*> known;
    for (const auto& element : out)
        known.emplace(key_of(element), &element);
    std::vector<T> made;
    if (operation == Assignment::Operation::add) made = out;
    for (auto& element : given) {
        const auto there = known.find(key_of(element));
        if (there == known.end())
            made.push_back(std::move(element));
        else if (operation == Assignment::Operation::set)
            made.push_back(*there->second);
    }
    out = std::move(made);
    return {};
}

std::vector<std::string> keys_of(const std::vector<Address>& addresses) {
    std::vector<std::string> keys;
    for (const auto& address : addresses)
        keys.push_back(address.key());
    return keys;
}

std::string_view action_word(UnknownAction::Kind kind) {
    switch (kind) {
    case UnknownAction::Kind::reject:
        return "reject";
    case UnknownAction::Kind::discard:
        return "discard";
    case UnknownAction::Kind::redirect:
        return "redirect";
    case UnknownAction::Kind::domain:
        return "domain";
    case UnknownAction::Kind::elsewhere:
        return "elsewhere";
    case UnknownAction::Kind::candidate:
        break;
    }
    return "candidate";
}

} // namespace

bool Targets::same(const Type& a, const Type& b) { return keys_of(a) == keys_of(b); }
void Targets::read(Fields& fields, std::string_view key, Type& out, DomainReading& reading) {
    reading.read_targets(fields, key, out);
}
Value Targets::value(const Type& targets, const DomainName& own) { return target_texts(targets, own); }
std::vector<std::string> Targets::elements(const Type& targets) { return keys_of(targets); }
Status Targets::assign(Type& out, const Assignment& assignment, const WordContext& context) {
    Type given;
    for (const auto& element : list_elements(assignment.value)) {
        TRY_ASSIGN(auto target, parse_target(element, context.own));
        given.push_back(std::move(target));
    }
    return assign_elements(
        out, assignment.operation, std::move(given), [&](const Address& address) { return context.key_of(address); },
        [](const Address& address) { return address.display(); });
}
CellObjection Targets::read_cell(Type& out, std::string_view cell, const WordContext& context) {
    Type targets;
    if (auto objection = read_targets(cell, context, targets)) return objection;
    if (!same(targets, out)) out = std::move(targets);
    return std::nullopt;
}
std::string Targets::cell(const Type& targets, const DomainName&) { return targets_cell(targets); }
ShownValue Targets::shown(const Type& targets, const DomainName&) {
    std::vector<std::string> texts;
    for (const auto& address : targets)
        texts.push_back(address.text());
    return texts;
}

void Names::read(Fields& fields, std::string_view key, Type& out, DomainReading& reading) {
    for (const Node* name : fields.strings(key)) {
        if (const auto objection = object_to_name(name->text, reading.rules))
            refuse(fields, key, name->place, *objection);
        reading.claims.add(name->text, fmt::format("alias of mailbox '{}'", reading.account), fields.path_of(key),
                           name->place);
        out.push_back(name->text);
    }
}
Value Names::value(const Type& names, const DomainName&) { return names; }
std::vector<std::string> Names::elements(const Type& names) { return names; }
Status Names::assign(Type& out, const Assignment& assignment, const WordContext& context) {
    Type given;
    for (const auto& element : list_elements(fold(assignment.value))) {
        TRY_ASSIGN(const auto name, parse_target(element, context.own));
        if ((context.real_name ? context.real_name(name.domain) : name.domain) != context.own)
            return fail(ErrorKind::usage,
                        fmt::format("alias '{}' is not in domain '{}'", name.display(), context.own.display()),
                        "an alias is a name of the mailbox's own domain; elsewhere make a forward");
        given.push_back(name.local.key());
    }
    const auto itself = [](const std::string& name) { return name; };
    return assign_elements(out, assignment.operation, std::move(given), itself, itself);
}
CellObjection Names::read_cell(Type& out, std::string_view cell, const WordContext& context) {
    return read_names(cell, context, out);
}
std::string Names::cell(const Type& names, const DomainName&) { return list_cell(names); }
ShownValue Names::shown(const Type& names, const DomainName&) { return names; }

void FileNames::read(Fields& fields, std::string_view, Type& out, DomainReading& reading) {
    reading.read_attachments(fields, out);
}
Status FileNames::assign(Type& out, const Assignment& assignment, const WordContext&) {
    Type given;
    for (const auto& element : list_elements(assignment.value))
        given.push_back(unquoted_element(element));
    const auto itself = [](const std::string& name) { return name; };
    return assign_elements(out, assignment.operation, std::move(given), itself, itself);
}
CellObjection FileNames::read_cell(Type& out, std::string_view cell, const WordContext&) {
    return read_files(cell, out);
}

bool Post::same(const Type& a, const Type& b) { return a.who == b.who && a.keys() == b.keys(); }
void Post::read(Fields& fields, std::string_view key, Type& out, DomainReading&) {
    const Node* post = fields.node(key);
    if (!post) return;
    if (post->is(Node::Kind::string))
        return fields.choice<Posters::Who>(
            key, out.who,
            {{"anyone", Posters::Who::anyone}, {"domain", Posters::Who::domain}, {"members", Posters::Who::members}});
    out = Posters::only({});
    for (const Node* author : fields.strings(key)) {
        auto address = Address::parse(author->text);
        if (!address)
            fields.refuse(key, author->place, address.error().what, "write full addresses, or \"members\"");
        else
            out.named.push_back(std::move(*address));
    }
}
Value Post::value(const Type& post, const DomainName&) {
    auto texts = post.texts();
    if (post.is_word()) return std::move(texts.front());
    return texts;
}
std::vector<std::string> Post::elements(const Type& post) { return post.keys(); }
// += and -= work on addresses; what is a word today has none to add to.
Status Post::assign(Type& out, const Assignment& assignment, const WordContext& context) {
    TRY_ASSIGN(auto post, read_posters(assignment.value, context.own));
    if (assignment.operation != Assignment::Operation::set && (post.is_word() || out.is_word()))
        return fail(ErrorKind::usage, fmt::format("'post' of '{}' is no list of addresses", context.about),
                    "write post=ADDRESS[,ADDRESS...]");
    if (post.is_word()) return out = std::move(post), Status{};
    TRY(assign_elements(
        out.named, assignment.operation, std::move(post.named),
        [&](const Address& address) { return context.key_of(address); },
        [](const Address& address) { return address.text(); }));
    out.who = Posters::Who::named;
    return {};
}
CellObjection Post::read_cell(Type& out, std::string_view cell, const WordContext& context) {
    return read_posters(cell, context, out);
}
std::string Post::cell(const Type& post, const DomainName&) { return posters_cell(post); }
ShownValue Post::shown(const Type& post, const DomainName&) { return post.texts(); }

void DomainNames::read(Fields& fields, std::string_view key, Type& out, DomainReading& reading) {
    for (const Node* element : fields.strings(key)) {
        auto alias = DomainName::parse(element->text);
        if (!alias) {
            fields.refuse(key, element->place, alias.error().what, "write a domain name such as \"example.net\"");
        } else if (*alias == reading.domain.name) {
            fields.refuse(key, element->place, fmt::format("'{}' is this domain itself", alias->display()),
                          "leave it out");
        } else if (std::ranges::find(out, *alias) != out.end()) {
            fields.refuse(key, element->place, fmt::format("'{}' stands here twice", alias->display()),
                          "leave out one of them");
        } else {
            out.push_back(std::move(*alias));
        }
    }
}
Value DomainNames::value(const Type& names, const DomainName&) { return elements(names); }
std::vector<std::string> DomainNames::elements(const Type& names) {
    std::vector<std::string> texts;
    for (const auto& name : names)
        texts.push_back(name.text());
    return texts;
}
Status DomainNames::assign(Type& out, const Assignment& assignment, const WordContext&) {
    Type given;
    for (const auto& element : list_elements(assignment.value)) {
        TRY_ASSIGN(auto name, DomainName::parse(element));
        given.push_back(std::move(name));
    }
    return assign_elements(
        out, assignment.operation, std::move(given), [](const DomainName& name) { return name.text(); },
        [](const DomainName& name) { return name.display(); });
}
CellObjection DomainNames::read_cell(Type& out, std::string_view cell, const WordContext& context) {
    const auto done = assign(out, {{}, Assignment::Operation::set, std::string(cell)}, context);
    return done ? std::nullopt : CellObjection(Objection{done.error().what, done.error().hint});
}
std::string DomainNames::cell(const Type& names, const DomainName&) { return list_cell(elements(names)); }
ShownValue DomainNames::shown(const Type& names, const DomainName&) {
    std::vector<std::string> texts;
    for (const auto& name : names)
        texts.push_back(name.display());
    return texts;
}

void UnknownNames::read(Fields& fields, std::string_view key, Type& out, DomainReading& reading) {
    if (const Node* table = fields.node(key)) read_unknown_action(*table, out, reading);
}
std::vector<std::string> UnknownNames::elements(const Type& action) { return keys_of(action.to); }
Value UnknownNames::value(const Type& action, const DomainName& own) {
    InlineTable table{{{"action", std::string(action_word(action.kind))}}};
    if (action.kind == UnknownAction::Kind::redirect) table.entries.emplace_back("to", target_texts(action.to, own));
    if (action.domain) table.entries.emplace_back("domain", action.domain->text());
    if (!action.node.empty()) table.entries.emplace_back("node", action.node);
    return table;
}
Status UnknownNames::assign(Type& out, const Assignment& assignment, const WordContext& context) {
    TRY(only_set(assignment));
    TRY_ASSIGN(auto action, parse_unknown_action(assignment.value, context.own));
    for (auto& target : action.to) { // what is there stays as it is written
        const auto known = std::ranges::find(out.to, target.key(), &Address::key);
        if (known != out.to.end()) target = *known;
    }
    out = std::move(action);
    return {};
}
CellObjection UnknownNames::read_cell(Type& out, std::string_view cell, const WordContext& context) {
    const auto done = assign(out, {{}, Assignment::Operation::set, std::string(cell)}, context);
    return done ? std::nullopt : CellObjection(Objection{done.error().what, done.error().hint});
}
std::string UnknownNames::cell(const Type& action, const DomainName&) { return format_unknown_action(action); }

} // namespace mailctl::kinds
