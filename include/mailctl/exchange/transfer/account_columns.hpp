// SPDX-License-Identifier: Apache-2.0
// The native columns of an account in CSV (mailctl-csv(5)): one for each name in the key table of accounts. `address`,
// `type`, `password` and `error` are columns too, but what they mean is for the reader of rows to say.
#pragma once

#include "mailctl/config/account_keys.hpp"
#include "mailctl/config/cell_values.hpp"
#include "mailctl/report/report.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mailctl {

// What a column means that is more than a key.
struct ColumnRule {
    CellObjection (*read)(Account& account, std::string_view value, const ColumnContext& context);
    void (*clear)(Account& account);
    std::string (*write)(const Account& account, const ColumnContext& context);
    ShownValue (*show)(const Account& account, const ColumnContext& context);
};

struct Column {
    std::string_view name;
    std::string kinds;                   // "mailbox robot"
    std::string_view help;               // one line for the manual
    std::vector<const AccountKey*> keys; // one for each kind that has it in its key table
    const ColumnRule* rule = nullptr;    // goes before the keys
    bool keeps_blanks = false;           // blanks at both ends are part of the value

    [[nodiscard]] bool is_of(AccountKind kind) const;
    [[nodiscard]] const AccountKey* key_of(AccountKind kind) const; // nullptr: none
    // `value` is not empty. An objection leaves the account as it is or half set: it is not to be used then.
    [[nodiscard]] CellObjection read(Account& account, std::string_view value, const ColumnContext& context) const;
    void clear(Account& account) const;
    [[nodiscard]] std::string write(const Account& account,
                                    const ColumnContext& context) const; // empty: nothing is set
    // As all commands report it: sizes in bytes, lists, true and false; none where nothing is set, and for other kinds.
    [[nodiscard]] CellValue value_of(const Account& account, const ColumnContext& context) const;
};

[[nodiscard]] CellValue cell_value(ShownValue value);

[[nodiscard]] std::span<const Column> account_columns();        // in the order of an export
[[nodiscard]] const Column* find_column(std::string_view name); // case and blanks do not matter; nullptr = none
[[nodiscard]] const Column& get_column(std::string_view name);  // one that is known to exist

// What only shows when all cells of a row are read: a forward without a target, nothing kept and nothing passed on, a
// reply that ends before it begins. The column is the one to look at.
struct AccountObjection {
    const Column* column = nullptr;
    Objection objection;
};
[[nodiscard]] std::optional<AccountObjection> object_to_account(const Account& account);

} // namespace mailctl
