// SPDX-License-Identifier: Apache-2.0
#include "check_host_facts.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/maps/postmap.hpp"
#include "mailctl/os/cores.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/interfaces.hpp"
#include "mailctl/os/name_service.hpp"
#include "mailctl/os/process.hpp"
#include "mailctl/os/remote_servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sys/stat.h>

namespace mailctl {
namespace {

struct MainTable {
    std::string parameter, type, path;
    [[nodiscard]] std::string text() const { return type + ":" + path; }
    [[nodiscard]] bool is_indexed() const {
        return type == "hash" || type == "btree" || type == "lmdb" || type == "cdb" || type == "dbm" || type == "sdbm";
    }
    [[nodiscard]] bool is_of_patterns() const { return type == "regexp" || type == "pcre"; }
};

std::optional<MainTable> parse_table(const std::string& parameter, std::string_view word) {
    if (word.starts_with("proxy:")) word.remove_prefix(std::string_view("proxy:").size());
    const auto colon = word.find(':');
    if (colon == word.npos) return std::nullopt;
    return MainTable{parameter, std::string(word.substr(0, colon)), std::string(word.substr(colon + 1))};
}

// Of main.cf's own settings; each table once.
std::vector<MainTable> own_tables(const SiteFacts& facts) {
    std::vector<MainTable> tables;
    std::set<std::string> seen;
    for (const auto& [name, unused] : facts.postfix->own)
        for (const auto& word : list_words(postfix_setting(facts, name)))
            if (auto table = parse_table(name, word); table && table->path.starts_with('/'))
                if (seen.insert(table->text()).second) tables.push_back(std::move(*table));
    return tables;
}

bool lies_among_our_maps(const SiteFacts& facts, const MainTable& table) {
    return table.path.starts_with(facts.paths.maps + "/");
}

// The rows that a table has for these keys.
Settings ask_table(const Site::Maps& maps, const std::string& table, const std::vector<std::string>& keys) {
    ProcessOptions options;
    options.output_limit = std::size_t{16} << 20;
    for (const auto& key : keys)
        options.input += key + "\n";
    const auto said = run_postfix_tool("postmap", maps, {"-q", "-", table}, options);
    Settings rows;
    if (!said) return rows;
    for (const auto line : split(std::string_view(said->output), '\n'))
        if (const auto tab = line.find('\t'); tab != line.npos)
            rows.emplace(std::string(line.substr(0, tab)), std::string(trim(line.substr(tab + 1))));
    return rows;
}

void add_routes(SiteFacts& facts) {
    for (const auto& word : list_words(postfix_setting(facts, "transport_maps"))) {
        const auto table = parse_table("transport_maps", word);
        if (!table || lies_among_our_maps(facts, *table)) continue;
        std::vector<std::string> asked;
        for (const auto& name : facts.names)
            for (auto& key : transport_keys(name, table->is_of_patterns()))
                asked.push_back(std::move(key));
        std::ranges::sort(asked);
        asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
        const auto rows = ask_table(facts.site.maps, table->text(), asked);
        std::set<std::string> said; // a row for all is said once
        for (const auto& name : facts.names)
            for (const auto& key : transport_keys(name, table->is_of_patterns()))
                if (const auto row = rows.find(key); row != rows.end()) {
                    const auto shown = key == "*" ? key : name;
                    if (said.insert(shown).second) facts.postfix->routes.push_back({table->text(), shown, row->second});
                    break;
                }
    }
}

void add_repeated(SiteFacts& facts) {
    constexpr std::uint64_t most = std::uint64_t{64} << 20;
    for (const auto& table : own_tables(facts)) {
        if (!table.is_indexed() || lies_among_our_maps(facts, table)) continue;
        const auto stamp = find_stamp(table.path);
        if (!stamp || !*stamp || (*stamp)->size > most) continue;
        const auto text = find_file(table.path);
        if (!text || !*text) continue;
        const bool is_of_aliases = table.parameter == "alias_maps" || table.parameter == "alias_database";
        for (auto& key : repeated_keys_of(**text, is_of_aliases))
            facts.postfix->repeated.push_back({table.text(), std::move(key)});
    }
}

std::int64_t changed_at(const std::string& path) {
    const auto stamp = find_stamp(path);
    return stamp && *stamp ? (*stamp)->mtime_ns : 0;
}

// A row is "NAME KEYFILE CERTIFICATES[, ...]".
void add_sni_tables(SiteFacts& facts) {
    for (const auto& word : list_words(postfix_setting(facts, "tls_server_sni_maps"))) {
        const auto table = parse_table("tls_server_sni_maps", word);
        if (!table || !table->is_indexed()) continue;
        const auto text = find_file(table->path);
        const auto index = index_name(table->path, table->type);
        if (!text || !*text || !index) continue;
        SniFact fact{table->text()};
        std::vector<std::string> names;
        for (const auto line : split(std::string_view(**text), '\n')) {
            const auto words = list_words(line);
            if (words.size() < 2 || words.front().starts_with('#') || line.starts_with(' ')) continue;
            names.push_back(words.front());
            for (auto file = words.begin() + 1; file != words.end(); ++file)
                if (changed_at(*file) > changed_at(*index)) fact.is_current = false;
        }
        for (const auto& [unused, value] : ask_table(facts.site.maps, table->text(), names))
            if (value.starts_with('/')) fact.holds_certificates = false;
        facts.postfix->sni.push_back(std::move(fact));
    }
}

std::optional<FileFact> file_fact(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return std::nullopt;
    return FileFact{path, about.st_mode, about.st_uid, about.st_gid};
}

// Postfix copies them when it starts: where it never did, nothing is missing.
void add_jail(SiteFacts& facts) {
    const auto queue = postfix_setting(facts, "queue_directory");
    const auto& services = facts.postfix->services;
    if (std::ranges::none_of(services, &PostfixService::is_chrooted) || !file_fact(queue + "/pid/master.pid")) return;
    for (const std::string path : {"/etc/resolv.conf", "/etc/services", "/etc/hosts"}) {
        const auto wanted = find_file(path), copy = find_file(queue + path);
        if (!wanted || !*wanted || !copy) continue;
        if (*wanted != *copy) facts.postfix->jail.push_back({queue + path, copy->has_value()});
    }
}

std::optional<ClientFact> find_client(const std::string& user) {
    const auto account = find_account(user);
    if (!account || !*account) return std::nullopt;
    ClientFact client{(*account)->user, {(*account)->group}};
    const auto said = run({"id", "-G", "--", user});
    if (!said || said->status != 0) return std::nullopt;
    for (const auto& word : list_words(said->output))
        if (const auto group = whole_number(word)) client.groups.insert(static_cast<unsigned>(*group));
    return client;
}

// Where virtual_transport finds the agent; relative names are below the queue directory.
std::string agent_socket(const SiteFacts& facts) {
    const auto transport = postfix_setting(facts, "virtual_transport");
    const auto at = transport.find("unix:");
    if (at == transport.npos) return {};
    auto path = transport.substr(at + std::string_view("unix:").size());
    return path.starts_with('/') ? path : postfix_setting(facts, "queue_directory") + "/" + path;
}

void add_socket_path(SiteFacts& facts) {
    const auto path = agent_socket(facts);
    auto socket = path.empty() ? std::nullopt : file_fact(path);
    if (!socket || !S_ISSOCK(socket->mode)) return;
    auto& way = facts.postfix->socket_path;
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
        if (auto directory = file_fact(slash == 0 ? "/" : path.substr(0, slash))) way.push_back(std::move(*directory));
    way.push_back(std::move(*socket));
    facts.postfix->client = find_client(postfix_setting(facts, "mail_owner"));
}

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields;
    while (!(line = trim(line)).empty()) {
        const auto end = std::min(line.find_first_of(" \t"), line.size());
        fields.emplace_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return fields;
}

// "\040" of fstab(5) and mountinfo stands for a space.
std::string without_octal(std::string_view word) {
    constexpr unsigned base = 8;
    std::string text;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const auto is_digit = [&](std::size_t at) { return word[at] >= '0' && word[at] < '8'; };
        if (word[i] != '\\' || i + 3 >= word.size() || !is_digit(i + 1) || !is_digit(i + 2) || !is_digit(i + 3)) {
            text += word[i];
            continue;
        }
        unsigned byte = 0;
        for (int digit = 0; digit < 3; ++digit)
            byte = byte * base + static_cast<unsigned>(word[++i] - '0');
        text += static_cast<char>(byte);
    }
    return text;
}

} // namespace

std::vector<std::string> transport_keys(std::string_view domain, bool is_of_patterns) {
    if (is_of_patterns)
        return {fmt::format("postmaster@{}", domain)}; // whole addresses are asked for, and nothing else
    std::vector<std::string> keys{std::string(domain)};
    for (auto dot = domain.find('.'); dot != domain.npos; dot = domain.find('.', dot + 1))
        keys.emplace_back(domain.substr(dot));
    keys.emplace_back("*");
    return keys;
}

std::vector<std::string> repeated_keys_of(std::string_view text, bool is_of_aliases) {
    std::set<std::string> seen, repeated;
    for (const auto line : split(text, '\n')) {
        if (line.empty() || line.front() == '#' || line.front() == ' ' || line.front() == '\t') continue;
        auto key = is_of_aliases ? line.substr(0, line.find(':')) : line.substr(0, line.find_first_of(" \t"));
        key = trim(key);
        if (key.size() > 1 && key.starts_with('"') && key.ends_with('"')) key = key.substr(1, key.size() - 2);
        if (key.empty()) continue;
        if (auto folded = fold(key); !seen.insert(folded).second) repeated.insert(std::move(folded));
    }
    return {repeated.begin(), repeated.end()};
}

std::vector<std::string> unmounted_of(std::string_view fstab, std::string_view mountinfo, const std::string& path) {
    std::set<std::string> mounted;
    constexpr std::size_t place = 4, options = 3;
    for (const auto line : split(mountinfo, '\n'))
        if (const auto words = fields_of(line); words.size() > place) mounted.insert(without_octal(words[place]));
    std::vector<std::string> lacking;
    for (const auto line : split(fstab, '\n')) {
        if (trim(line).starts_with('#')) continue;
        const auto fields = fields_of(line);
        if (fields.size() <= options || fields[2] == "swap" || fields[1] == "/") continue;
        const auto flags = list_words(fields[options]);
        if (std::ranges::find(flags, "noauto") != flags.end()) continue;
        auto point = without_octal(fields[1]);
        while (point.size() > 1 && point.ends_with('/'))
            point.pop_back();
        const bool is_above = path == point || path.starts_with(point + "/");
        if (is_above && !mounted.contains(point)) lacking.push_back(std::move(point));
    }
    return lacking;
}

void add_postfix_tables(SiteFacts& facts) {
    add_routes(facts);
    add_repeated(facts);
    add_sni_tables(facts);
}

void add_postfix_files(SiteFacts& facts) {
    const auto directory = postfix_setting(facts, "config_directory");
    std::vector<std::string> paths{directory, directory + "/main.cf", directory + "/master.cf"};
    for (const auto& table : own_tables(facts))
        if (!lies_among_our_maps(facts, table)) paths.push_back(table.path);
    for (const auto& path : paths)
        if (auto fact = file_fact(path)) facts.postfix->files.push_back(std::move(*fact));
    add_jail(facts);
    add_socket_path(facts);
}

std::vector<NextHop> next_hops(const SiteFacts& facts) {
    std::vector<NextHop> hops;
    for (const auto* parameter : {"relayhost", "content_filter", "default_transport"}) {
        const auto value = postfix_setting(facts, parameter);
        const auto open = value.find('['), close = value.find(']');
        if (value.starts_with("lmtp:") || open == value.npos || close == value.npos || close < open) continue;
        NextHop hop{parameter, fold(value.substr(open + 1, close - open - 1))};
        if (close + 1 < value.size()) {
            const auto port = whole_number(std::string_view(value).substr(std::min(close + 2, value.size())));
            if (value[close + 1] != ':' || !port || *port == 0 || *port > 0xffff) continue;
            hop.port = static_cast<unsigned short>(*port);
        }
        hops.push_back(std::move(hop));
    }
    return hops;
}

void ask_next_hops(SiteFacts& facts) {
    constexpr std::chrono::seconds patience{5};
    const auto hops = next_hops(facts);
    std::vector<std::optional<HopFact>> seen(hops.size());
    on_every_core("asking next hops", hops.size(), [&](std::size_t i) {
        const ServerPlace place{hops[i].host, hops[i].port};
        const auto greeting = greet_smtp_server(place, facts.site.hostname.text(), patience);
        if (greeting && !greeting->offers.empty())
            seen[i] = HopFact{hops[i].parameter, place.text(), greeting->offers.contains("SMTPUTF8")};
    });
    for (auto& hop : seen)
        if (hop) facts.postfix->hops.push_back(std::move(*hop));
}

std::vector<std::string> find_container_gateways() {
    std::vector<std::string> gateways;
    for (const auto& [interface, address] : interface_addresses())
        for (const std::string_view kind : {"docker", "br-", "podman", "cni", "lxcbr", "lxdbr"})
            if (interface.starts_with(kind) && !address.starts_with("fe80:")) gateways.push_back(address);
    return gateways;
}

std::vector<std::string> find_public_ipv6() {
    std::vector<std::string> found;
    for (const auto& [unused, address] : interface_addresses())
        if (address.starts_with('2') || address.starts_with('3')) // 2000::/3
            if (address.find(':') != address.npos) found.push_back(address);
    return found;
}

std::vector<std::string> find_unmounted(const std::string& path) {
    const auto fstab = find_file("/etc/fstab"), mounts = find_file("/proc/self/mountinfo");
    if (!fstab || !*fstab || !mounts || !*mounts) return {};
    return unmounted_of(**fstab, **mounts, path);
}

} // namespace mailctl
