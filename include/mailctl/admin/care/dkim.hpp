// SPDX-License-Identifier: Apache-2.0
// `mailctl dkim`: the keys that mail of the domains is signed with, from the first to the last day of each.
#pragma once

#include "mailctl/exchange/dkim_rotation.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct NewKeys {
    std::vector<DomainName> domains;
    std::vector<DkimAlgorithm> algorithms; // empty: as the signer wants, or as the given key is
    std::string selector;                  // "" = YYYYMM and the algorithm's letter
    std::string key_file;                  // of a key that exists already; "" = one is made
};
// conflict: the selector stands there already, or did once. usage: one name or key for several. invalid: not a key.
[[nodiscard]] Result<Report> create_keys(const World& world, const NewKeys& request, const ChangeOptions& options);

struct StepOfKey {
    DomainName domain;
    std::string selector;
    DkimStep step = DkimStep::activate;
    bool force = false;
};
[[nodiscard]] Result<Report> step_key(const World& world, const StepOfKey& request, const ChangeOptions& options);
// The next legal step of every selector of the domains; of all where none is named. Again at once: nothing to change.
[[nodiscard]] Result<Report> rotate_keys(const World& world, std::span<const DomainName> domains,
                                         const ChangeOptions& options);

[[nodiscard]] Result<Report> list_keys(const World& world, std::span<const DomainName> domains);
// The records, as lines for a zone. missing: there is no such selector.
[[nodiscard]] Result<Report> show_keys(const World& world, std::span<const DomainName> domains,
                                       const std::string& selector);

} // namespace mailctl
