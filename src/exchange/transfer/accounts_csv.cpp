// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/accounts_csv.hpp"

#include "mailctl/exchange/transfer/row_mapping.hpp"

#include <algorithm>

namespace mailctl {
namespace {

bool is_hidden(const Column& column, Hashes hashes) {
    return hashes == Hashes::left_out && column.name == "password_hash";
}

bool is_without_quota(const Account& account) {
    const auto* mailbox = std::get_if<Mailbox>(&account);
    return mailbox != nullptr && mailbox->quota.bytes == 0;
}

} // namespace

void for_each_account(const Domain& domain, const EachAccount& use) {
    const auto address = [&](const std::string& local) {
        return Address{LocalPart::from_trusted(local), domain.name}.text();
    };
    for (const auto& [local, mailbox] : domain.mailboxes)
        use(address(local), mailbox);
    for (const auto& [local, forward] : domain.forwards)
        use(address(local), forward);
    for (const auto& [local, robot] : domain.robots)
        use(address(local), robot);
    for (const auto& [local, list] : domain.lists)
        use(address(local), list);
    for (const auto& ban : domain.banished)
        use(ban.name + "@" + domain.name.text(), ban);
}

std::vector<std::string> export_headings(Hashes hashes) {
    std::vector<std::string> headings{"address", "type"};
    for (const auto& column : account_columns())
        if (!is_hidden(column, hashes)) headings.emplace_back(column.name);
    return headings;
}

void append_accounts(std::string& out, const Domain& domain, Hashes hashes, LineEnd line_end, NoQuota no_quota) {
    const Site::Addresses no_rules; // writing asks for none
    const ColumnContext context{domain.name, no_rules};
    const auto headings = export_headings(hashes);
    const auto quota_cell = static_cast<std::size_t>(std::ranges::find(headings, "quota") - headings.begin());
    std::vector<std::string> cells;
    for_each_account(domain, [&](const std::string& address, const Account& account) {
        cells.clear();
        cells.push_back(native_cell(address, nullptr));
        cells.emplace_back(kind_name(kind_of(account)));
        for (const auto& column : account_columns())
            if (!is_hidden(column, hashes)) cells.push_back(native_cell(column.write(account, context), &column));
        if (no_quota == NoQuota::said && is_without_quota(account)) cells[quota_cell] = "-";
        append_csv_row(out, cells, line_end);
    });
}

void append_account_rows(std::vector<Cells>& rows, const Domain& domain, Hashes hashes, const Site::Addresses& rules) {
    const ColumnContext context{domain.name, rules};
    for_each_account(domain, [&](const std::string& address, const Account& account) {
        Cells row{{"address", address}, {"type", std::string(kind_name(kind_of(account)))}};
        for (const auto& column : account_columns()) {
            if (is_hidden(column, hashes)) continue;
            row.push_back({std::string(column.name), column.value_of(account, context)});
        }
        rows.push_back(std::move(row));
    });
}

} // namespace mailctl
