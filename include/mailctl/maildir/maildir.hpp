// SPDX-License-Identifier: Apache-2.0
// Maildirs below the mail root: DOMAIN/LOCAL/{cur,new,tmp}, and Maildir++ folders as '.Folder' inside them. Everything
// goes through directory descriptors: no symbolic link below the root is followed, nothing at or above the root is
// made. A missing mail root is temporary, for it may only be unmounted; a missing mailbox directory is made on demand.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/address.hpp"
#include "mailctl/os/files.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <sys/types.h>

namespace mailctl {

struct MailOwner { // whom new files and directories belong to; only root can give them away
    uid_t user;
    gid_t group;
};

// "example.com/paul": directory of a mailbox below the mail root. Bytes of the folded local part that do not belong in
// a file name, a leading '.' and '%' become %XX: every address has a directory of its own and none leaves the root.
[[nodiscard]] std::string mailbox_directory(const Address& mailbox);

// A Maildir or one of its folders, opened: what is done through it happens there, whatever is renamed meanwhile.
class Maildir {
  public:
    Maildir(FileDescriptor directory, std::string path) : directory_(std::move(directory)), path_(std::move(path)) {}
    [[nodiscard]] int directory() const { return directory_.get(); } // O_PATH
    [[nodiscard]] const std::string& path() const { return path_; }  // below the mail root, for messages

  private:
    FileDescriptor directory_;
    std::string path_;
};

// The mail root for the time of one transaction: opened anew each time, because what is mounted there may change.
class MailStore {
  public:
    // temporary: the root is not there or cannot be opened. `host` goes into the names of message files.
    static Result<MailStore> open(const std::string& root, std::string host, std::optional<MailOwner> owner = {});

    [[nodiscard]] Result<std::optional<Maildir>> find_mailbox(const Address& mailbox) const;
    // Asked by open_mailbox() when it has made a Maildir that was missing: an Error says that the mailbox was renamed
    // or deleted in the meantime; what was made is taken away again, and nothing is delivered to a place that nobody
    // reads.
    using Confirm = std::function<Status(const Address&)>;
    void confirm_new(Confirm confirm) { confirm_ = std::move(confirm); }
    // Makes it if absent, with cur, new and tmp, mode 0700, everything fsynced. Any number may do so at once.
    [[nodiscard]] Result<Maildir> open_mailbox(const Address& mailbox) const;
    // The folder that a +detail names. nullopt: there is none, the mail goes to INBOX (specification 4, step 4).
    [[nodiscard]] Result<std::optional<Maildir>> find_folder(const Maildir& mailbox, const std::string& detail) const;
    // cur, new and tmp where one of them is missing.
    [[nodiscard]] Status complete(const Maildir& place) const;
    // "new" of a mailbox, open for linking into and syncing; the mailbox is made if absent.
    [[nodiscard]] Result<FileDescriptor> open_new(const Address& mailbox) const;

    [[nodiscard]] Status create_mailbox(const Address& mailbox) const;
    // Many at once, with one sync of the file system instead of several for each.
    [[nodiscard]] Status create_mailboxes(std::span<const Address> mailboxes) const;
    // Removes the directory of a domain, if it is empty by now and can be removed.
    [[nodiscard]] Status remove_domain_directory(const DomainName& domain) const;

    [[nodiscard]] const std::string& host() const { return host_; }
    [[nodiscard]] const std::string& path() const { return path_; } // of the root
    [[nodiscard]] Result<FileDescriptor> open_root() const;         // for reading and syncing
    // A directory right below `parent`, made with mode 0700 if absent.
    [[nodiscard]] Result<FileDescriptor> open_or_make(const FileDescriptor& parent, const std::string& name) const;
    // One right below the root: a link that an administrator put there is followed (see moving).
    [[nodiscard]] Result<FileDescriptor> open_or_make_top(const FileDescriptor& root, const std::string& name) const;
    // chown(2) to the owner of the store, if it has one.
    [[nodiscard]] Status give(int fd, const std::string& path) const;

  private:
    MailStore(FileDescriptor root, std::string path, std::string host, std::optional<MailOwner> owner)
        : root_(std::move(root)), path_(std::move(path)), host_(std::move(host)), owner_(owner) {}
    void unmake(int domain, const std::string& name) const;
    Status make(int parent, const std::string& name) const;
    Status make_unsynced(const FileDescriptor& root, const Address& mailbox) const;

    FileDescriptor root_; // O_PATH
    std::string path_, host_;
    std::optional<MailOwner> owner_;
    Confirm confirm_;
};

// Removes the files in tmp/ that nobody touched for 36 hours (maildir(5)): what crashed writers left. Links and
// directories stay. Never fails; the number removed.
std::size_t remove_stale_files(const Maildir& place, Instant now);
[[nodiscard]] std::size_t count_stale_files(const Maildir& place, Instant now); // the same, and they stay

} // namespace mailctl
