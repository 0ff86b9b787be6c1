// Lookup: everything the resolver may ask. Two implementations answer alike for every address: ModelLookup over parsed
// domain files, and the compiled directory (system/directory). One property test holds them together.
// Absent is nullopt; an Error means "could not find out" and always ends as a temporary failure.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mailctl {

// How the name that was asked for relates to the domain that answers.
enum class DomainRelation { itself, alias, alternate };

struct DomainEntry {
    DomainName name; // the real name
    DomainRelation relation = DomainRelation::itself;
    bool suspended = false;
    UnknownAction unknown;
    std::vector<Ban> patterns; // banished patterns in file order
    bool operator==(const DomainEntry&) const = default;
};

struct MailboxEntry {
    std::string mailbox; // its own local part; an alias asked for finds this entry too
    ByteCount quota;
    bool store = true;
    std::vector<Address> forward; // user's layer, then the administrator's
    std::optional<Suspension> suspend;
    bool operator==(const MailboxEntry&) const = default;
};
struct ForwardEntry {
    std::vector<Address> to;
    bool operator==(const ForwardEntry&) const = default;
};
// Names whose behaviour is not built yet: mail for them is deferred, never lost.
struct PendingEntry {
    enum class Kind { robot, list } kind = Kind::robot;
    bool operator==(const PendingEntry&) const = default;
};
using NameEntry = std::variant<MailboxEntry, ForwardEntry, PendingEntry>;

class Lookup {
  public:
    virtual ~Lookup() = default;
    // Through domain aliases and the alternate domain, mapped once.
    virtual Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const = 0;
    // `domain` is a real name from find_domain; `local_key` is folded.
    virtual Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view local_key) const = 0;
    // Exact banished names only; patterns come with the DomainEntry.
    virtual Result<std::optional<BanAnswer>> find_banished(const DomainName& domain,
                                                           std::string_view local_key) const = 0;
};

// The rows a domain contributes to the compiled directory and to ModelLookup alike.
[[nodiscard]] DomainEntry domain_entry(const Domain& domain, DomainRelation relation);
// key: folded local part, aliases included. Where a name is claimed twice the entity wins over the alias.
[[nodiscard]] std::map<std::string, NameEntry> name_entries(const Domain& domain);
// Exact names only; the first of two entries for one name counts.
[[nodiscard]] std::map<std::string, BanAnswer> banished_entries(const Domain& domain);

// Lookup over models in memory; it copies what it needs. A real name wins over an alias, an alias over an alternate
// name, and of two claims of one kind the domain that sorts first wins (validate refuses such a site).
class ModelLookup final : public Lookup {
  public:
    using Domains = std::map<DomainName, Domain>;
    ModelLookup(const Site& site, const Domains& domains);
    Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const override;
    Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view local_key) const override;
    Result<std::optional<BanAnswer>> find_banished(const DomainName& domain, std::string_view local_key) const override;

  private:
    struct Rows {
        DomainEntry entry;
        std::map<std::string, NameEntry> names;
        std::map<std::string, BanAnswer> banished;
    };
    struct OtherName {
        DomainName real;
        DomainRelation relation;
    };
    std::map<DomainName, Rows> rows_;
    std::map<DomainName, OtherName> other_names_;
};

} // namespace mailctl
