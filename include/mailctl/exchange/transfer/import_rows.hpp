// SPDX-License-Identifier: Apache-2.0
// The rows of a file, found once and grouped by the domain they are about, to be read again one by one when their
// domain's turn comes: a million accounts are a million small references, not a million values.
#pragma once

#include "mailctl/exchange/transfer/csv_table.hpp"
#include "mailctl/exchange/transfer/row_errors.hpp"
#include "mailctl/exchange/transfer/row_mapping.hpp"

#include <cstdint>
#include <map>
#include <unordered_map>

namespace mailctl {

struct TextPlace {
    std::string file;
    std::size_t line = 0; // 0: the file as a whole
};
// A row that was made from other files: where it comes from, and what its reader found.
struct RowOrigin {
    std::string file;
    std::size_t line = 0;
    std::string further = {};                  // the other places: ", alias.csv:5"
    std::optional<Objection> problem = {};     // why the row cannot be used
    OnMailbox on_mailbox = OnMailbox::refused; // where the row is a forward
};
struct LeftOut {       // what of a file is not read, and so is told
    std::string place; // "m.csv:3"
    std::string what;
};
struct ImportText {
    std::string name;              // as messages name it: "users.csv"
    std::string text;              // UTF-8
    std::vector<RowOrigin> places; // by row, for texts made from files that are no CSV; else empty
    std::vector<LeftOut> left_out = {};
};

class ImportRows {
  public:
    // invalid: the header line is wrong. What is wrong with single rows is in `errors`. A local part without '@' is of
    // `domain`.
    static Result<ImportRows> find(ImportText text, RowMapping mapping, const std::optional<DomainName>& domain,
                                   RowErrors& errors);

    [[nodiscard]] const std::map<DomainName, std::vector<RowRef>>& by_domain() const { return by_domain_; }
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] bool has_passwords() const { return has_passwords_; } // plain ones
    // What of the file, and of those it was made from, is not read: each sentence once, with the number of further
    // rows.
    [[nodiscard]] std::vector<LeftOut> left_out() const;
    void forget(); // the text and the references: they are not needed any more

    // The row again; valid until the next call with the same two.
    void read(const RowRef& row, CsvRow& cells, MappedRow& mapped) const;
    [[nodiscard]] std::string where(const RowRef& row) const; // "users.csv:12"
    void object(RowErrors& errors, const RowRef& row, std::size_t cell, const Objection& objection) const;
    void object(RowErrors& errors, const RowRef& row, const Objection& objection) const; // to the row as a whole
    // As RowErrors says them.
    [[nodiscard]] std::vector<std::string> lines(const RowErrors& errors, std::size_t most) const;
    [[nodiscard]] Error error(const RowErrors& errors, std::size_t most) const;
    // The failed rows in the format of the file, to be corrected and imported again; the reasons in a column `error`,
    // or in a remark before the row where the format has no headings.
    [[nodiscard]] std::string failed(const RowErrors& errors) const;

  private:
    struct Group { // the rows of one address that say the one thing together
        RowRef first;
        bool has_account = false;
        std::vector<RowRef> others = {};
    };
    ImportRows(ImportText text, RowMapping mapping) : text_(std::move(text)), mapping_(std::move(mapping)) {}
    // The domain of the row, or what is wrong.
    [[nodiscard]] Result<const DomainName*> domain_of(const MappedRow& row, const std::optional<DomainName>& domain);
    void find_row(const RowRef& ref, MappedRow& mapped, const std::optional<DomainName>& domain, RowErrors& errors);
    void add_row(const MappedRow& mapped, const DomainName& domain, const RowRef& ref);
    void add_group(const Group& group, const DomainName& domain);
    [[nodiscard]] Group* group_to_join(const MappedRow& mapped, const DomainName& domain);
    void join_groups(RowErrors& errors);
    void join_others(const RowRef& row, MappedRow& mapped) const;
    void map(const CsvRow& cells, const RowRef& ref, MappedRow& mapped) const;
    [[nodiscard]] std::vector<std::string> cells_of(const RowRef& row) const;
    void for_each_failed(const RowErrors& errors,
                         const std::function<void(const RowRef&, const std::string&)>& use) const;
    [[nodiscard]] std::string failed_with_remarks(const RowErrors& errors) const;
    void note(const RowRef& row, const std::vector<std::string>& notes);

    ImportText text_;
    RowMapping mapping_;
    CsvStart start_;
    std::map<DomainName, std::vector<RowRef>> by_domain_;
    std::map<DomainName, std::map<std::string, Group>> groups_;     // by folded local part; of formats that join rows
    std::unordered_map<std::uint32_t, std::vector<RowRef>> joined_; // by number of the row they join
    std::map<std::string, DomainName, std::less<>> known_domains_;  // by spelling
    std::size_t count_ = 0;
    bool has_passwords_ = false;
};

} // namespace mailctl
