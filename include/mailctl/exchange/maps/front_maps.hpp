// SPDX-License-Identifier: Apache-2.0
// The maps of a front end: which machine has the mail of a domain, and of single addresses that live elsewhere than
// their domain; who exists at all; where a user's login goes. A front end holds no mail. Mail of what is being moved,
// and of a machine that takes none, is deferred: retry(8) says 450 to a client and keeps what is queued, where error(8)
// would refuse for good whatever the code says. A login is passed on to the machine that can tell whether its password
// is right; who asks for a password here, as SMTP AUTH does, is refused, so Dovecot's routes are in no passdb of all
// protocols.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mailctl {

struct FrontNode {
    std::string lmtp; // "10.0.0.7:24", "[2001:db8::7]:24", "store1.example.net:24"
    std::string imap; // an IP address
    bool takes_mail = true;
    bool operator==(const FrontNode&) const = default;
};
using FrontNodes = std::map<std::string, FrontNode, std::less<>>; // by name

struct FrontPlace {
    std::string node;       // "": not on a machine that front ends know, so nothing is said of it
    bool is_moving = false; // no mail and no login until its new place is known
    bool operator==(const FrontPlace&) const = default;
};
struct FrontName {
    std::string key;         // a folded local part
    bool is_refused = false; // banished, and the sender is told
    bool logs_in = false;    // a mailbox
    FrontPlace place;
};
struct FrontDomain {
    DomainName name;               // real name
    std::vector<DomainName> names; // under which it receives, the real one too
    FrontPlace place;
    bool takes_any_name = false; // its machine decides what becomes of names that nobody claims
    std::vector<FrontName> claimed;
};

// What one domain contributes to the maps, by map name, in lines; sorted, so that equal values give equal bytes.
[[nodiscard]] MapPieces front_pieces(const FrontNodes& nodes, const FrontDomain& domain);

// The maps in their order, each with its header only. The fragments are whole; `context` says where maps lie, their
// type, and which Dovecot reads them; `rules` are the
// site's.
[[nodiscard]] std::vector<MapFile> empty_front_maps(const MapContext& context, const Site::Addresses& rules);

// "front-transport": how a front end's maps differ in name from those of a site in the same directory.
inline constexpr std::string_view front_map_prefix = "front-";
// A file of theirs: a map, its index, or either before it is installed (".front-routes.new").
[[nodiscard]] bool is_front_map(std::string_view file);

} // namespace mailctl
