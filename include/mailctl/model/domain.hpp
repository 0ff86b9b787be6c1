// SPDX-License-Identifier: Apache-2.0
// Domain: what one domain file says (specification 3), as plain values. Every key of the format is here from the start,
// also those that later versions act on: the format is the interface. Names of entities are folded local parts.
#pragma once

#include "mailctl/base/rare.hpp"
#include "mailctl/base/units.hpp"
#include "mailctl/model/posters.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mailctl {

enum class DomainState { active, suspended };
enum class BanAnswer { discard, reject };
enum class SuspendedReceive { accept, reject, defer, hold };

// `unknown = { action = ... }`: what happens to names nobody claims.
struct UnknownAction {
    enum class Kind { reject, discard, redirect, domain, candidate, elsewhere };
    Kind kind = Kind::reject;
    std::vector<Address> to;          // redirect
    std::optional<DomainName> domain; // domain: the same local part is tried there
    std::string node = {};            // elsewhere: the machine that decides
    bool operator==(const UnknownAction&) const = default;
};

struct Dmarc {
    std::string policy = "none"; // none | quarantine | reject
    std::string report_to;
    bool operator==(const Dmarc&) const = default;
};

struct TlsFiles {
    std::string certificate;
    std::string key;
    bool operator==(const TlsFiles&) const = default;
};

struct DomainLimits { // 0 = no limit
    unsigned mailboxes = 0, aliases = 0, forwards = 0, robots = 0, lists = 0;
    ByteCount quota;
    ByteCount mailbox_quota = {}; // of a new mailbox; 0 = the site's
    bool operator==(const DomainLimits&) const = default;
};

struct Suspension {
    bool login = false; // true: nobody can log in
    SuspendedReceive receive = SuspendedReceive::accept;
    std::string reason;
    std::optional<Date> until; // last day on which the suspension holds
    bool operator==(const Suspension&) const = default;
};

struct Autoreply {
    bool enabled = true;
    std::string from, subject, message, html;
    std::vector<std::string> attach;
    std::optional<Date> start, end;
    Age every = std::chrono::days{7};
    bool operator==(const Autoreply&) const = default;
};

struct Mailbox {
    std::string name;                    // a person's, not the address
    std::optional<std::string> password; // "{SCHEME}hash"; absent = nobody can log in
    ByteCount quota;                     // 0 = no limit
    std::vector<std::string> aliases;    // folded local parts of this domain
    std::vector<Address> forward;        // the user's own
    std::vector<Address> copy_to;        // the administrator's; the user does not see it
    bool store = true;
    std::optional<Address> recovery;
    std::optional<Suspension> suspend;
    Rare<Autoreply> autoreply;
    std::string node;
    std::string move_to; // the node that it is on its way to; "" = it stays
    bool operator==(const Mailbox&) const = default;
};

struct Forward {
    std::vector<Address> to;
    bool operator==(const Forward&) const = default;
};

struct Robot {
    bool enabled = true;
    std::string from, subject, message, html;
    std::vector<std::string> attach;
    std::vector<Address> copy_to;
    Age every = std::chrono::days{1};
    bool operator==(const Robot&) const = default;
};

struct List {
    std::vector<Address> members;
    Posters post;
    std::optional<Address> owner;
    bool operator==(const List&) const = default;
};

struct Ban {
    std::string name; // folded; with * or ? it is a pattern
    BanAnswer answer = BanAnswer::discard;
    [[nodiscard]] bool is_pattern() const { return name.find_first_of("*?") != std::string::npos; }
    bool operator==(const Ban&) const = default;
};

// A name of the domain whose mail lives on another machine. In the files of nodes only: `node pull` writes it.
struct Elsewhere {
    std::string node;
    bool operator==(const Elsewhere&) const = default;
};

// The tables [domain] and [domain.*]: what a domain says of itself.
struct DomainSettings {
    std::string owner;
    std::vector<DomainName> aliases;
    DomainState state = DomainState::active;
    std::string source_ip;        // "", "auto" or an address
    std::string source_ip_chosen; // of "auto": the one that was drawn, once; "" = none yet
    std::string relay_to;         // "host:port"
    std::string node;
    std::string move_to; // the node that it is on its way to, with the mailboxes that live where it does; "" = it stays
    UnknownAction unknown;
    std::optional<Dmarc> dmarc;
    std::optional<TlsFiles> tls;
    DomainLimits limits;
    bool operator==(const DomainSettings&) const = default;
};

struct Domain : DomainSettings {
    DomainName name;
    std::map<std::string, Mailbox> mailboxes;
    std::map<std::string, Forward> forwards;
    std::map<std::string, Robot> robots;
    std::map<std::string, List> lists;
    std::map<std::string, Elsewhere> elsewhere;
    std::vector<Ban> banished; // in the order of the file; the first matching pattern decides

    explicit Domain(DomainName domain_name) : name(std::move(domain_name)) {}
    bool operator==(const Domain&) const = default;
};

// Who holds a folded local part in this domain, as messages name it: "mailbox 'paul'", "alias of mailbox 'paul'".
// Absent = free. Banished exact names count; patterns do not.
[[nodiscard]] std::optional<std::string> holder_of(const Domain& domain, std::string_view local_key);
// What the mailboxes with a quota may hold together: what `limits.quota` is compared with.
[[nodiscard]] ByteCount total_quota(const Domain& domain);
// The name that receives what no other name claims.
inline constexpr std::string_view catchrest_name = "catchrest";
// Whether `suspension` holds on `today` (until is inclusive).
[[nodiscard]] bool in_force(const Suspension& suspension, Date today);
// Whether a suspension, in force or not, says that mail is held.
[[nodiscard]] bool holds_mail(const Mailbox& mailbox);
// The name under the site's alternate suffix: "my-domain.zz" and "backup.example.net" give
// "my-domainzz.backup.example.net".
[[nodiscard]] DomainName alternate_name(const DomainName& domain, const DomainName& suffix);

} // namespace mailctl
