// SPDX-License-Identifier: Apache-2.0
// `mailctl node pull`: a node takes what is published for it and brings it into force by the path of every change. What
// it serves is in its own files, so that it serves on without the database.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace mailctl {

class DirectoryReader;

class NodePuller {
  public:
    NodePuller(const World& world, std::string node, std::string version);
    ~NodePuller();

    // What was published since; nothing to change where nothing was. What became of it is reported to the database.
    // temporary: the database cannot be reached; conflict: it is older than what is in force here, or srs.secret is
    // another than the administration host's. Then all stays as it is.
    [[nodiscard]] Result<Report> pull(const ChangeOptions& options);
    // Until something is published, or that time is over.
    void wait(std::chrono::milliseconds time);

  private:
    [[nodiscard]] Result<Report> fetch(const ChangeOptions& options);
    void carry(Report& report, std::int64_t generation) const;

    const World& world_;
    std::string node_, version_;
    std::unique_ptr<DirectoryReader> reader_; // none: not connected
    std::string candidates_;                  // as they were reported last
};

} // namespace mailctl
