// SPDX-License-Identifier: Apache-2.0
// Mail kept apart until somebody decides: of candidates in DOMAIN/.candidates/LOCAL, of suspended mailboxes in
// DOMAIN/.held/LOCAL, a Maildir each; and in DOMAIN/.banished/LOCAL what was held for candidates that were banished, so
// that it can come back. What lies there needs the lock of the candidates. Deliveries name their messages under a
// shared lock of the domain, whoever moves or drops mail holds it alone: together with a look at the directory's
// generation no message stays behind.
#pragma once

#include "mailctl/maildir/maildir.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace mailctl {

enum class HeldFor { candidate, suspended, banished };

// "example.com/.candidates": where a domain's held mail is, below the mail root.
[[nodiscard]] std::string held_area(HeldFor why, const DomainName& domain);
// "example.com/.candidates/paul", below the mail root; as mailbox_directory writes names.
[[nodiscard]] std::string held_directory(HeldFor why, const Address& name);

// How long one piece of work waits for locks, for all of them together: anybody who can open the file can keep it
// locked for ever. Each lock is tried once at least.
class LockPatience {
  public:
    explicit LockPatience(std::chrono::milliseconds all) : left_(all) {}

  private:
    friend class HeldLock;
    std::chrono::steady_clock::duration left_;
};

// A lock on '.lock' beside the Maildirs of one domain, in turn: who wants it alone is waited for by those who come
// after him. A holder that died blocks nobody.
class HeldLock {
  public:
    enum class Kind { shared, alone };
    // temporary: not obtained within `patience`. Makes the directories.
    static Result<HeldLock> acquire(const MailStore& store, HeldFor why, const DomainName& domain, Kind kind,
                                    std::chrono::milliseconds patience);
    // The same, with no more than `most` of what is left of it.
    static Result<HeldLock> acquire(const MailStore& store, HeldFor why, const DomainName& domain, Kind kind,
                                    LockPatience& patience,
                                    std::chrono::milliseconds most = std::chrono::milliseconds::max());

  private:
    explicit HeldLock(FileDescriptor fd) : fd_(std::move(fd)) {}
    FileDescriptor fd_;
};

[[nodiscard]] Result<std::optional<Maildir>> find_held(const MailStore& store, HeldFor why, const Address& name);
// Made if absent, with cur, new and tmp, durably.
[[nodiscard]] Result<Maildir> open_held(const MailStore& store, HeldFor why, const Address& name);
// Names that have a directory, sorted; none where the domain has no held mail. What is not named as held_directory
// names it is nobody's.
[[nodiscard]] Result<std::vector<Address>> held_names(const MailStore& store, HeldFor why, const DomainName& domain);

struct HeldCount {
    std::uint64_t messages = 0, bytes = 0;
};
struct HeldMessage {
    ByteCount size;
    Instant arrived;
};
// What lies there; nothing where there is no such place.
[[nodiscard]] Result<std::vector<HeldMessage>> held_messages(const MailStore& store, HeldFor why, const Address& name);
[[nodiscard]] Result<HeldCount> count_held(const MailStore& store, HeldFor why, const Address& name);

// All need the lock alone, and may be repeated by whoever finds them half done. The number of messages.
//
// Into `mailbox` by rename: base names, flags and dates stay. The directory is removed, and the mailbox's usage is
// counted anew by its next reader.
[[nodiscard]] Result<std::size_t> release_held(const MailStore& store, HeldFor why, const Address& name,
                                               const Address& mailbox);
// What is held for `from` is held for `to`, of whichever domain: the locks of both.
[[nodiscard]] Status rename_held(const MailStore& store, HeldFor why, const Address& from, const Address& to);
// The place of a domain that is no more goes, with its lock, if nothing else lies there.
[[nodiscard]] Status remove_held_area(const MailStore& store, HeldFor why, const DomainName& domain);
// What is held for the name for one reason is held for another, from now on.
[[nodiscard]] Result<std::size_t> keep_for(const MailStore& store, HeldFor was, HeldFor becomes, const Address& name);
// Since when something is held there; nullopt: nothing is.
[[nodiscard]] Result<std::optional<Instant>> held_since(const MailStore& store, HeldFor why, const Address& name);
[[nodiscard]] Result<std::size_t> drop_held(const MailStore& store, HeldFor why, const Address& name);

} // namespace mailctl
