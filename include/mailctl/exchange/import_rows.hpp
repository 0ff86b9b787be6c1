// The rows of a file, found once and grouped by the domain they are about, to be read again one by one when their
// domain's turn comes: a million accounts are a million small references, not a million values.
#pragma once

#include "mailctl/exchange/row_errors.hpp"
#include "mailctl/exchange/row_mapping.hpp"

#include <map>

namespace mailctl {

struct TextPlace { // of a row that was made from another file
    std::string file;
    std::size_t line = 0;
};
struct ImportText {
    std::string name;              // as messages name it: "users.csv"
    std::string text;              // UTF-8
    std::vector<TextPlace> places; // by row, for texts made from files that are no CSV; else empty
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
    ImportRows(ImportText text, RowMapping mapping) : text_(std::move(text)), mapping_(std::move(mapping)) {}
    Status read_header(CsvReader& reader);
    // The domain of the row, or what is wrong.
    [[nodiscard]] Result<const DomainName*> domain_of(const MappedRow& row, const std::optional<DomainName>& domain);
    [[nodiscard]] std::optional<Objection> object_to_length(const CsvRow& row) const;
    [[nodiscard]] std::vector<std::string> cells_of(const RowRef& row) const;
    [[nodiscard]] std::string failed_with_remarks(const RowErrors& errors) const;

    ImportText text_;
    RowMapping mapping_;
    CsvStart start_;
    std::map<DomainName, std::vector<RowRef>> by_domain_;
    std::map<std::string, DomainName, std::less<>> known_domains_; // by spelling
    std::size_t count_ = 0;
    bool has_passwords_ = false;
};

} // namespace mailctl
