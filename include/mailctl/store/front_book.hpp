// SPDX-License-Identifier: Apache-2.0
// FrontBook: what a front end took from the published directory, lib/front.db: machines, and each domain with all its
// names. The maps are made from it, whole or row by row, with the database down as well as up. It holds no password and
// may be lost: it is fetched again.
#pragma once

#include "mailctl/exchange/maps/front_maps.hpp"
#include "mailctl/os/paths.hpp"
#include "mailctl/store/database.hpp"

#include <functional>
#include <memory>

namespace mailctl {

struct FrontState {
    std::int64_t generation = 0; // that was taken; 0: none yet
    std::string sha256;          // of that generation, its 32 bytes
    std::string settings;        // of the site, as published
    FrontNodes nodes;
    std::string maps_stamp; // of the maps as they were left; "": they may be those of no generation
    bool operator==(const FrontState&) const = default;
};

class FrontBook {
  public:
    // Makes it where it is missing or was another version's.
    [[nodiscard]] static Result<FrontBook> open(const Paths& paths);

    // All that follows up to commit() happens together or not at all.
    [[nodiscard]] Status begin();
    [[nodiscard]] Status commit();

    [[nodiscard]] Result<FrontState> state();
    [[nodiscard]] Status put_state(const FrontState& state);
    [[nodiscard]] Result<std::optional<FrontDomain>> find(const DomainName& name);
    [[nodiscard]] Status put(const FrontDomain& domain);
    [[nodiscard]] Status remove(const DomainName& name);
    [[nodiscard]] Status clear(); // of domains
    // In the order of their names.
    [[nodiscard]] Status each(const std::function<Status(const FrontDomain&)>& take);

  private:
    explicit FrontBook(std::unique_ptr<Database> database) : database_(std::move(database)) {}
    std::unique_ptr<Database> database_;
    std::optional<SqlTransaction> transaction_; // ends before the database
};

} // namespace mailctl
