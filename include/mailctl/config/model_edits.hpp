// SPDX-License-Identifier: Apache-2.0
// The difference of two models as edits on the text that the first was read from: the least that makes it say the
// second. Single elements of arrays come and go; what is the same in other letters stays as it is written. The model
// and the array in the text agree element by element, because one was read from the other, so no spelling is ever
// guessed.
#pragma once

#include "mailctl/config/toml/edit.hpp"
#include "mailctl/model/domain_draft.hpp"

namespace mailctl {

// Removals first, then accounts in the order in which they were touched, then the domain's own keys.
[[nodiscard]] std::vector<Edit> edits_of(const DomainDraft& change);
// For a text that will be the file of `own`: its addresses need no domain there.
[[nodiscard]] std::vector<Edit> edits_of(const DomainDraft& change, const DomainName& own);

// Whether an element that comes takes the place, and the comment, of one that goes: it is the same by another name.
enum class Pairing { none, in_place };
// An array whose elements are told apart by `before` and, as it shall be, by `after`, spelled `texts`.
[[nodiscard]] ChangeArray array_difference(KeyPath path, std::span<const std::string> before,
                                           std::span<const std::string> after, const std::vector<std::string>& texts,
                                           Pairing pairing = Pairing::none);

} // namespace mailctl
