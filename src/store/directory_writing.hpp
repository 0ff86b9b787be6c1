// SPDX-License-Identifier: Apache-2.0
// How a change of a domain becomes a change of its rows in the compiled directory.
#pragma once

#include "directory_rows.hpp"
#include "mailctl/store/directory.hpp"
#include "row_store.hpp"

namespace mailctl {

[[nodiscard]] Result<std::optional<SourceRow>> find_source_row(const RowReader& rows, const DomainName& domain);
// Rows that did not change are not written.
[[nodiscard]] Status write_domain(RowWriter& rows, const DomainChange& change,
                                  const std::optional<DomainName>& alternate_suffix);

} // namespace mailctl
