// The files that Postfix and Dovecot read, as text (SPEC section 6). No time stamp and no generation number stands in
// them: the same domains give the same bytes, so a map that did not change is not installed again.
// postmap(1) warns where it should fail; so rows are one line each, sorted, every key once, and quoted where needed.
#pragma once

#include "mailctl/routing/resolve.hpp"

#include <functional>
#include <map>
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
    std::string maps;        // directory where the maps are installed
    std::string mail;        // mail root
    std::string lmtp_socket; // the agent's
    std::string root;        // --root DIR of the site; "" = system paths
    std::string deliver_program = "/usr/bin/mailctl-deliver";
    std::string database_type = "lmdb";                           // of indexed maps: "lmdb", "cdb", "hash", "texthash"
    std::function<std::string(const Address&)> mailbox_directory; // below the mail root: "example.com/paul"
    unsigned uid = 0, gid = 0;                                    // owner of mail
    Date today{}; // Postfix mode only: suspensions with an end. The agent looks at its own calendar
};

// Everything a map is made of. All must outlive it. `lookup` answers for exactly these domains.
struct MapSource {
    const MapContext& context;
    const Site& site;
    const ModelLookup::Domains& domains;
    const Lookup& lookup;
};

// All maps of the site in a fixed order; which ones depends on maps.mode. An Error is the Lookup's.
[[nodiscard]] Result<std::vector<MapFile>> make_maps(const MapSource& source);

// What one domain contributes to the maps, by map name, in lines. The pieces of all domains, one behind the other in
// the order of their names, are the bodies of the maps; a domain's piece depends on others only through the lookup.
// `among`: the names that matter; null: all of them. Then the pieces hold the lines of these names and those of the
// domain as such, and `domain` need not have more than its mailboxes of that name. `source_ip`: null = none.
using MapPieces = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Result<MapPieces> make_pieces(const MapSource& source, const Domain& domain, const std::string* source_ip,
                                            const std::set<std::string>* among);
// The maps of a site in their order, each with its header only. `relays`: some domain has a relay_to.
[[nodiscard]] std::vector<MapFile> empty_maps(const Site& site, bool relays);

// The comment that heads every map; `purpose` is one line.
[[nodiscard]] std::string map_header(std::string_view purpose);
// "key value" lines; keys that postmap would misread (spaces, quotes, a leading '#') are quoted (Postfix 3.2 and
// later).
[[nodiscard]] std::string render_rows(std::span<const MapRow> rows);

} // namespace mailctl
