// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/certificate_names.hpp"

#include "mailctl/exchange/dns/record.hpp"
#include "mailctl/exchange/dns/wanted.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string name_for_clients(const Site::ClientService& service, std::string_view label, const DomainName& domain) {
    auto host = service.host;
    if (const auto at = host.find("%d"); at != host.npos) return host.replace(at, 2, domain.text());
    return lies_below(host, domain.text()) ? host : fmt::format("{}.{}", label, domain.text());
}

} // namespace

std::vector<std::string> certificate_names(const Site& site, const Domain& domain) {
    std::vector<std::string> names;
    const auto add = [&](std::string name) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    };
    for (const auto& exchange : mail_exchanges(site))
        if (lies_below(exchange.host.text(), domain.name.text())) add(exchange.host.text());
    const auto& clients = site.clients;
    const std::pair<const Site::ClientService*, std::string_view> services[] = {
        {&clients.imap, "imap"}, {&clients.pop, "pop"}, {&clients.smtp, "smtp"}};
    for (const auto& [service, label] : services)
        if (service->security != ClientSecurity::off) add(name_for_clients(*service, label, domain.name));
    return names;
}

std::vector<const DomainName*> tls_names(const Domain& domain) {
    if (!domain.tls) return {};
    std::vector<const DomainName*> names{&domain.name};
    for (const auto& alias : domain.aliases)
        names.push_back(&alias);
    return names;
}

} // namespace mailctl
