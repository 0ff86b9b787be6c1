// SPDX-License-Identifier: Apache-2.0
// What was fetched for a node, as a change of its own domain files.
#pragma once

#include "directory_reader.hpp"
#include "mailctl/change/model_plan.hpp"
#include "renamings.hpp"

namespace mailctl {

struct FetchedDirectory {
    std::string node; // its name
    std::int64_t number = 0;
    DirectoryNews news;
    DirectorySettings settings;
    std::map<std::string, std::vector<FetchedRow>> domains; // those that changed, by name
    std::map<std::string, std::string> seals;               // of all that it has
    std::vector<Renaming> renamings;                        // since what the book knows
    bool is_first = false; // the book knows of none before: domains here may be somebody else's
};

// Of this generation, or, where the book does not know its domains as they are published, more.
[[nodiscard]] Result<FetchedDirectory> fetch_directory(DirectoryReader& reader, const std::string& node,
                                                       const GenerationBook& book);
// Addresses that change; empty: more than single accounts may.
[[nodiscard]] std::vector<Address> changed_addresses(const FetchedDirectory& fetched);
// conflict: what is here is not a node's, or was not taken from there and would go (`accept_losses`: it may).
// `reader` is asked again for a domain whose file would not say what was published.
[[nodiscard]] Status plan_pull(ModelPlan& plan, const World& world, const FetchedDirectory& fetched,
                               DirectoryReader& reader, bool accept_losses);

} // namespace mailctl
