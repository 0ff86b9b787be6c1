// SPDX-License-Identifier: Apache-2.0
// Many files that change together: each is written beside its target, all are made durable, then each takes its place.
#pragma once

#include "mailctl/os/files.hpp"

#include <functional>
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
    // The same, but a target that is no longer what `expected` says keeps what somebody else has put there meanwhile,
    // and is named in `kept`; what was staged for it is dropped.
    using Expected = std::map<std::string, std::optional<FileStamp>>; // nullopt: there was no file
    [[nodiscard]] Status publish(const Expected& expected, std::vector<std::string>& kept);

  private:
    Status publish_each(const std::function<Status(const std::string& target)>& put_in_place);

    Flush flush_;
    std::map<std::string, FileDescriptor> directories_; // open since before the first file in them was written
    std::vector<std::string> targets_;                  // not published
};

// False: `target` is no longer what `expected` says, and stays. Looks after the exchange, so that an edit that lands
// between a look and a rename is not lost; where the file system exchanges nothing, before it.
[[nodiscard]] Result<bool> rename_unless_changed(const std::string& staged, const std::string& target,
                                                 const std::optional<FileStamp>& expected);
// The same for a file that is to go.
[[nodiscard]] Result<bool> remove_unless_changed(const std::string& target, const std::optional<FileStamp>& expected);

} // namespace mailctl
