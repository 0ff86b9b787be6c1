// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/draft.hpp"

#include "mailctl/routing/changed_site.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

Result<SourceText> text_after(const Draft& draft, FileAction& action, const Paths& paths) {
    if (std::holds_alternative<RemoveFile>(action)) return std::nullopt;
    if (auto* text = std::get_if<std::string>(&action)) return SourceText(std::move(*text));
    const auto& edits = std::get<std::vector<Edit>>(action);
    if (edits.empty()) return draft.found;
    if (!draft.found)
        return fail(ErrorKind::missing, fmt::format("no file '{}'", draft.file.path(paths)),
                    "see 'mailctl domain list'");
    TRY_ASSIGN(auto text, apply_edits(*draft.found, edits, draft.file.path(paths)));
    return SourceText(std::move(text));
}

} // namespace

Result<std::optional<Draft>> Draft::make(const SiteView& view, const SourceFile& file, FileAction action) {
    Draft draft;
    draft.file = file;
    if (file.domain) draft.part_ = view.find_part(*file.domain);
    if (draft.part_) {
        const auto* edits = std::get_if<std::vector<Edit>>(&action);
        if (!edits) return fail(ErrorKind::conflict, "a part does not tell what a new text says");
        TRY_ASSIGN(auto edited, edit_part(*draft.part_, *edits, file.path(view.paths())));
        if (draft.part_->text == edited.text) return std::nullopt;
        draft.stamp = draft.part_->stamp;
        draft.next = std::move(edited.text);
        draft.part_next_ = std::move(edited.reading_text);
        return draft;
    }
    TRY_ASSIGN(draft.stamp, find_stamp(file.path(view.paths())));
    TRY_ASSIGN(draft.found, view.find_text(file));
    TRY_ASSIGN(draft.applied, view.find_applied_text(file));
    TRY_ASSIGN(draft.next, text_after(draft, action, view.paths()));
    if (draft.applied == draft.next && draft.found == draft.next) return std::nullopt;
    return draft;
}

std::optional<Domain> Draft::domain_before(const SiteView& view) const {
    if (part_) return part_->domain;
    return view.find_applied_domain(*file.domain).value_or(std::nullopt);
}

Status Draft::join(ChangedSite& site, const std::optional<Domain>& domain, const Lookup& compiled) const {
    if (!part_) return {};
    TRY(check_new_names(*part_, domain.value(), compiled));
    site.set_part(part_->domain);
    return {};
}

// What an earlier hand edit did is a change of its own in the record, so that each can be told from the other.
void Draft::record_in(std::vector<FileChange>& changes) const {
    const std::string name = file.relative();
    if (part_) {
        changes.push_back(make_file_change(name, part_->text, next, part_->digest));
        return;
    }
    if (applied != found) changes.push_back(make_file_change(name, applied, found));
    if (found != next) changes.push_back(make_file_change(name, found, next));
}

void Draft::forget_texts() {
    found = std::nullopt;
    if (!part_) next = std::nullopt;
}

} // namespace mailctl
