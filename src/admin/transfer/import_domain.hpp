// SPDX-License-Identifier: Apache-2.0
// What the rows of one domain make of it. First every row by itself against the account there is; then all names
// against one another, because rows may pass a name on; then the aliases that stand in rows of their own.
#pragma once

#include "mailctl/admin/transfer/import.hpp"
#include "mailctl/change/changes.hpp"
#include "mailctl/change/key_rights.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <unordered_map>

namespace mailctl {

// Passwords that were hashed beforehand, by number of the row.
struct RowPassword {
    std::optional<std::string> known; // what the mailbox had when this was made
    std::optional<std::string> hash;
    std::string generated;
    std::optional<Error> error;
};
using RowPasswords = std::unordered_map<std::uint32_t, RowPassword>;

struct DomainTally {
    std::size_t created = 0, changed = 0, unchanged = 0, deleted = 0;
    std::size_t without_password = 0; // of the created
};

class NamesOfDeleted { // mailboxes whose names are not given out without a word
  public:
    static Result<NamesOfDeleted> load(const SiteView& view);
    [[nodiscard]] bool contains(const Address& address) const { return keys_.contains(address.key()); }

  private:
    std::set<std::string> keys_;
};

struct DomainImport { // all that is the same for every domain of a file
    const ImportRequest& request;
    const ImportRows& rows;
    const RowPasswords& passwords;
    const NamesOfDeleted& deleted;
    const Site& site;
    const Role& role;
    RowErrors& errors;
    std::set<AccountKind>& kinds; // that the file has
    Administers administers;
};

class DomainPlanner {
  public:
    // `before`: nullptr for a domain that is made. The rows are those of the domain, under any of its names.
    DomainPlanner(const DomainImport& import, const DomainName& name, const Domain* before);
    void read(std::span<const RowRef> rows);
    // After all domains were read, so that the kinds of the file are known.
    void prune();
    // The row of this account fails; nothing for one that has none.
    void object(const std::string& local, const Objection& objection);
    [[nodiscard]] bool deletes() const { return !removed_.empty(); }
    // Edits, or the text of a new file.
    [[nodiscard]] std::optional<FileAction> action() const;
    [[nodiscard]] DomainTally tally() const;
    // Address and password, for those that were generated.
    void add_generated(std::vector<std::pair<Address, std::string>>& generated) const;

  private:
    struct Planned {
        std::optional<Account> before;
        Account after;
        std::optional<RowRef> row; // absent: changed because of another row
        std::size_t address_cell = 0;
        bool sets_aliases = false; // the row says all of them
        std::string generated = {};
        std::set<std::string> cleared = {}; // keys that a cell cleared
    };
    using Planning = std::map<std::string, Planned>; // by folded local part
    struct RowInHand;
    class Claims;

    void read_row(const RowRef& row, CsvRow& cells, MappedRow& mapped);
    // Each says itself what is wrong, and that the row is not to be used then.
    [[nodiscard]] bool read_name(RowInHand& hand);
    [[nodiscard]] bool read_kind(RowInHand& hand);
    [[nodiscard]] bool read_cells(RowInHand& hand);
    [[nodiscard]] bool read_password(RowInHand& hand);
    [[nodiscard]] bool make_password(RowInHand& hand, const std::string& plain);
    [[nodiscard]] bool check(RowInHand& hand);
    [[nodiscard]] bool check_rights_of(RowInHand& hand);
    bool refuse(const RowInHand& hand, std::size_t cell, const Objection& objection) const;
    [[nodiscard]] std::optional<Objection> object_to_mode(const RowInHand& hand) const;

    [[nodiscard]] std::optional<Account> existing(const std::string& local) const;
    [[nodiscard]] Account new_account(AccountKind kind) const; // as it is where its row says nothing
    [[nodiscard]] bool drop_conflicts();                       // false: there are none
    void settle_aliases();
    Planned* mailbox_of(const std::string& local); // nullptr: there is none, and none is made
    [[nodiscard]] Address address_of(const std::string& local) const;
    [[nodiscard]] std::string new_text() const;

    const DomainImport& import_;
    DomainName name_;
    const Domain* before_;
    std::map<std::string, std::string> alias_holders_; // alias to mailbox, as it is now
    Planning planned_;
    std::vector<std::string> order_; // of the rows
    std::map<std::string, AccountKind> removed_;
    std::map<std::string, BanAnswer> bans_;
    std::map<std::string, std::size_t> lines_; // where a name stood first, also in rows that failed
};

} // namespace mailctl
