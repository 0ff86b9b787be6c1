// SPDX-License-Identifier: Apache-2.0
// One row of another product's file on its way to native cells: what belongs together is collected first.
#pragma once

#include "mailctl/exchange/transfer/row_mapping.hpp"

namespace mailctl {

class ForeignRow {
  public:
    explicit ForeignRow(PasswordField passwords) : passwords_(passwords) {} // what stands where it may be a hash
    // Empty cells say nothing. Texts must live as long as the row they are put into.
    void take(Use use, const Column* column, std::string_view text, std::size_t cell);
    void put_into(MappedRow& out) const;

  private:
    struct Part {
        std::string_view text;
        std::size_t cell = 0;
        explicit operator bool() const { return !text.empty(); }
    };
    void put_address(MappedRow& out) const;
    void put_name(MappedRow& out) const;
    void put_login(MappedRow& out) const;
    void put_proxies(MappedRow& out) const;
    void put_password(MappedRow& out) const;
    void put_any_password(MappedRow& out) const;
    void put_quota(MappedRow& out) const;
    void put_flags(MappedRow& out) const;
    void put_targets(MappedRow& out) const;
    void put_suspension(MappedRow& out, std::size_t cell, std::string_view receive, std::string_view reason) const;
    void put(MappedRow& out, std::string_view column, std::string text, std::size_t cell) const;

    PasswordField passwords_;
    Part address_, login_, role_, domain_, first_, last_, password_, any_password_, function_, bytes_, mib_, renaming_;
    Part active_, blocked_, proxies_;
    std::string targets_; // of all their cells
    std::size_t targets_cell_ = 0;
    bool has_targets_ = false; // or the row has cells for them
    std::vector<MappedCell> cells_;
};

} // namespace mailctl
