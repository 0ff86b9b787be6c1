// SPDX-License-Identifier: Apache-2.0
// Domain files that hold password hashes and that everybody on the machine may read. They are written 0640; an editor
// or a copy may have made them wider.
#pragma once

#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Their paths. Only files that are open to all are read.
[[nodiscard]] Result<std::vector<std::string>> find_exposed_files(const SiteView& view);
// Others lose their rights to the file, which holds `text`, if that has a password.
[[nodiscard]] Status close_to_others(const std::string& path, std::string_view text);

} // namespace mailctl
