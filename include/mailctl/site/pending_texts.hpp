// SPDX-License-Identifier: Apache-2.0
// A change that was committed but not carried through, because it was killed or the disk was full. The pending record
// says what each text must become; these functions tell it from the text that is found, so that readers see the new
// state at once and writers can carry on where the other stopped, any number of times.
#pragma once

#include "mailctl/site/source_file.hpp"
#include "mailctl/store/history.hpp"

#include <map>

namespace mailctl {

using SourceText = std::optional<std::string>; // nullopt: there is no such file

// `found` after those patches of `record` that it does not hold yet. A text the record does not know, one edited by
// hand since, is left as it is.
[[nodiscard]] Result<SourceText> advance(const HistoryRecord& record, const SourceFile& file, SourceText found);
// The texts of every file of `record`, before and after it; nullopt where `found` cannot be brought to the state after.
struct TextChange {
    SourceText before, after;
};
[[nodiscard]] Result<std::optional<TextChange>> text_change(const HistoryRecord& record, const SourceFile& file,
                                                            SourceText found);
// The text before the last of what `record` does to the file; nullopt where `found` is not the text after it.
[[nodiscard]] Result<std::optional<SourceText>> before_last_step(const HistoryRecord& record, const SourceFile& file,
                                                                 const SourceText& found);
// Of the text that the file becomes; nullopt: it goes.
[[nodiscard]] std::optional<std::string> digest_after(const HistoryRecord& record, const SourceFile& file);
[[nodiscard]] Result<std::vector<SourceFile>> files_of(const HistoryRecord& record); // each once, in order
[[nodiscard]] bool touches(const HistoryRecord& record, const SourceFile& file);

} // namespace mailctl
