// SPDX-License-Identifier: Apache-2.0
// The rows of a domain with their seals: what the publisher writes, and what a node compares its own file with.
#pragma once

#include "mailctl/exchange/published_rows.hpp"

namespace mailctl {

[[nodiscard]] PublishedParts sealed_parts(const Domain& domain);

} // namespace mailctl
