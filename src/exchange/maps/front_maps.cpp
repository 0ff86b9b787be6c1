// SPDX-License-Identifier: Apache-2.0
// Rows of a front end.
#include "mailctl/exchange/maps/front_maps.hpp"

#include "dovecot_maps.hpp"
#include "front_fragments.hpp"
#include "node_transport.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

constexpr std::string_view deferred_move = "retry:4.3.2 this mail is being moved to another machine; try again later";
constexpr std::string_view refused_name = "error:5.7.1 this address takes no mail";
constexpr std::string_view always_claimed[] = {"abuse", "postmaster"};

std::string front_address(const std::string& key, const DomainName& domain) {
    return Address{LocalPart::from_trusted(key), domain}.text();
}

// A machine nobody described any more has mail all the same: it waits.
std::string front_transport(const FrontNodes& nodes, const FrontPlace& place) {
    if (place.is_moving) return std::string(deferred_move);
    const auto node = nodes.find(place.node);
    if (node == nodes.end() || !node->second.takes_mail) return std::string(waiting_transport());
    return lmtp_transport(node->second.lmtp);
}

// The extra fields of a line of Dovecot's; "" = a machine nobody described any more, so nobody logs in there.
std::string login_fields(const FrontNodes& nodes, const FrontPlace& place) {
    // Blanks end a field. With nopassword nobody learns from the answer whether a password is right.
    if (place.is_moving) return "nologin=y nopassword=y reason=Mailbox_is_being_moved,_try_again_later";
    const auto node = nodes.find(place.node);
    return node == nodes.end() ? std::string() : fmt::format("proxy=y host={} nopassword=y", node->second.imap);
}

std::string login_line(const FrontNodes& nodes, const std::string& key, const FrontPlace& place) {
    const auto fields = login_fields(nodes, place);
    return fields.empty() ? std::string() : fmt::format("{}:::::::{}\n", key, fields);
}

std::string sorted_rows(std::vector<MapRow> rows) {
    std::ranges::sort(rows);
    const auto is_same = [](const MapRow& left, const MapRow& right) { return left.key == right.key; };
    rows.erase(std::unique(rows.begin(), rows.end(), is_same), rows.end());
    return render_rows(rows);
}

std::vector<std::string> accepted_keys(const FrontDomain& domain) {
    std::vector<std::string> keys(std::begin(always_claimed), std::end(always_claimed));
    for (const auto& name : domain.claimed)
        if (!name.is_refused) keys.push_back(name.key);
    return keys;
}

std::string recipient_lines(const FrontDomain& domain) {
    std::vector<MapRow> rows;
    const auto keys = accepted_keys(domain);
    for (const auto& name : domain.names) {
        if (domain.takes_any_name) rows.push_back({'@' + name.text(), "any name"});
        for (const auto& key : keys)
            rows.push_back({front_address(key, name), "ok"});
    }
    return sorted_rows(std::move(rows));
}

// A machine that decides about names nobody claims is asked for them, so that what it refuses is refused here and
// nobody gets a bounce.
std::string verify_lines(const FrontDomain& domain) {
    if (!domain.takes_any_name) return {};
    std::vector<MapRow> rows;
    const auto keys = accepted_keys(domain);
    for (const auto& name : domain.names) {
        rows.push_back({name.text(), "reject_unverified_recipient"});
        for (const auto& key : keys)
            rows.push_back({front_address(key, name), "DUNNO"});
    }
    return sorted_rows(std::move(rows));
}

std::string transport_lines(const FrontNodes& nodes, const FrontDomain& domain) {
    std::vector<MapRow> rows;
    const auto of_domain = front_transport(nodes, domain.place);
    for (const auto& name : domain.names) {
        rows.push_back({name.text(), of_domain});
        for (const auto& claimed : domain.claimed) {
            const auto own = claimed.is_refused ? std::string(refused_name) : front_transport(nodes, claimed.place);
            if (own != of_domain) rows.push_back({front_address(claimed.key, name), own});
        }
    }
    return sorted_rows(std::move(rows));
}

std::string exception_lines(const FrontNodes& nodes, const FrontDomain& domain) {
    std::vector<std::string> lines;
    for (const auto& name : domain.claimed)
        if (name.logs_in && name.place != domain.place)
            lines.push_back(login_line(nodes, looked_up(name.key) + '@' + domain.name.text(), name.place));
    std::ranges::sort(lines);
    std::string text;
    for (const auto& line : lines)
        text += line;
    return text;
}

std::string domain_lines(const FrontDomain& domain) {
    std::vector<MapRow> rows;
    for (const auto& name : domain.names)
        rows.push_back({name.text(), domain.name.text()});
    return sorted_rows(std::move(rows));
}

} // namespace

bool is_front_map(std::string_view file) {
    if (file.starts_with('.')) file.remove_prefix(1);
    return file.starts_with(front_map_prefix);
}

MapPieces front_pieces(const FrontNodes& nodes, const FrontDomain& domain) {
    if (domain.place.node.empty()) return {};
    MapPieces pieces;
    pieces["front-domains"] = domain_lines(domain);
    pieces["front-recipients"] = recipient_lines(domain);
    pieces["front-verify"] = verify_lines(domain);
    pieces["front-transport"] = transport_lines(nodes, domain);
    pieces["front-exceptions"] = exception_lines(nodes, domain);
    pieces["front-routes"] = login_line(nodes, domain.name.text(), domain.place);
    return pieces;
}

std::vector<MapFile> empty_front_maps(const MapContext& context, const Site::Addresses& rules) {
    std::vector<MapFile> files;
    const auto add = [&](std::string name, MapKind kind, std::string_view purpose) {
        files.push_back({std::move(name), map_header(purpose), kind, 0644, true});
    };
    add("front-domains", MapKind::indexed, "relay_domains: name of a mail domain, its real name");
    add("front-recipients", MapKind::indexed, "relay_recipient_maps: who exists, on any machine");
    add("front-verify", MapKind::indexed, "check_recipient_access: domains whose machine is asked for unknown names");
    add("front-transport", MapKind::indexed, "transport_maps: the machine that has the mail");
    add("front-accounts", MapKind::text, "Dovecot: nobody; who asks for a password here is refused");
    add("front-exceptions", MapKind::text, "Dovecot: users whose mail is elsewhere than that of their domain");
    add("front-routes", MapKind::text, "Dovecot: domains, and the machine that has their mail");
    const auto add_fragment = [&](std::string name, std::string text) {
        files.push_back({name, map_header("a front end's " + name.substr(front_map_prefix.size())) + std::move(text),
                         MapKind::text, 0644, false});
    };
    add_fragment("front-main.cf", front_main_cf(context, rules));
    add_fragment("front-dovecot.conf", front_dovecot(context, rules));
    return files;
}

} // namespace mailctl
