// SPDX-License-Identifier: Apache-2.0
// DomainDraft: a domain as it is, and what a change makes of it. Planners work on it account by account and say
// nothing about the text of a file. Accounts that nobody touches are never copied: one change in a domain of 100,000
// costs what it touches.
#pragma once

#include "mailctl/model/account.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mailctl {

// A key that was asked for by name, as the key tables call it: it is written though it is the default, or, cleared,
// goes.
struct SaidKey {
    enum class How { given, cleared };
    std::string key;
    How how = How::given;
};

// One account, before and after.
struct AccountChange {
    AccountKind kind = AccountKind::mailbox;
    std::string local;                 // as it will be called; of a banished name or pattern: that
    std::optional<Account> before;     // absent: it comes
    std::optional<Account> after;      // absent: it goes
    std::string renamed_from = {};     // empty: it keeps its name
    std::vector<SaidKey> said{};       // in that order
    bool in_place = false;             // elements of lists have new names: each keeps its place and comment
    std::optional<Account> known = {}; // as it was elsewhere or earlier: no news of the role that brings it here
};

class DomainDraft {
  public:
    // `before` must outlive this.
    explicit DomainDraft(const Domain& before);
    // What makes one of the other; their names must be equal.
    static DomainDraft between(const Domain& before, const Domain& after);

    [[nodiscard]] const Domain& before() const { return *before_; }
    [[nodiscard]] const Domain& settings() const { return settings_; } // as they will be; it has no accounts
    [[nodiscard]] Domain& edit_settings() { return settings_; }
    [[nodiscard]] std::vector<SaidKey>& said() { return said_; } // of the settings
    [[nodiscard]] const std::vector<SaidKey>& said() const { return said_; }
    void keep_places(AccountKind kind, const std::string& local); // of an account: see AccountChange::in_place
    void keep_places() { in_place_ = true; }                      // of the settings
    [[nodiscard]] bool keeps_places() const { return in_place_; }

    // As it will be; nullptr: no such account. T: Mailbox, Forward, Robot, List, Ban or Elsewhere.
    template <class T>
    [[nodiscard]] const T* find(const std::string& local) const;
    // The same to be changed.
    template <class T>
    [[nodiscard]] T* edit(const std::string& local);
    [[nodiscard]] std::optional<Account> get(AccountKind kind, const std::string& local) const; // as it will be
    void say(AccountKind kind, const std::string& local, SaidKey key);                          // of an edited account
    void put(const std::string& local, Account account); // in place of one of its kind and name, if there is one
    void put_known(const std::string& local, Account account);
    void remove(AccountKind kind, const std::string& local);
    // Of an account that is there; the new name is free among its kind.
    void rename(AccountKind kind, const std::string& from, const std::string& to);

    // Who will hold a name, as holder_of says it.
    [[nodiscard]] std::optional<std::string> holder(std::string_view local) const;
    // The mailbox that will have this alias; empty: none.
    [[nodiscard]] std::string mailbox_with_alias(const std::string& alias) const;
    // In the order in which they were touched first. Some may be the same before and after.
    [[nodiscard]] const std::deque<AccountChange>& accounts() const { return accounts_; }
    [[nodiscard]] Domain after() const; // the whole

  private:
    using Id = std::pair<AccountKind, std::string>;
    [[nodiscard]] const AccountChange* touched(AccountKind kind, const std::string& local) const;
    AccountChange* touch(AccountKind kind, const std::string& local); // nullptr: there is none
    AccountChange& add(AccountKind kind, const std::string& local);

    const Domain* before_;
    Domain settings_;
    std::vector<SaidKey> said_;
    bool in_place_ = false;
    std::deque<AccountChange> accounts_; // so that what edit() gave stays where it is
    std::set<Id> renamed_;               // names that accounts had
    std::map<Id, std::size_t> places_;   // by the names that accounts have or had
};

// The domain's own keys, without its accounts.
[[nodiscard]] Domain settings_of(const Domain& domain);
[[nodiscard]] std::optional<Account> find_account(const Domain& domain, AccountKind kind, const std::string& local);

extern template const Mailbox* DomainDraft::find<Mailbox>(const std::string&) const;
extern template const Forward* DomainDraft::find<Forward>(const std::string&) const;
extern template const Robot* DomainDraft::find<Robot>(const std::string&) const;
extern template const List* DomainDraft::find<List>(const std::string&) const;
extern template const Ban* DomainDraft::find<Ban>(const std::string&) const;
extern template const Elsewhere* DomainDraft::find<Elsewhere>(const std::string&) const;
extern template Mailbox* DomainDraft::edit<Mailbox>(const std::string&);
extern template Forward* DomainDraft::edit<Forward>(const std::string&);
extern template Robot* DomainDraft::edit<Robot>(const std::string&);
extern template List* DomainDraft::edit<List>(const std::string&);
extern template Ban* DomainDraft::edit<Ban>(const std::string&);
extern template Elsewhere* DomainDraft::edit<Elsewhere>(const std::string&);

} // namespace mailctl
