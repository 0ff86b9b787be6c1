// SPDX-License-Identifier: Apache-2.0
// Names of a command line against the model.
#include "mailctl/change/look_ups.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {

std::vector<std::string> shown(std::span<const Address> addresses) {
    std::vector<std::string> texts;
    for (const auto& address : addresses)
        texts.push_back(address.display());
    return texts;
}

namespace {

template <class Entity>
std::vector<std::string> names_in(const std::map<std::string, Entity>& entities) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : entities)
        names.push_back(name);
    return names;
}

} // namespace

std::vector<std::string> mailbox_names(const Domain& domain) { return names_in(domain.mailboxes); }

std::string what_it_is(const std::string& holder) { return holder.starts_with("alias ") ? "an " + holder : holder; }

Error no_such(std::string_view kind, const Address& address, const Domain& domain, std::span<const std::string> names) {
    Error error{ErrorKind::missing, fmt::format("no {} '{}'", kind, address.display()), {}, 0};
    if (const auto holder = holder_of(domain, address.local.key()))
        error.hint = fmt::format("the name is {}", what_it_is(*holder));
    else if (const auto near = nearest(address.local.key(), names))
        error.hint = fmt::format("did you mean '{}'?", address_in(domain, *near).display());
    else
        error.hint = fmt::format("see 'mailctl {} list {}'", kind, domain.name.text());
    return error;
}

Error name_held(const Address& address, const std::string& holder) {
    return {ErrorKind::conflict, fmt::format("'{}' is taken: it is {}", address.display(), what_it_is(holder)),
            fmt::format("see 'mailctl explain {}'", address.text()), 0};
}

namespace {

struct TargetPlace {
    Address address;
    const Domain* domain;
};

Result<TargetPlace> place_of(const SiteView& view, const Address& address) {
    TRY_ASSIGN(const auto* domain, view.get_domain(address.domain));
    return TargetPlace{address_in(*domain, address.local.key()), domain};
}

} // namespace

Result<MailboxTarget> get_mailbox_target(const SiteView& view, const Address& address) {
    TRY_ASSIGN(auto place, place_of(view, address));
    const auto found = place.domain->mailboxes.find(place.address.local.text());
    if (found == place.domain->mailboxes.end())
        return fail(no_such("mailbox", place.address, *place.domain, mailbox_names(*place.domain)));
    return MailboxTarget{std::move(place.address), place.domain, &found->second};
}

Result<ForwardTarget> get_forward_target(const SiteView& view, const Address& address) {
    TRY_ASSIGN(auto place, place_of(view, address));
    const auto found = place.domain->forwards.find(place.address.local.text());
    if (found == place.domain->forwards.end())
        return fail(no_such("forward", place.address, *place.domain, names_in(place.domain->forwards)));
    return ForwardTarget{std::move(place.address), place.domain, &found->second};
}

Result<ListTarget> get_list_target(const SiteView& view, const Address& address) {
    TRY_ASSIGN(auto place, place_of(view, address));
    const auto found = place.domain->lists.find(place.address.local.text());
    if (found == place.domain->lists.end())
        return fail(no_such("list", place.address, *place.domain, names_in(place.domain->lists)));
    return ListTarget{std::move(place.address), place.domain, &found->second};
}

Status get_free_name_in(const Domain& domain, const Address& address) {
    const auto holder = holder_of(domain, address.local.key());
    if (!holder) return {};
    return fail(name_held(address, *holder));
}

Result<FreeName> get_free_name(const SiteView& view, const Address& address) {
    TRY_ASSIGN(auto place, place_of(view, address));
    TRY(get_free_name_in(*place.domain, place.address));
    return FreeName{std::move(place.address), place.domain};
}

Report report_of(std::string type, Layout layout) {
    Report report;
    report.type = std::move(type);
    report.layout = layout;
    return report;
}

void say_done(ChangePlan& plan, std::string_view type, const std::string& name, std::string_view done) {
    plan.report.type = type;
    plan.report.layout = Layout::text;
    plan.report.notes.push_back(fmt::format("{} {} '{}'", done, type, name));
    plan.report.rows.push_back({{type == "domain" ? "domain" : "address", name}, {"done", std::string(done)}});
}

} // namespace mailctl
