// SPDX-License-Identifier: Apache-2.0
// Texts of source files put in place, and taken away again.
#pragma once

#include "mailctl/os/files.hpp"
#include "mailctl/site/pending_texts.hpp"

#include <set>

namespace mailctl {

// False: somebody has edited the file since `stamp` was taken, and it stays as it is.
[[nodiscard]] Result<bool> install_text(const Paths& paths, const SourceFile& file,
                                        const std::optional<FileStamp>& stamp, const SourceText& after);

// The change of `record`, of which nothing but texts has been written, is not made after all: what was applied before
// it is applied still, and its record is gone. Files that it has `written` say again what they said; what others say
// stays, and counts as edited by hand. May be repeated.
[[nodiscard]] Status take_back(const Paths& paths, const HistoryRecord& record, const std::set<SourceFile>& written);

} // namespace mailctl
