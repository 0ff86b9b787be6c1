// The compiled directory (LMDB): what the agent reads instead of TOML. Only the rows of changed domains are rewritten; the
// writer is `mailctl`, one transaction per change, readers never wait and see a new state with their next transaction.
// Holds no password hashes. The agent's user may write LMDB's reader table (lock.mdb), never the data.
// Tables: meta (schema, generation, site settings), domains (name -> DomainEntry or the real name it stands for),
// names (domain NUL local part -> NameEntry), banished (domain NUL local part -> answer), sources (domain -> SourceStamp).
#pragma once

#include "mailctl/routing/lookup.hpp"
#include "mailctl/system/files.hpp"

#include <memory>
#include <span>

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
};

// A consistent view: all answers of one snapshot are of one generation. Cheap: no system call in the usual case.
// Not for use by two threads at once; make one per transaction.
class DirectorySnapshot : public Lookup {
  public:
    [[nodiscard]] virtual std::uint64_t generation() const = 0;
    [[nodiscard]] virtual Result<Site> site() const = 0; // as compiled; only what the agent needs is kept
};

class Directory {
  public:
    // Read-only. missing: not compiled yet; temporary: cannot be opened. `path` is the LMDB directory.
    static Result<Directory> open(const std::string& path);
    // For `mailctl`; created when absent. Caller holds the site lock.
    static Result<Directory> open_for_update(const std::string& path);

    [[nodiscard]] Result<std::unique_ptr<DirectorySnapshot>> snapshot() const;
    [[nodiscard]] Result<std::optional<SourceStamp>> find_source(const DomainName& domain) const;
    [[nodiscard]] Result<std::vector<DomainName>> domains() const;
    // All changes and the generation, atomically and durably. Rows that did not change are not written.
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
