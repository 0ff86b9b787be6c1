// The native columns of an account in CSV (mailctl-csv(5)): one for each key of the account tables of a domain file, as
// a table of how a cell is read into an account and written from it. `address`, `type`, `password` and `error` are
// columns too, but what they mean is for the reader of rows to say.
#pragma once

#include "mailctl/config/names.hpp"
#include "mailctl/exchange/account.hpp"
#include "mailctl/report/report.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mailctl {

struct ColumnContext { // of the domain that the account is in
    const DomainName& own;
    const Site::Addresses& rules;
};

struct Column {
    // `value` is not empty. An objection leaves the account as it is or half set: it is not to be used then.
    using Read = std::optional<Objection>(Account& account, std::string_view value, const ColumnContext& context);
    using Clear = void(Account& account);
    using Write = std::string(const Account& account, const ColumnContext& context); // empty: nothing is set
    using Show = CellValue(const Account& account);

    std::string_view name;
    std::string_view kinds; // "mailbox robot"; empty: every kind
    std::string_view help;  // one line for the manual
    Read* read = nullptr;
    Clear* clear = nullptr;
    Write* write = nullptr;
    Show* show = nullptr;      // where the value is no text
    bool keeps_blanks = false; // blanks at both ends are part of the value

    [[nodiscard]] bool is_of(AccountKind kind) const;
    // As all commands report it: sizes in bytes, lists, true and false; none where nothing is set, and for other kinds.
    [[nodiscard]] CellValue value_of(const Account& account, const ColumnContext& context) const;
};

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

// Lists in one cell: elements separated by blanks, commas or semicolons; one that holds such a character or a quote
// stands in double quotes, with \" and \\ inside.
[[nodiscard]] std::vector<std::string_view> cell_elements(std::string_view cell);

} // namespace mailctl
