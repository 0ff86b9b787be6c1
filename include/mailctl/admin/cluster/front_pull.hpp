// SPDX-License-Identifier: Apache-2.0
// `mailctl node pull --front`: a front end takes the machines, the domains and all names, and makes its maps of them.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace mailctl {

class DirectoryReader;

class FrontPuller {
  public:
    FrontPuller(const World& world, std::string version);
    ~FrontPuller();

    // What was published since, and maps that are not what they should be. What became of it is reported to the
    // database under the site's hostname. temporary: the database cannot be reached; conflict: it is older than what is
    // in force here. Then all stays as it is.
    [[nodiscard]] Result<Report> pull(const ChangeOptions& options);
    // Until something is published, or that time is over.
    void wait(std::chrono::milliseconds time);

  private:
    [[nodiscard]] Result<Report> fetch(const ChangeOptions& options);

    const World& world_;
    std::string version_;
    std::unique_ptr<DirectoryReader> reader_; // none: not connected
};

} // namespace mailctl
