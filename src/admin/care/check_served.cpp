// SPDX-License-Identifier: Apache-2.0
// openssl(1) is asked what it is shown; what it thinks of the certificate does not matter here.
#include "check_served.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/cores.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/process.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string value_in(const Settings& settings, std::string_view name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
}

// As this service sees it: "-o NAME=VALUE" in master.cf wins.
std::string value_for(const PostfixFacts& postfix, const PostfixService& service, const std::string& name) {
    for (const auto& word : service.command)
        if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
    return value_in(postfix.settings, name);
}

// Where a service listens that names no address of its own.
std::string listening_address(const PostfixFacts& postfix) {
    for (const auto& word : list_words(value_in(postfix.settings, "inet_interfaces")))
        if (word != "all" && word != "loopback-only" && word != "localhost") return word;
    return "127.0.0.1";
}

struct TlsPort {
    std::string address;
    bool begins_plain = false;
    std::string certificate; // for who asks for no name
};

std::vector<TlsPort> ports_of(const PostfixFacts& postfix) {
    std::vector<TlsPort> ports;
    for (const auto& service : postfix.services) {
        if (service.type != "inet" || service.command.empty()) continue;
        if (service.command.front() != "smtpd" && service.command.front() != "postscreen") continue;
        const auto level = value_for(postfix, service, "smtpd_tls_security_level");
        const bool is_wrapped = value_for(postfix, service, "smtpd_tls_wrappermode") == "yes";
        if (!is_wrapped && level != "may" && level != "encrypt") continue;
        const bool has_address = service.name.find(':') != std::string::npos;
        ports.push_back({has_address ? service.name : listening_address(postfix) + ":" + service.name, !is_wrapped,
                         value_for(postfix, service, "smtpd_tls_cert_file")});
    }
    return ports;
}

bool shows_our_names(const SiteFacts& facts) {
    const auto path = fmt::format(":{}/sni", facts.paths.maps);
    return std::ranges::any_of(list_words(value_in(facts.postfix->settings, "tls_server_sni_maps")),
                               [&](const auto& word) { return word.ends_with(path); });
}

void add_postfix_offers(const SiteFacts& facts, std::vector<TlsOffer>& offers) {
    for (const auto& port : ports_of(*facts.postfix)) {
        if (!port.certificate.empty()) offers.push_back({port.address, "", port.certificate, port.begins_plain});
        if (!shows_our_names(facts)) continue;
        for (const auto& domain : facts.domains)
            if (domain.tls)
                offers.push_back({port.address, domain.name.text(), domain.tls->certificate, port.begins_plain});
    }
}

void add_dovecot_offers(const SiteFacts& facts, std::vector<TlsOffer>& offers) {
    const auto& settings = facts.dovecot->settings;
    if (settings.empty() || value_in(settings, "ssl") == "no") return;
    auto port = value_in(settings, "service imap-login/inet_listener imaps/port");
    if (port.empty()) port = "993";
    if (port == "0") return;
    const auto address = "127.0.0.1:" + port;
    for (const auto* name : {"ssl_cert", "ssl_server_cert_file"}) {
        auto file = value_in(settings, name);
        if (file.starts_with('<')) file.erase(0, 1);
        if (file.starts_with('/')) offers.push_back({address, "", file, false});
        for (const auto& domain : facts.domains)
            if (domain.tls && settings.contains(fmt::format("local_name {}/{}", domain.name.text(), name)))
                offers.push_back({address, domain.name.text(), domain.tls->certificate, false});
    }
}

std::string shown_certificate(const TlsOffer& offer) {
    std::vector<std::string> argv{"openssl", "s_client", "-connect", offer.address};
    if (offer.name.empty())
        argv.emplace_back("-noservername");
    else
        argv.insert(argv.end(), {"-servername", offer.name});
    if (offer.begins_plain) argv.insert(argv.end(), {"-starttls", "smtp"});
    ProcessOptions options;
    options.timeout = std::chrono::seconds(15); // postscreen lets a client wait for six
    const auto said = run(argv, options);
    return said ? first_certificate(said->output) : std::string();
}

void not_served(const SiteFacts& facts, Sayings& say) {
    for (const auto& served : facts.served)
        if (!served.is_current)
            say(served.place,
                fmt::format("it shows another certificate{} than '{}' holds",
                            served.name.empty() ? "" : fmt::format(" for '{}'", served.name), served.file));
}

const Check checks_of_served[] = {
    {"certificates.not-served", 71, Weight::error, false, "a server shows another certificate than its file holds",
     "mailctl map build --tls", not_served},
};

} // namespace

std::vector<TlsOffer> tls_offers(const SiteFacts& facts) {
    std::vector<TlsOffer> offers;
    if (facts.postfix) add_postfix_offers(facts, offers);
    if (facts.dovecot) add_dovecot_offers(facts, offers);
    return offers;
}

std::string first_certificate(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    const auto from = pem.find(begin);
    const auto to = from == pem.npos ? pem.npos : pem.find(end, from);
    if (to == pem.npos) return {};
    std::string text(pem.substr(from + begin.size(), to - from - begin.size()));
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || c == ' ' || c == '\t'; });
    return text;
}

bool can_look_at_served() {
    const auto said = run({"openssl", "version"});
    return said && said->status == 0;
}

std::vector<ServedFact> look_at_served(const std::vector<TlsOffer>& offers) {
    std::vector<std::optional<ServedFact>> seen(offers.size());
    on_every_core("asking servers for certificates", offers.size(), [&](std::size_t i) {
        const auto& offer = offers[i];
        const auto text = find_file(offer.file);
        const auto wanted = text && *text ? first_certificate(**text) : std::string();
        const auto shown = wanted.empty() ? std::string() : shown_certificate(offer);
        if (!shown.empty()) seen[i] = ServedFact{offer.address, offer.name, offer.file, shown == wanted};
    });
    std::vector<ServedFact> facts;
    for (auto& fact : seen)
        if (fact) facts.push_back(std::move(*fact));
    return facts;
}

std::span<const Check> served_checks() { return checks_of_served; }

} // namespace mailctl
