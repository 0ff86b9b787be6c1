// SPDX-License-Identifier: Apache-2.0
// Lookup: everything the resolver may ask. Two implementations answer alike for every address: ModelLookup over parsed
// domain files, and the compiled directory (store/directory). One property test holds them together.
// Absent is nullopt; an Error means "could not find out" and always ends as a temporary failure.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
    std::string relay_to = {}; // "host:port" of the customer's own server
    bool operator==(const DomainEntry&) const = default;
};

struct MailboxEntry {
    std::string mailbox; // its own local part; an alias asked for finds this entry too
    ByteCount quota;
    bool store = true;
    std::vector<Address> forward; // user's layer, then the administrator's
    std::optional<Suspension> suspend;
    bool has_autoreply = false; // switched on and with something to say
    bool operator==(const MailboxEntry&) const = default;
};
struct ForwardEntry {
    std::vector<Address> to;
    bool operator==(const ForwardEntry&) const = default;
};
struct RobotEntry {
    bool answers = false; // switched on and with something to say
    std::vector<Address> copy_to;
    bool operator==(const RobotEntry&) const = default;
};
struct ListEntry {
    std::vector<Address> members;
    Posters post;
    bool operator==(const ListEntry&) const = default;
};
struct ElsewhereEntry {
    std::string node; // that has its mail
    bool operator==(const ElsewhereEntry&) const = default;
};
using NameEntry = std::variant<MailboxEntry, ForwardEntry, RobotEntry, ListEntry, ElsewhereEntry>;

// What a robot or the autoreply of a mailbox says, and to whom it belongs. Asked for only when a message may be
// answered.
struct ResponderEntry {
    enum class Kind { robot, autoreply } kind = Kind::robot;
    std::vector<std::string> own_names; // folded local parts of the domain: itself, then aliases
    std::string name;                   // of the mailbox's person; "" = none
    std::string from, subject, message, html;
    std::vector<std::string> attach; // names of files below the attachments directory
    std::optional<Date> start, end;  // inclusive
    Age every{};
    bool operator==(const ResponderEntry&) const = default;
};

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
    // `local_key`: a robot's own name, or a mailbox's.
    virtual Result<std::optional<ResponderEntry>> find_responder(const DomainName& domain,
                                                                 std::string_view local_key) const = 0;
    // Whether the name was recorded as a candidate. Candidates are state, not configuration: a lookup over
    // configuration alone knows none.
    virtual Result<bool> is_candidate(const DomainName& /*domain*/, std::string_view /*local_key*/) const {
        return false;
    }
};

// The entry of `banished` that takes a name: exact, then the first pattern that matches.
[[nodiscard]] Result<std::optional<Ban>> find_ban(const Lookup& lookup, const DomainEntry& domain,
                                                  const std::string& local_key);

// The rows a domain contributes to the compiled directory and to ModelLookup alike.
[[nodiscard]] DomainEntry domain_entry(const Domain& domain, DomainRelation relation);
// key: folded local part, aliases included. Where a name is claimed twice the entity wins over the alias.
// A list "sales" also makes the name "sales-owner" unless somebody holds it: where its bounces go.
[[nodiscard]] std::map<std::string, NameEntry> name_entries(const Domain& domain);
// key: the robot's or the mailbox's own name; only those that are switched on and have something to say.
[[nodiscard]] std::map<std::string, ResponderEntry> responder_entries(const Domain& domain);
// "sales-owner": the envelope sender of what a list sends, and where bounces come back to.
[[nodiscard]] std::string list_owner_name(std::string_view list);
// Exact names only; the first of two entries for one name counts.
[[nodiscard]] std::map<std::string, BanAnswer> banished_entries(const Domain& domain);

// Lookup over models in memory, which must outlive it: a site of a million mailboxes is not held twice. A real name
// wins over an alias, an alias over an alternate name, and of two claims of one kind the domain that comes first wins
// (validate refuses such a site).
class ModelLookup final : public Lookup {
  public:
    using Domains = std::map<DomainName, Domain>;
    ModelLookup(const Site& site, const Domains& domains);
    ModelLookup(const Site& site, Domains&& domains) = delete;
    ModelLookup(const Site& site, std::span<const Domain* const> domains);
    Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const override;
    Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view local_key) const override;
    Result<std::optional<BanAnswer>> find_banished(const DomainName& domain, std::string_view local_key) const override;
    Result<std::optional<ResponderEntry>> find_responder(const DomainName& domain,
                                                         std::string_view local_key) const override;

  private:
    struct Indexed {
        explicit Indexed(const Domain& indexed);
        const Domain* domain;
        std::unordered_map<std::string_view, const std::pair<const std::string, Mailbox>*> aliases;
        std::map<std::string, BanAnswer> banished;
    };
    struct OtherName {
        DomainName real;
        DomainRelation relation;
    };
    std::map<DomainName, Indexed> domains_;
    std::map<DomainName, OtherName> other_names_;
};

} // namespace mailctl
