// SPDX-License-Identifier: Apache-2.0
// The compiled directory (LMDB): what the agent reads instead of TOML. Only the rows of changed domains are rewritten;
// the writer is `mailctl`, one transaction per change, readers never wait and see a new state with their next
// transaction. Holds no password hashes. The agent's user may write LMDB's reader table (lock.mdb), never the data. One
// tree; the first byte of a key is its table: meta (schema, generation, site), sources (domain -> SourceStamp and the
// other names it claims and mentions), domains (name NUL relation real-name -> DomainEntry), mentions (name NUL
// real-name of who mentions it), banished, responders and names (domain NUL local part).
#pragma once

#include "mailctl/os/files.hpp"
#include "mailctl/routing/mentions.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace mailctl {

struct SourceStamp { // the domain file a domain was compiled from
    FileStamp stamp;
    std::string digest; // of the text, hex
    bool operator==(const SourceStamp&) const = default;
};

struct DomainChange {
    DomainName name;
    std::optional<Domain> domain; // nullopt: remove
    SourceStamp source;
    // Set: both hold a part of the domain's accounts only, the same names claimed by nobody else before and after, and
    // all else that the domain says. Rows of the other accounts stay.
    const Domain* part_before = nullptr;
};

// A consistent view: all answers of one snapshot are of one generation. Cheap: no system call in the usual case.
// Not for use by two threads at once; make one per transaction, and keep it no longer: LMDB cannot reuse the pages it
// sees.
class DirectorySnapshot : public LinkedLookup {
  public:
    [[nodiscard]] virtual std::uint64_t generation() const = 0;
    [[nodiscard]] virtual Result<Site> site() const = 0; // as compiled
    // What a domain was compiled from; nullopt: no such domain.
    [[nodiscard]] virtual Result<std::optional<SourceStamp>> find_source(const DomainName& real) const = 0;
    // For completion, sorted: real names of domains that begin so, `most` of them; and the local parts of a domain that
    // begin so, with what they are.
    using NamedEntry = std::pair<std::string, NameEntry>;
    [[nodiscard]] virtual Result<std::vector<DomainName>> domains_beginning(std::string_view text,
                                                                            std::size_t most) const = 0;
    [[nodiscard]] virtual Result<std::vector<NamedEntry>> names_beginning(const DomainName& real,
                                                                          std::string_view text) const = 0;
};

// May be used by many threads, update() by one. LMDB forbids a file to be open twice in one process, so a second open
// of the same path shares the first one's environment; asking to update what this process has open read-only is
// temporary.
class Directory {
  public:
    // Read-only. missing: not compiled yet; temporary: cannot be opened. `path` is the LMDB directory.
    static Result<Directory> open(const std::string& path);
    // For `mailctl`; created when absent. Caller holds the site lock. `group` (the mail group) gets to read the data
    // and to write the reader table; used where we may give files away.
    static Result<Directory> open_for_update(const std::string& path, std::optional<gid_t> group = {});

    // Notices, within a second, that the directory was replaced, and opens the new one. temporary: gone, damaged, or
    // compiled by another version.
    [[nodiscard]] Result<std::unique_ptr<DirectorySnapshot>> snapshot() const;
    // Of a directory of another version (see needs_full_compile) both answer as of an empty one.
    [[nodiscard]] Result<std::vector<std::pair<DomainName, SourceStamp>>> sources() const; // by name
    [[nodiscard]] Result<std::vector<DomainName>> domains() const;                         // real names, sorted
    // Nothing compiled yet, compiled by another version, or with another alternate suffix: update() wants every domain
    // then.
    [[nodiscard]] Result<bool> needs_full_compile(const Site& site) const;
    // All changes and the generation, atomically and durably. Rows that did not change are not written. conflict:
    // needs_full_compile, and a compiled domain is not among the changes.
    Status update(const Site& site, std::span<const DomainChange> changes, std::uint64_t generation);

    Directory(Directory&&) noexcept;
    Directory& operator=(Directory&&) noexcept;
    ~Directory();

  private:
    struct Impl;
    explicit Directory(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace mailctl
