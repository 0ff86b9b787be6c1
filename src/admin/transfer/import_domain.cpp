// SPDX-License-Identifier: Apache-2.0
// One row at a time: what it says, against the account there is.
#include "import_domain.hpp"

#include "bulk_passwords.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/account_changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/exchange/transfer/hash_notation.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/tombstones.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

struct DomainPlanner::RowInHand {
    const RowRef& row;
    const MappedRow& mapped;
    std::string local = {};
    AccountKind kind = AccountKind::mailbox;
    Planned planned = {};
    bool is_new() const { return !planned.before; }
    [[nodiscard]] std::size_t cell_of(const Column* column) const {
        const auto found = std::ranges::find(mapped.cells, column, &MappedCell::column);
        return found == mapped.cells.end() ? mapped.address.cell : found->cell;
    }
    [[nodiscard]] bool has(std::string_view column) const {
        return std::ranges::find(mapped.cells, &get_column(column), &MappedCell::column) != mapped.cells.end();
    }
};

Result<NamesOfDeleted> NamesOfDeleted::load(const SiteView& view) {
    NamesOfDeleted names;
    TRY_ASSIGN(const auto exists, find_stamp(view.paths().state));
    if (!exists) return names;
    State state = state_to_read(view);
    TRY_ASSIGN(const auto standing, standing_tombstones(state));
    for (const auto& address : standing)
        names.keys_.insert(address.key());
    return names;
}

DomainPlanner::DomainPlanner(const DomainImport& import, const DomainName& name, const Domain* before)
    : import_(import), name_(name), before_(before) {
    if (!before_) return;
    for (const auto& [local, mailbox] : before_->mailboxes)
        for (const auto& alias : mailbox.aliases)
            alias_holders_.emplace(alias, local);
    for (const auto& ban : before_->banished)
        bans_.emplace(ban.name, ban.answer);
}

Address DomainPlanner::address_of(const std::string& local) const { return {LocalPart::from_trusted(local), name_}; }

bool DomainPlanner::refuse(const RowInHand& hand, std::size_t cell, const Objection& objection) const {
    import_.rows.object(import_.errors, hand.row, cell, objection);
    return false;
}

std::optional<Account> DomainPlanner::existing(const std::string& local) const {
    if (!before_) return std::nullopt;
    const auto copy = [&](const auto& accounts) -> std::optional<Account> {
        const auto found = accounts.find(local);
        return found == accounts.end() ? std::nullopt : std::optional<Account>(found->second);
    };
    if (auto mailbox = copy(before_->mailboxes)) return mailbox;
    if (auto forward = copy(before_->forwards)) return forward;
    if (auto robot = copy(before_->robots)) return robot;
    if (auto list = copy(before_->lists)) return list;
    if (const auto alias = alias_holders_.find(local); alias != alias_holders_.end()) return AliasOf{alias->second};
    if (const auto ban = bans_.find(local); ban != bans_.end()) return Ban{local, ban->second};
    return std::nullopt;
}

Account DomainPlanner::new_account(AccountKind kind) const {
    Account account = empty_account(kind);
    if (auto* mailbox = std::get_if<Mailbox>(&account))
        mailbox->quota = usual_quota(import_.site.defaults, before_ ? before_->limits : DomainLimits{});
    return account;
}

bool DomainPlanner::read_name(RowInHand& hand) {
    const auto& address = hand.mapped.address;
    const auto& type = hand.mapped.type;
    const auto kind = find_kind(type.text);
    if (!type.text.empty() && !kind)
        return refuse(hand, type.cell,
                      {fmt::format("unknown type '{}'", printable(type.text)),
                       "use one of: mailbox, alias, forward, robot, list, banished"});
    const auto spelled = address.text.substr(0, std::min(address.text.rfind('@'), address.text.size()));
    if (kind == AccountKind::banished) {
        hand.local = fold(spelled);
        if (const auto objection = object_to_banished(hand.local)) return refuse(hand, address.cell, *objection);
    } else {
        if (spelled.empty() || spelled == "*")
            return refuse(hand, address.cell,
                          {fmt::format("'{}' stands for every name that nobody claims", printable(address.text)),
                           fmt::format("mailctl catchall set {} redirect:ADDRESS", name_.text())});
        const auto local = LocalPart::parse(spelled);
        if (!local)
            return refuse(hand, address.cell, {local.error().what, "write an address such as paul@example.com"});
        hand.local = local->key();
        if (const auto objection = object_to_name(hand.local, import_.site.addresses))
            return refuse(hand, address.cell, *objection);
    }
    const auto [first, is_first] = lines_.emplace(hand.local, hand.row.line);
    if (!is_first)
        return refuse(hand, address.cell,
                      {fmt::format("'{}' stands in line {} already", address_of(hand.local).display(), first->second),
                       "leave out one of the two rows"});
    return true;
}

bool DomainPlanner::read_kind(RowInHand& hand) {
    hand.planned.before = existing(hand.local);
    const auto given = find_kind(hand.mapped.type.text);
    const auto there = hand.planned.before ? std::optional(kind_of(*hand.planned.before)) : std::nullopt;
    hand.kind = given.value_or(there.value_or(AccountKind::mailbox));
    // Other products have forwards of mailboxes apart from these.
    const bool is_of_mailbox = hand.kind == AccountKind::forward && there == AccountKind::mailbox &&
                               hand.mapped.on_mailbox != OnMailbox::refused;
    if (is_of_mailbox) hand.kind = AccountKind::mailbox;
    if (there && *there != hand.kind)
        return refuse(hand, given ? hand.mapped.type.cell : hand.mapped.address.cell,
                      {fmt::format("'{}' is of the type '{}'", address_of(hand.local).display(), kind_name(*there)),
                       "correct the type, or delete what is there first"});
    hand.planned.after = hand.planned.before.value_or(new_account(hand.kind));
    if (is_of_mailbox && hand.mapped.on_mailbox == OnMailbox::replaced)
        std::get<Mailbox>(hand.planned.after).store = false;
    if (auto* ban = std::get_if<Ban>(&hand.planned.after)) ban->name = hand.local;
    import_.kinds.insert(hand.kind);
    return true;
}

bool DomainPlanner::read_cells(RowInHand& hand) {
    const ColumnContext context{name_, import_.site.addresses};
    for (const auto& [given, text, cell] : hand.mapped.cells) {
        const bool is_of_mailbox =
            given->name == "to" && hand.kind == AccountKind::mailbox && hand.mapped.on_mailbox != OnMailbox::refused;
        const auto* column = is_of_mailbox ? &get_column("forward") : given;
        if (!column->is_of(hand.kind)) {
            if (text.empty()) continue;
            return refuse(hand, cell,
                          {fmt::format("there is no '{}' for the type '{}'", column->name, kind_name(hand.kind)),
                           "empty the cell"});
        }
        if (column->name == "aliases") hand.planned.sets_aliases = true;
        if (text.empty()) {
            column->clear(hand.planned.after);
            hand.planned.cleared.emplace(column->name);
        } else if (const auto objection = column->read(hand.planned.after, text, context)) {
            return refuse(hand, cell, *objection);
        }
    }
    return true;
}

bool DomainPlanner::make_password(RowInHand& hand, const std::string& plain) {
    auto& mailbox = std::get<Mailbox>(hand.planned.after);
    const auto prepared = import_.passwords.find(hand.row.number);
    RowPassword made;
    if (prepared != import_.passwords.end() && prepared->second.known == mailbox.password) {
        made = prepared->second;
    } else { // the mailbox has got another password since
        PasswordTask task{plain, mailbox.password, {}, {}};
        hash_passwords({&task, 1}, import_.request.scheme);
        made = {task.known, task.hash, {}, task.error};
    }
    if (made.error)
        return refuse(hand, hand.mapped.password ? hand.mapped.password->cell : hand.mapped.address.cell,
                      {made.error->what, made.error->hint});
    mailbox.password = made.hash;
    hand.planned.generated = made.generated;
    return true;
}

bool DomainPlanner::read_password(RowInHand& hand) {
    const auto& given = hand.mapped.password;
    auto* mailbox = std::get_if<Mailbox>(&hand.planned.after);
    if (given && !mailbox && !given->text.empty())
        return refuse(
            hand, given->cell,
            {fmt::format("there is no 'password' for the type '{}'", kind_name(hand.kind)), "empty the cell"});
    if (!mailbox) return true;
    if (hand.has("password_hash") && mailbox->password) {
        if (given)
            return refuse(hand, given->cell, {"both a password and a hash are given", "empty one of the two cells"});
        const auto good = check_hash(*mailbox->password);
        if (!good)
            return refuse(hand, hand.cell_of(&get_column("password_hash")), {good.error().what, good.error().hint});
        return true;
    }
    if (given && given->text.empty()) mailbox->password.reset();
    if (given && looks_like_hash(given->text))
        return refuse(hand, given->cell, {"this is the hash of a password", "it belongs under 'password_hash'"});
    if (given && !given->text.empty()) return make_password(hand, std::string(given->text));
    if (import_.request.generate && !given && !mailbox->password && !hand.has("password_hash"))
        return make_password(hand, generate_password());
    return true;
}

std::optional<Objection> DomainPlanner::object_to_mode(const RowInHand& hand) const {
    const auto address = address_of(hand.local);
    const bool changes = hand.is_new() || *hand.planned.before != hand.planned.after;
    if (import_.request.mode == ImportMode::update_only && hand.is_new()) {
        std::vector<std::string> names = before_ ? mailbox_names(*before_) : std::vector<std::string>{};
        constexpr std::size_t most_compared = 10'000; // a hint is not worth more
        const auto near = names.size() <= most_compared ? nearest(hand.local, names) : std::nullopt;
        return Objection{near ? fmt::format("no {} '{}'; did you mean '{}'?", kind_name(hand.kind), address.display(),
                                            address_of(*near).display())
                              : fmt::format("no {} '{}'", kind_name(hand.kind), address.display()),
                         "without --update-only it is made"};
    }
    if (import_.request.mode == ImportMode::create_only && !hand.is_new() && changes)
        return Objection{fmt::format("{} '{}' exists already", kind_name(hand.kind), address.display()),
                         "without --create-only it is changed"};
    if (hand.kind == AccountKind::mailbox && hand.is_new() && !import_.request.reuse &&
        import_.deleted.contains(address))
        return Objection{fmt::format("mailbox '{}' was deleted", address.display()),
                         fmt::format("'mailctl mailbox restore {}' brings it back; --reuse gives the name to somebody "
                                     "else, who sees none of its mail",
                                     address.text())};
    return std::nullopt;
}

// What his other commands refuse, a row refuses too.
bool DomainPlanner::check_rights_of(RowInHand& hand) {
    if (import_.role.kind == Role::Kind::site || !before_) return true;
    const KeyRights rights{import_.role, *before_, import_.administers};
    const auto& before = hand.planned.before;
    const auto refusal = rights.find_refusal(hand.local, before ? &*before : nullptr, hand.planned.after);
    if (!refusal) return true;
    const auto cell = hand.cell_of(find_column(refusal->key->name));
    if (!may_set(set_by(import_.role), refusal->key->set_by))
        return refuse(hand, cell, {"only the site's administrator sets it", "empty the cell"});
    return refuse(hand, cell, {refusal->error.what, refusal->error.hint});
}

bool DomainPlanner::check(RowInHand& hand) {
    if (!check_rights_of(hand)) return false;
    if (const auto wrong = object_to_account(hand.planned.after))
        return refuse(hand, hand.cell_of(wrong->column), wrong->objection);
    if (const auto wrong = object_to_mode(hand)) return refuse(hand, hand.mapped.address.cell, *wrong);
    return true;
}

void DomainPlanner::read_row(const RowRef& row, CsvRow& cells, MappedRow& mapped) {
    import_.rows.read(row, cells, mapped);
    RowInHand hand{.row = row, .mapped = mapped};
    hand.planned.row = row;
    hand.planned.address_cell = mapped.address.cell;
    if (!read_name(hand) || !read_kind(hand) || !read_cells(hand) || !read_password(hand) || !check(hand)) return;
    order_.push_back(hand.local);
    planned_.emplace(std::move(hand.local), std::move(hand.planned));
}

void DomainPlanner::read(std::span<const RowRef> rows) {
    CsvRow cells;
    MappedRow mapped;
    for (const auto& row : rows)
        read_row(row, cells, mapped);
    while (drop_conflicts())
        ;
    settle_aliases();
}

} // namespace mailctl
