// SPDX-License-Identifier: Apache-2.0
#include "sealed_parts.hpp"

#include "mailctl/os/digest.hpp"

namespace mailctl {

PublishedParts sealed_parts(const Domain& domain) {
    auto parts = publish_domain(domain);
    seal_parts(parts, [](std::string_view bytes) { return digest(bytes); });
    return parts;
}

} // namespace mailctl
