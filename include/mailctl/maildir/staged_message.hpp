// SPDX-License-Identifier: Apache-2.0
// A message on its way into Maildirs: staged (written to tmp/ and fsynced, invisible), named (in new/, never replacing
// anything), then synced (the directory fsynced): what sync() reports as done survives a power cut. A crash between
// leaves no part of a message in new/, and at worst one copy more after the client tries again. Naming several copies
// before the first sync lets them share the file system's work.
#pragma once

#include "mailctl/mail/maildir_name.hpp"
#include "mailctl/maildir/maildir.hpp"
#include "mailctl/os/message_content.hpp"

#include <cstdint>

namespace mailctl {

// A copy that is visible in new/ but perhaps not yet on the disk.
class NamedMessage {
  public:
    NamedMessage(FileDescriptor directory, std::string path)
        : directory_(std::move(directory)), path_(std::move(path)) {}
    // fsync of new/. After a failure the message may stay visible all the same: the answer must be "try again".
    [[nodiscard]] Status sync();

  private:
    FileDescriptor directory_;
    std::string path_;
};

// A complete, fsynced file in tmp/. Destroying it removes that file, unless name() was called.
class StagedMessage {
  public:
    // Writes `prefix` and the content into tmp/ of `place` and fsyncs the file.
    static Result<StagedMessage> stage(const MailStore& store, Maildir place, std::string_view prefix,
                                       const MessageContent& content, Instant when);
    StagedMessage(StagedMessage&& other) noexcept;
    StagedMessage& operator=(StagedMessage&&) = delete;
    ~StagedMessage();

    // Into new/ of the place it was staged in. Once only, and last.
    [[nodiscard]] Result<NamedMessage> name();
    // A copy of the same bytes into new/ of another mailbox or folder: a hard link, or where none can be made (another
    // file system) a file of its own.
    [[nodiscard]] Result<NamedMessage> name_also(const MailStore& store, Maildir place) const;
    [[nodiscard]] Result<NamedMessage> name_also(const MailStore& store, const Address& mailbox) const; // its INBOX

    [[nodiscard]] ByteCount size() const { return ByteCount{size_}; } // as stored: what quota counts
    [[nodiscard]] const Maildir& place() const { return place_; }

  private:
    StagedMessage(Maildir place, UniqueName name, std::uint64_t size, std::uint64_t virtual_size)
        : place_(std::move(place)), name_(std::move(name)), unique_(format_unique_name(name_)), size_(size),
          virtual_size_(virtual_size) {}
    void take_number(std::uint64_t counter) {
        name_.counter = counter;
        unique_ = format_unique_name(name_);
    }
    [[nodiscard]] std::string tmp_path() const { return "tmp/" + unique_; }
    [[nodiscard]] std::string new_name() const { return add_sizes(unique_, size_, virtual_size_); }
    template <class Write>
    static Result<StagedMessage> create(const MailStore& store, StagedMessage staged, const Write& write);
    // false: no hard link can be made there.
    [[nodiscard]] Result<bool> link_into(int directory, const std::string& path) const;
    [[nodiscard]] Result<NamedMessage> copy_into(const MailStore& store, Maildir place) const;

    Maildir place_;
    UniqueName name_;
    std::string unique_; // the name, formatted
    std::uint64_t size_, virtual_size_;
    bool in_tmp_ = false;
};

} // namespace mailctl
