// SPDX-License-Identifier: Apache-2.0
// The files that Postfix and Dovecot read, as text (specification 6). No time stamp and no generation number stands in
// them: the same domains give the same bytes, so a map that did not change is not installed again.
// postmap(1) warns where it should fail; so rows are one line each, sorted, every key once, quoted where needed, and
// what no row can say is a pattern.
#pragma once

#include "mailctl/routing/resolve.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace mailctl {

struct MapRow {
    std::string key, value;
    auto operator<=>(const MapRow&) const = default;
};

enum class MapKind {
    indexed, // a Postfix table that `postmap` builds an index of
    sni,     // the same, with `postmap -F`: the index holds private keys
    text,    // read as it is: regexp tables, Dovecot's files, fragments
};
struct MapFile {
    std::string name; // "mailboxes", "transport-patterns", "dovecot-users", "main.cf"
    std::string text;
    MapKind kind = MapKind::text;
    unsigned mode = 0644; // of the file and of its index; 0640 with password hashes, 0600 with private keys
    bool is_rows = false; // each line stands for itself, in any order
    bool operator==(const MapFile&) const = default;
};

// What the maps say about this machine; the administrator's side knows it, this floor does not look.
struct MapContext {
    std::string maps;                // directory where the maps are installed
    std::string mail;                // mail root
    std::string lmtp_socket;         // the agent's
    std::string sasl_socket;         // where Dovecot tells Postfix who a user is
    std::string policy_service = {}; // where Postfix asks the agent at RCPT, "unix:/run/policy.sock"; "" = it does not
    std::string root;                // --root DIR of the site; "" = system paths
    std::string deliver_program = "/usr/bin/mailctl-deliver";
    std::string database_type = "lmdb";                           // of indexed maps: "lmdb", "cdb", "hash", "texthash"
    DovecotVersion dovecot = DovecotVersion::v23;                 // 2.3 or 2.4, whichever the site says
    std::function<std::string(const Address&)> mailbox_directory; // below the mail root: "example.com/paul"
    unsigned uid = 0, gid = 0;                                    // owner of mail
    std::string dkim_directory;                                   // of the domains' keys
    // The DKIM selectors of a domain; none = nothing is signed.
    std::function<Result<std::vector<DkimSelector>>(const DomainName&)> find_selectors = {};
    // Names of the services in master.cf as Postfix sees it; nullopt: it cannot be asked. Empty: nobody asks.
    std::function<std::optional<std::set<std::string>>()> find_services = {};
    std::function<void(std::string)> doubt = {}; // takes a line about what is left out
    Date today{}; // Postfix mode only: suspensions with an end. The agent looks at its own calendar
};

// Everything a map is made of, but for the domain itself. All must outlive it.
struct MapSource {
    const MapContext& context;
    const Site& site;
    const Lookup& lookup; // over all domains of the site
    // Another domain, for one that passes its unknown names on to it; nullopt: no such domain.
    std::function<Result<std::optional<Domain>>(const DomainName&)> find_domain;
};

// What one domain contributes to the maps, by map name, in lines. The pieces of all domains, one behind the other in
// the order of their names, are the bodies of the maps; a domain's piece depends on others only through the source.
// The address mail leaves from is not in them: it is chosen for all domains at once. Nor are Dovecot's certificates.
// `among`: the names that matter; null: all of them. Then the pieces hold the lines of these names and those of the
// domain as such, and `domain` need not have more than its mailboxes of that name.
using MapPieces = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Result<MapPieces> make_pieces(const MapSource& source, const Domain& domain,
                                            const std::set<std::string>* among);
// The maps of a site in their order, each with its header only. `relays`: some domain has a relay_to.
[[nodiscard]] std::vector<MapFile> empty_maps(const Site& site, bool relays);
// "# domain example.com": stands before the lines of a domain in a map of rows.
[[nodiscard]] std::string section_heading(const DomainName& domain);

// A domain, as far as the address counts that its mail leaves from.
struct SendingDomain {
    DomainName name;
    std::string source_ip;         // "" = none of its own, "auto" = one of the site's
    std::string chosen;            // of auto: the one that was drawn
    std::vector<DomainName> names; // under which it sends
};

// All maps of a site in a fixed order; which ones depends on maps.mode. The domains are given one after another, in the
// order of their names, and not kept: a site of a million mailboxes need not be in memory at once.
class SiteMaps {
  public:
    explicit SiteMaps(MapSource source);
    [[nodiscard]] Status add(const Domain& domain); // an Error is the lookup's
    [[nodiscard]] Result<std::vector<MapFile>> finish() &&;

  private:
    [[nodiscard]] bool lacks_service(const std::string& ip);
    void add_source_addresses();
    [[nodiscard]] Status add_srs_recipients();

    MapSource source_;
    std::set<std::string, std::less<>> rows_; // the maps made of rows
    MapPieces bodies_;
    std::string single_names_; // of Dovecot's certificates
    std::vector<SendingDomain> sending_;
    std::set<std::string> used_ips_;
    std::optional<std::set<std::string>> services_; // of Postfix, once it was asked
    std::set<std::string> missing_services_;
    bool has_relays_ = false;
};

// The comment that heads every map; `purpose` is one line.
[[nodiscard]] std::string map_header(std::string_view purpose);
// "key value" lines. A key is a domain name or an address in its RFC 5321 form, and does not begin with '#'.
[[nodiscard]] std::string render_rows(std::span<const MapRow> rows);

} // namespace mailctl
