// SPDX-License-Identifier: Apache-2.0
// A source file on its way through a change. Of a large domain only the accounts that the change is about may have been
// read (site/part_of_domain); whoever decides or writes asks the draft and need not know which it is.
#pragma once

#include "mailctl/config/toml/edit.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/site_view.hpp"
#include "mailctl/store/history.hpp"

#include <variant>

namespace mailctl {

class ChangedSite;

struct RemoveFile {};
// Edits on the text there is (none: hand edits alone take effect), a whole new text, or the end of the file.
using FileAction = std::variant<std::vector<Edit>, std::string, RemoveFile>;

class Draft {
  public:
    // nullopt: the file stays as it is applied. missing: edits of a file that is not there. conflict: the action
    // reaches beyond the part that was read.
    [[nodiscard]] static Result<std::optional<Draft>> make(const SiteView& view, const SourceFile& file,
                                                           FileAction action);

    SourceFile file;
    SourceText applied, found, next; // as applied last and as found: both nullopt of a part; and as it will be
    std::optional<FileStamp> stamp;  // of the file as found

    [[nodiscard]] bool was_edited_by_hand() const { return applied != found; }
    // The domain as applied, and the text that tells how it will be: as much of it as was read.
    [[nodiscard]] std::optional<Domain> domain_before(const SiteView& view) const;
    [[nodiscard]] const SourceText& text_to_read() const { return part_ ? part_next_ : next; }
    // Lets the site as it will be have the rest of the domain as it is compiled. conflict: a name that `domain` claims
    // anew belongs to somebody in that rest.
    [[nodiscard]] Status join(ChangedSite& site, const std::optional<Domain>& domain, const Lookup& compiled) const;

    // What the history is to say of it.
    void record_in(std::vector<FileChange>& changes) const;
    // The texts go, which may be large; but that of a domain read in part is kept for whoever finishes the change.
    void forget_texts();
    [[nodiscard]] bool is_part() const { return part_ != nullptr; }

  private:
    std::shared_ptr<const PartOfDomain> part_;
    SourceText part_next_; // what `next` says of the accounts in the part
};

} // namespace mailctl
