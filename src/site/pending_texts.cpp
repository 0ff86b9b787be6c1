// SPDX-License-Identifier: Apache-2.0
// Texts on both sides of a record. A file may stand in a record twice: the hand edits found in it, then the change
// itself.
#include "mailctl/site/pending_texts.hpp"

#include "mailctl/os/digest.hpp"

#include <algorithm>
#include <span>

namespace mailctl {

namespace {

using Digest = std::optional<std::string>;

Digest digest_of(const SourceText& text) { return text ? Digest(digest(*text)) : std::nullopt; }

// A record of ten thousand files is asked for each of them: its files are in order.
std::span<const FileChange> changes_of(const HistoryRecord& record, const SourceFile& file) {
    const auto path = file.relative();
    return {std::ranges::lower_bound(record.files, path, {}, &FileChange::path),
            std::ranges::upper_bound(record.files, path, {}, &FileChange::path)};
}

Result<SourceText> patched(const SourceText& text, const Patch& patch, const Digest& expected) {
    if (!expected) return std::nullopt;
    TRY_ASSIGN(auto result, apply_patch(text ? *text : std::string(), patch));
    return SourceText(std::move(result));
}

} // namespace

Result<SourceText> advance(const HistoryRecord& record, const SourceFile& file, SourceText found) {
    const auto changes = changes_of(record, file);
    if (changes.empty()) return found;
    const Digest seen = digest_of(found);
    if (seen == changes.back().after_digest) return found;
    const auto next = std::find_if(changes.rbegin(), changes.rend(),
                                   [&](const FileChange& change) { return change.before_digest == seen; });
    if (next == changes.rend()) return found;
    for (auto step = next.base() - 1; step != changes.end(); ++step) {
        TRY_ASSIGN(found, patched(found, step->patch, step->after_digest));
    }
    return found;
}

Result<std::optional<TextChange>> text_change(const HistoryRecord& record, const SourceFile& file, SourceText found) {
    const auto changes = changes_of(record, file);
    TRY_ASSIGN(auto after, advance(record, file, std::move(found)));
    if (changes.empty() || digest_of(after) != changes.back().after_digest) return std::nullopt;
    SourceText before = after;
    for (auto step = changes.rbegin(); step != changes.rend(); ++step) {
        TRY_ASSIGN(before, patched(before, reverse_patch(step->patch), step->before_digest));
    }
    return TextChange{std::move(before), std::move(after)};
}

Result<std::optional<SourceText>> before_last_step(const HistoryRecord& record, const SourceFile& file,
                                                   const SourceText& found) {
    const auto changes = changes_of(record, file);
    if (changes.empty() || digest_of(found) != changes.back().after_digest) return std::nullopt;
    TRY_ASSIGN(auto before, patched(found, reverse_patch(changes.back().patch), changes.back().before_digest));
    return std::optional<SourceText>(std::move(before));
}

std::optional<std::string> digest_after(const HistoryRecord& record, const SourceFile& file) {
    const auto changes = changes_of(record, file);
    return changes.empty() ? std::nullopt : changes.back().after_digest;
}

Result<std::vector<SourceFile>> files_of(const HistoryRecord& record) {
    std::vector<SourceFile> files;
    for (const auto& change : record.files) {
        TRY_ASSIGN(auto file, SourceFile::parse(change.path));
        if (files.empty() || files.back() != file) files.push_back(std::move(file));
    }
    return files;
}

bool touches(const HistoryRecord& record, const SourceFile& file) { return !changes_of(record, file).empty(); }

} // namespace mailctl
