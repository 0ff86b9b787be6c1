// One row of another product's file on its way to native cells: what belongs together is collected first.
#pragma once

#include "mailctl/exchange/row_mapping.hpp"

namespace mailctl {

class ForeignRow {
  public:
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
    void put_password(MappedRow& out) const;
    void put_targets(MappedRow& out) const;
    void put(MappedRow& out, std::string_view column, std::string text, std::size_t cell) const;

    Part address_, domain_, first_, last_, password_, any_password_, function_, bytes_, mib_, renaming_;
    std::string targets_; // of all their cells
    std::size_t targets_cell_ = 0;
    std::optional<std::size_t> suspended_; // the cell that says so
    std::vector<MappedCell> cells_;
};

} // namespace mailctl
