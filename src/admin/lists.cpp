// Edits of [list.NAME] tables.
#include "mailctl/admin/lists.hpp"

#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/targets.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::array<std::string_view, 3> policies{"anyone", "domain", "members"};

bool is_policy(const std::vector<std::string>& post) {
    return post.size() == 1 && std::ranges::find(policies, post.front()) != policies.end();
}

// As the file has it: one word, or an array of addresses.
Value post_value(const std::vector<std::string>& post) {
    if (is_policy(post)) return post.front();
    return post;
}

using Entries = std::vector<std::pair<std::string, Value>>;

KeyPath key_of(const ListTarget& target, std::string key) {
    return {"list", target.address.local.text(), std::move(key)};
}

Address real(const SiteView& view, const Address& address) {
    auto found = view.real_address(address);
    return found ? std::move(*found) : address;
}

// The member as the file has it, under whatever name of its domain; nullptr: none such.
const Address* find_member(const SiteView& view, const List& list, const Address& address) {
    const auto wanted = real(view, address).key();
    const auto found =
        std::ranges::find(list.members, wanted, [&](const Address& one) { return real(view, one).key(); });
    return found == list.members.end() ? nullptr : &*found;
}

Cells list_row(const Domain& domain, const std::string& local, const List& list) {
    const auto owner = list.owner ? list.owner->display() : "postmaster@" + domain.name.display();
    return {{"address", address_in(domain, local).display()},
            {"members", shown(list.members)},
            {"post", list.post},
            {"owner", owner}};
}

// += and -= work on addresses; what is a word today has none to add to.
Result<std::vector<Edit>> assign_post(const ListTarget& target, const Assignment& assignment) {
    const auto path = key_of(target, "post");
    std::vector<Edit> edits;
    if (assignment.value.empty()) {
        TRY(only_set(assignment));
        edits.emplace_back(RemoveKey{path});
        return edits;
    }
    TRY_ASSIGN(const auto post, read_post_policy(assignment.value, target.domain->name));
    if (assignment.operation == Assignment::Operation::set) {
        if (post != target.list->post) edits.emplace_back(SetValue{path, post_value(post)});
        return edits;
    }
    if (is_policy(post) || is_policy(target.list->post))
        return fail(ErrorKind::usage, fmt::format("'post' of '{}' is no list of addresses", target.address.display()),
                    "write post=ADDRESS[,ADDRESS...]");
    for (const auto& author : post) {
        const bool there = std::ranges::find(target.list->post, author) != target.list->post.end();
        if (assignment.operation == Assignment::Operation::add && !there) edits.emplace_back(AddElement{path, author});
        if (assignment.operation == Assignment::Operation::remove && there)
            edits.emplace_back(RemoveElement{path, author});
    }
    return edits;
}

Result<std::vector<Edit>> assign_owner(const ListTarget& target, const Assignment& assignment) {
    const auto path = key_of(target, "owner");
    if (assignment.value.empty()) return assign_text(path, assignment, " ");
    const auto& own = target.domain->name;
    TRY_ASSIGN(const auto owner, parse_target(assignment.value, own));
    auto written = assignment;
    written.value = owner.text(); // `owner` is a full address
    return assign_text(path, written, target.list->owner ? target.list->owner->text() : "");
}

Result<std::vector<Edit>> assign(const ListTarget& target, const Assignment& assignment) {
    static const std::vector<std::string> keys{"members", "post", "owner"};
    if (assignment.key == "members")
        return assign_targets(key_of(target, "members"), assignment, target.list->members, target.domain->name);
    if (assignment.key == "post") return assign_post(target, assignment);
    if (assignment.key == "owner") return assign_owner(target, assignment);
    return fail(unknown_key(assignment.key, keys));
}

bool says_the_same(const List& list, const NewList& wanted) {
    const auto post = wanted.post.empty() ? List{}.post : wanted.post;
    return std::ranges::equal(list.members, wanted.members, {}, &Address::key, &Address::key) && list.post == post &&
           list.owner == wanted.owner;
}

Entries entries_of(const NewList& list, const DomainName& own) {
    Entries entries{{"members", target_texts(list.members, own)}};
    if (!list.post.empty()) entries.emplace_back("post", post_value(list.post));
    if (list.owner) entries.emplace_back("owner", list.owner->text());
    return entries;
}

// Each edit of the members of one list, planned by `edit`.
template <class EditMember>
Result<Report> change_members(const World& world, const Address& list, std::span<const Address> members,
                              const ChangeOptions& options, const EditMember& edit) {
    const auto plan_members = [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        TRY_ASSIGN(const auto target, get_list_target(view, list));
        for (const auto& member : members) {
            TRY_ASSIGN(auto edits, edit(view, target, member));
            for (auto& one : edits)
                plan.edit(target.domain->name, std::move(one));
        }
        if (!plan.files.empty()) say_done(plan, "list", target.address.display(), "changed");
        return plan;
    };
    return change(world, options, plan_members, std::span(&list, 1));
}

} // namespace

Result<std::vector<std::string>> read_post_policy(std::string_view text, const DomainName& own) {
    std::vector<std::string> post = list_elements(text);
    if (is_policy(post)) return post;
    for (auto& word : post) {
        auto address = parse_target(word, own);
        if (!address || std::ranges::find(policies, word) != policies.end())
            return fail(ErrorKind::usage, fmt::format("'{}' does not say who may post", printable(text)),
                        "write anyone, domain, members or ADDRESS[,ADDRESS...]");
        word = address->text();
    }
    if (post.empty()) return fail(ErrorKind::usage, "no one may post to it", "write anyone, domain or members");
    return post;
}

Result<Report> create_list(const World& world, const NewList& list, const ChangeOptions& options) {
    const auto plan_new = [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        TRY_ASSIGN(const auto* domain, view.get_domain(list.address.domain));
        const Address real = address_in(*domain, list.address.local.key());
        const auto existing = domain->lists.find(real.local.text());
        if (existing != domain->lists.end() && says_the_same(existing->second, list)) return plan;
        if (existing != domain->lists.end())
            return fail(ErrorKind::conflict, fmt::format("list '{}' exists already", real.display()),
                        fmt::format("change it with 'mailctl list add {} MEMBER' or 'list set'", real.text()));
        TRY(get_free_name_in(*domain, real));
        plan.edit(domain->name, AddTable{{"list", real.local.text()}, entries_of(list, domain->name)});
        say_done(plan, "list", real.display(), "created");
        return plan;
    };
    return change(world, options, plan_new, std::span(&list.address, 1));
}

Result<Report> set_list(const World& world, const Address& address, std::span<const Assignment> assignments,
                        const ChangeOptions& options) {
    const auto plan_settings = [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        TRY_ASSIGN(const auto target, get_list_target(view, address));
        for (const auto& assignment : assignments) {
            TRY_ASSIGN(auto edits, assign(target, assignment));
            for (auto& edit : edits)
                plan.edit(target.domain->name, std::move(edit));
        }
        if (!plan.files.empty()) say_done(plan, "list", target.address.display(), "changed");
        return plan;
    };
    return change(world, options, plan_settings, std::span(&address, 1));
}

Result<Report> add_members(const World& world, const Address& list, std::span<const Address> members,
                           const ChangeOptions& options) {
    return change_members(
        world, list, members, options,
        [](const SiteView& view, const ListTarget& target, const Address& member) -> Result<std::vector<Edit>> {
            std::vector<Edit> edits;
            if (find_member(view, *target.list, member) == nullptr)
                edits.emplace_back(AddElement{key_of(target, "members"), target_text(member, target.domain->name)});
            return edits;
        });
}

Result<Report> remove_members(const World& world, const Address& list, std::span<const Address> members,
                              const ChangeOptions& options) {
    return change_members(
        world, list, members, options,
        [](const SiteView& view, const ListTarget& target, const Address& member) -> Result<std::vector<Edit>> {
            const auto* known = find_member(view, *target.list, member);
            if (known == nullptr)
                return fail(ErrorKind::missing,
                            fmt::format("'{}' is no member of list '{}'", member.display(), target.address.display()),
                            fmt::format("see 'mailctl list show {}'", target.address.text()));
            return remove_target(key_of(target, "members"), *known, target.domain->name);
        });
}

Result<Report> delete_lists(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    const auto plan_one = [](const SiteView& view, const Address& address, ChangePlan& plan) -> Status {
        TRY_ASSIGN(const auto target, get_list_target(view, address));
        plan.edit(target.domain->name, RemoveTable{{"list", target.address.local.text()}});
        say_done(plan, "list", target.address.display(), "deleted");
        return {};
    };
    return change_each(world, options, addresses, addresses, plan_one);
}

Result<Report> list_lists(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("list");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        for (const auto* domain : found)
            for (const auto& [local, list] : domain->lists)
                report.rows.push_back(list_row(*domain, local, list));
        return report;
    });
}

Result<Report> show_lists(const World& world, std::span<const Address> addresses) {
    return read_site_about(world, addresses, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("list", Layout::sheet);
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto target, get_list_target(view, address));
            report.rows.push_back(list_row(*target.domain, target.address.local.text(), *target.list));
        }
        return report;
    });
}

} // namespace mailctl
