// SPDX-License-Identifier: Apache-2.0
// Postfix: its tables, the services of master.cf, and what our agent needs of them.
#include "check_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

// Names of tables in all of main.cf's own settings: "lmdb:/path".
std::vector<std::pair<std::string, std::string>> tables_in_main(const SiteFacts& facts) {
    static const std::set<std::string, std::less<>> types{"hash", "btree", "lmdb",   "cdb",  "dbm",
                                                          "sdbm", "nis",   "regexp", "pcre", "texthash"};
    std::vector<std::pair<std::string, std::string>> tables;
    if (!facts.postfix) return tables;
    for (const auto& [name, unused] : facts.postfix->own)
        for (const auto& word : list_words(postfix_setting(facts, name))) {
            const auto type = word.substr(0, word.find(':'));
            if (word.size() > type.size() && types.contains(type)) tables.emplace_back(name, word);
        }
    return tables;
}

void unknown_types(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix || facts.postfix->table_types.empty()) return;
    for (const auto& [name, word] : tables_in_main(facts)) {
        const auto type = word.substr(0, word.find(':'));
        if (!facts.postfix->table_types.contains(type))
            say(name, fmt::format("'{}': this Postfix knows no tables of type '{}'", word, type));
    }
}

void proxied_tables(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    const auto readable = list_words(postfix_setting(facts, "proxy_read_maps"));
    for (const auto& [name, unused] : facts.postfix->own) {
        if (name == "proxy_read_maps" || name == "proxy_write_maps") continue;
        for (const auto& word : list_words(postfix_setting(facts, name)))
            if (word.starts_with("proxy:") && std::ranges::find(readable, word) == readable.end())
                say(name, fmt::format("'{}' stands in no parameter that proxy_read_maps names", word));
    }
}

const PostfixService* find_service(const SiteFacts& facts, std::string_view name, std::string_view type) {
    const auto found = std::ranges::find_if(facts.postfix->services, [&](const PostfixService& service) {
        return service.name == name && service.type == type;
    });
    return found == facts.postfix->services.end() ? nullptr : &*found;
}

void missing_service(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    const auto transport = postfix_setting(facts, "virtual_transport");
    const auto name = transport.substr(0, transport.find(':'));
    if (!name.empty() && !find_service(facts, name, "unix"))
        say("master.cf", fmt::format("virtual_transport names '{}', and master.cf has no such service", name));
}

// A socket outside the queue directory is not seen from inside.
void chrooted_client(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    const auto transport = postfix_setting(facts, "virtual_transport");
    const auto name = transport.substr(0, transport.find(':'));
    const auto queue = postfix_setting(facts, "queue_directory") + "/";
    const auto at = transport.find("unix:");
    const auto* service = find_service(facts, name, "unix");
    if (!service || !service->is_chrooted || at == std::string::npos) return;
    const auto socket = transport.substr(at + 5);
    if (socket.starts_with('/') && !socket.starts_with(queue))
        say("master.cf", fmt::format("'{}' runs chrooted and cannot see the socket '{}'", name, socket));
}

void one_recipient(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    const auto transport = postfix_setting(facts, "virtual_transport");
    const auto name = transport.substr(0, transport.find(':'));
    const auto* service = find_service(facts, name, "unix");
    if (!service || service->command.empty()) return;
    const auto parameter = name + "_destination_recipient_limit";
    const auto found = facts.postfix->own.find(parameter);
    const auto limit = found == facts.postfix->own.end() ? postfix_setting(facts, "default_destination_recipient_limit")
                                                         : found->second;
    const bool is_pipe = service->command.front() == "pipe";
    if (!is_pipe && limit == "1")
        say(parameter, "each recipient is a delivery of its own: nothing is stored once for all", {}, Weight::warning);
    const bool asks_for_one = std::ranges::any_of(service->command, [](const std::string& word) {
        return word.starts_with("flags=") && word.find_first_of("DO") != std::string::npos;
    });
    if (is_pipe && asks_for_one && limit != "1")
        say(parameter, fmt::format("the pipe service '{}' has flags D or O and takes several recipients", name));
}

void one_client(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    const auto transport = postfix_setting(facts, "virtual_transport");
    const auto parameter = transport.substr(0, transport.find(':')) + "_destination_concurrency_limit";
    const auto found = facts.postfix->own.find(parameter);
    if (found != facts.postfix->own.end() && found->second == "1")
        say(parameter, "one delivery at a time: the agent waits while the queue is full");
}

// As in `-o name=value` behind a service, and over main.cf.
std::string of_service(const SiteFacts& facts, const PostfixService& service, std::string_view name) {
    for (const auto& word : service.command)
        if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=')
            return word.substr(name.size() + 1);
    return postfix_setting(facts, name);
}

void plain_passwords(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    for (const auto& service : facts.postfix->services) {
        if (service.command.empty() || service.command.front() != "smtpd") continue;
        if (of_service(facts, service, "smtpd_sasl_auth_enable") != "yes") continue;
        const bool is_safe = of_service(facts, service, "smtpd_tls_wrappermode") == "yes" ||
                             of_service(facts, service, "smtpd_tls_auth_only") == "yes" ||
                             of_service(facts, service, "smtpd_tls_security_level") == "encrypt";
        if (!is_safe) say(fmt::format("master.cf {}", service.name), "passwords are taken without TLS");
    }
}

void senders_unchecked(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    for (const auto& service : facts.postfix->services) {
        if (service.name != "submission" && service.name != "submissions" && service.name != "smtps" &&
            service.name != "587" && service.name != "465")
            continue;
        if (of_service(facts, service, "smtpd_sender_login_maps").empty())
            say(fmt::format("master.cf {}", service.name), "whoever logs in may send as anybody");
    }
}

void filter_maps_twice(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix || postfix_setting(facts, "virtual_alias_maps").empty()) return;
    const bool has_filter = std::ranges::any_of(facts.postfix->services, [&](const PostfixService& service) {
        return !service.command.empty() && service.command.front() == "smtpd" &&
               !of_service(facts, service, "content_filter").empty();
    });
    const bool is_said = std::ranges::any_of(facts.postfix->services, [&](const PostfixService& service) {
        return of_service(facts, service, "receive_override_options").find("no_address_mappings") != std::string::npos;
    });
    if (has_filter && !is_said)
        say("content_filter", "aliases are expanded before and behind the content filter: mail comes twice");
}

void compatibility(const SiteFacts& facts, Sayings& say) {
    if (facts.postfix && !facts.postfix->own.contains("compatibility_level"))
        say("main.cf", "compatibility_level is not set: Postfix uses settings of long ago");
}

const Check checks_of_tables[] = {
    {"postfix.table-type", 38, Weight::error, false, "main.cf names a table of a type this Postfix does not know",
     "install the package of that type, or 'mailctl config set maps.type=auto'", unknown_types},
    {"postfix.proxy", 41, Weight::error, false, "a proxy: table is not among those that proxymap may read",
     "add $PARAMETER to proxy_read_maps", proxied_tables},
    {"postfix.no-service", 7, Weight::error, false, "master.cf lacks the service of virtual_transport",
     "take the lines of maps/master.cf over", missing_service},
    {"postfix.chroot-socket", 28, Weight::error, false, "a chrooted client cannot see the agent's socket",
     "take the service of maps/master.cf over: it is not chrooted", chrooted_client},
    {"postfix.recipient-limit", 27, Weight::error, false, "the recipient limit does not fit the transport",
     "take the line of maps/main.cf over", one_recipient},
    {"postfix.concurrency", 30, Weight::warning, false, "the agent gets one message at a time",
     "take it out of main.cf", one_client},
    {"postfix.plain-passwords", 17, Weight::warning, false, "passwords are taken without TLS",
     "smtpd_tls_auth_only = yes in main.cf", plain_passwords},
    {"postfix.sender-login", 16, Weight::warning, false, "a submission service does not know who may send as whom",
     "take the lines of maps/submission.cf over", senders_unchecked},
    {"postfix.filter-mappings", 33, Weight::error, false, "addresses are mapped twice around a content filter",
     "receive_override_options=no_address_mappings on one side", filter_maps_twice},
    {"postfix.compatibility", 46, Weight::advice, false, "compatibility_level is not set",
     "compatibility_level = 3.6 in main.cf", compatibility},
};

} // namespace

std::span<const Check> postfix_table_checks() { return checks_of_tables; }

} // namespace mailctl
