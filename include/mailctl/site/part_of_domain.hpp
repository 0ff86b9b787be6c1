// SPDX-License-Identifier: Apache-2.0
// A large domain, read in part: the accounts that a change is about, those that mention them, and all that the domain
// says of itself. What is left out is as the compiled directory has it: the text is the one that it was made from,
// which its digest proves, so nothing in it needs to be looked at again. Where anything is in doubt there is no part,
// and the whole is read.
#pragma once

#include "mailctl/config/toml/excerpt.hpp"
#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"
#include "mailctl/site/pending_texts.hpp"
#include "mailctl/store/directory.hpp"

#include <memory>

namespace mailctl {

struct PartOfDomain {
    FileStamp stamp; // of the file, before it was read
    SourceText text; // the whole, as found and as applied; the excerpt points into it
    std::string digest;
    std::optional<Excerpt> excerpt;
    Domain domain;               // what the excerpt says
    std::set<std::string> names; // that the change is about, and that the accounts in it claim
};
struct PartOrder {
    std::string file;
    DomainName domain;           // real name
    std::set<std::string> names; // folded local parts
};
// nullptr: the file has another text than was compiled, is written so that no excerpt of it can be taken, or the domain
// has limits, which ask for all of its accounts.
[[nodiscard]] Result<std::shared_ptr<const PartOfDomain>> read_part(const DirectorySnapshot& directory,
                                                                    const Site& site, const PartOrder& order);

// What the text says after the edits. conflict: they reach beyond the part.
struct EditedPart {
    std::string text; // the whole
    std::string reading_text;
};
[[nodiscard]] Result<EditedPart> edit_part(const PartOfDomain& part, std::span<const Edit> edits,
                                           const std::string& file);
// conflict: a name that comes belongs to somebody who is left out.
[[nodiscard]] Status check_new_names(const PartOfDomain& part, const Domain& after, const Lookup& compiled);

} // namespace mailctl
