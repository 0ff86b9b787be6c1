// Many files that change together: each is written beside its target, all are made durable, then each takes its place.
#pragma once

#include "mailctl/os/files.hpp"

#include <map>

namespace mailctl {

class StagedFiles {
  public:
    // `count`: how many there will be about. Waiting once for the file system costs less than waiting for each of many.
    explicit StagedFiles(std::size_t count);
    StagedFiles(StagedFiles&&) = default;
    StagedFiles& operator=(StagedFiles&&) = delete;
    ~StagedFiles(); // what was not published is removed

    // As stage_file. Durable after flush() only.
    [[nodiscard]] Status stage(const std::string& target, std::string_view content, const FileMode& mode);
    // A write that failed meanwhile, in the background too, is an error here (syncfs(2), since Linux 5.8).
    [[nodiscard]] Status flush() const;
    // rename(2) of each in the order in which they were staged, then fsync of their directories. What was published
    // when one fails stays.
    [[nodiscard]] Status publish();

  private:
    Flush flush_;
    std::map<std::string, FileDescriptor> directories_; // open since before the first file in them was written
    std::vector<std::string> targets_;                  // not published
};

} // namespace mailctl
