// SPDX-License-Identifier: Apache-2.0
// The table. A certificate or a relay is good as a whole or refused as a whole: half of one is never used.
#include "mailctl/config/domain_keys.hpp"

#include "domain_reading.hpp"
#include "key_row.hpp"

#include <algorithm>
#include <array>

namespace mailctl {

template <>
struct Part<Domain, Domain> {
    static const Domain* find(const Domain& domain) { return &domain; }
    static Domain& ensure(Domain& domain) { return domain; }
    static const Domain& defaults() {
        static const Domain none(DomainName::from_trusted("none"));
        return none;
    }
};
template <>
struct Part<Domain, DomainLimits> {
    static const DomainLimits* find(const Domain& domain) { return &domain.limits; }
    static DomainLimits& ensure(Domain& domain) { return domain.limits; }
    static const DomainLimits& defaults() {
        static const DomainLimits none;
        return none;
    }
};
template <>
struct Part<Domain, Dmarc> {
    static const Dmarc* find(const Domain& domain) { return domain.dmarc ? &*domain.dmarc : nullptr; }
    static Dmarc& ensure(Domain& domain) { return domain.dmarc ? *domain.dmarc : domain.dmarc.emplace(); }
    static const Dmarc& defaults() {
        static const Dmarc none;
        return none;
    }
};
template <>
struct Part<Domain, TlsFiles> {
    static const TlsFiles* find(const Domain& domain) { return domain.tls ? &*domain.tls : nullptr; }
    static TlsFiles& ensure(Domain& domain) { return domain.tls ? *domain.tls : domain.tls.emplace(); }
    static const TlsFiles& defaults() {
        static const TlsFiles none;
        return none;
    }
};

namespace {

using namespace kinds;

template <class Kind, auto member>
constexpr DomainKey in_domain(std::string_view key, std::string_view help, SetBy set_by = SetBy::site,
                              Ways ways = Ways::setting) {
    return row<Kind, Domain, Domain, member>("domain", "", key, key, help, set_by, ways);
}
template <class Kind, class Holder, auto member>
constexpr DomainKey below(std::string_view name, std::string_view help, SetBy set_by = SetBy::site) {
    const auto dot = name.find('.');
    return row<Kind, Domain, Holder, member>("domain", name.substr(0, dot), name.substr(dot + 1), name, help, set_by,
                                             Ways::setting);
}
constexpr DomainKey always_there(DomainKey key) {
    key.always_written = true;
    return key;
}
constexpr DomainKey shown(Showing showing, DomainKey key) {
    key.showing = showing;
    return key;
}
constexpr DomainKey listed(Showing showing, DomainKey key) {
    showing.in_list = true;
    return shown(showing, key);
}
constexpr Showing not_plain(std::string_view name) { return {.name = name, .in_plain = false}; }

// clang-format off
constexpr std::array domain_rows{
    listed({}, in_domain<Line, &Domain::owner>("owner", "who administers the domain, as --as owner:NAME")),
    listed({"names", "OTHER NAMES"}, in_domain<DomainNames, &Domain::aliases>("aliases", "other names of the whole domain")),
    listed({}, in_domain<State, &Domain::state>("state", "active or suspended", SetBy::site, Ways::file)),
    in_domain<SourceIp, &Domain::source_ip>("source_ip", "the address its mail leaves from, or auto"),
    in_domain<SourceIp, &Domain::source_ip_chosen>("source_ip_chosen", "the address that auto took; mailctl writes it", SetBy::site,
                                                   Ways::file),
    in_domain<HostAndPort, &Domain::relay_to>("relay_to", "HOST:PORT that all accepted mail is passed on to"),
    in_domain<NodeName, &Domain::node>("node", "the machine that serves it", SetBy::site, Ways::file),
    in_domain<NodeName, &Domain::move_to>("move_to", "the machine that it is moving to; domain move writes it", SetBy::site, Ways::file),
    listed({}, in_domain<UnknownNames, &Domain::unknown>("unknown", "what happens to names nobody claims", SetBy::owner)),
    listed({"max_mailboxes", "MAX MAILBOXES"},
           below<Limit, DomainLimits, &DomainLimits::mailboxes>("limits.mailboxes", "mailboxes it may have; 0 = no limit")),
    shown(not_plain("max_aliases"), below<Limit, DomainLimits, &DomainLimits::aliases>("limits.aliases", "aliases it may have; 0 = no limit")),
    shown(not_plain("max_forwards"), below<Limit, DomainLimits, &DomainLimits::forwards>("limits.forwards", "forwards it may have; 0 = no limit")),
    shown(not_plain("max_robots"), below<Limit, DomainLimits, &DomainLimits::robots>("limits.robots", "robots it may have; 0 = no limit")),
    shown(not_plain("max_lists"), below<Limit, DomainLimits, &DomainLimits::lists>("limits.lists", "lists it may have; 0 = no limit")),
    listed({"max_quota", "MAX QUOTAS"},
           below<Size, DomainLimits, &DomainLimits::quota>("limits.quota", "what its mailboxes' quotas may add up to; 0 = no limit")),
    shown({"mailbox_quota"}, below<Size, DomainLimits, &DomainLimits::mailbox_quota>("limits.mailbox_quota", "quota of a mailbox that is made without one; 0 = defaults.quota")),
    shown(not_plain("dmarc_policy"), always_there(below<DmarcPolicy, Dmarc, &Dmarc::policy>("dmarc.policy", "none, quarantine or reject", SetBy::owner))),
    shown(not_plain("dmarc_report_to"), below<ReportAddress, Dmarc, &Dmarc::report_to>("dmarc.report_to", "where reports go, as mailto:ADDRESS", SetBy::owner)),
    shown(not_plain("tls_certificate"), below<Line, TlsFiles, &TlsFiles::certificate>("tls.certificate", "absolute path of the certificate")),
    shown(not_plain("tls_key"), below<Line, TlsFiles, &TlsFiles::key>("tls.key", "absolute path of its key")),
};
// clang-format on

void check_nothing(Fields&, const Node&, Domain&, DomainReading&) {}

void check_tls(Fields& fields, const Node& node, Domain& domain, DomainReading&) {
    for (const auto& [key, path] :
         {std::pair("certificate", &domain.tls->certificate), std::pair("key", &domain.tls->key)})
        if (!path->starts_with('/')) {
            const Node* value = node.find(key);
            fields.refuse(key, value ? value->place : node.place, value ? "must be an absolute path" : "is missing",
                          "a certificate needs both certificate and key, as absolute paths");
        }
}

void keep_dmarc(Fields&, const Node& node, Domain&, DomainReading& reading) {
    reading.keep("domain.dmarc", node.key_place);
}

constexpr std::array domain_tables{
    DomainKeyTable{"domain", "dmarc", DomainKeyTable::Form::header,
                   [](const Domain& domain) { return domain.dmarc.has_value(); },
                   [](Domain& domain) { Part<Domain, Dmarc>::ensure(domain); },
                   [](Domain& domain) { domain.dmarc.reset(); }, keep_dmarc},
    DomainKeyTable{"domain", "tls", DomainKeyTable::Form::header,
                   [](const Domain& domain) { return domain.tls.has_value(); },
                   [](Domain& domain) { Part<Domain, TlsFiles>::ensure(domain); },
                   [](Domain& domain) { domain.tls.reset(); }, check_tls},
    DomainKeyTable{"domain", "limits", DomainKeyTable::Form::header,
                   [](const Domain& domain) { return domain.limits != DomainLimits{}; }, [](Domain&) {},
                   [](Domain& domain) { domain.limits = {}; }, check_nothing},
};

} // namespace

std::span<const DomainKey> domain_keys() { return domain_rows; }
std::span<const DomainKeyTable> domain_key_tables() { return domain_tables; }

std::vector<std::string> domain_setting_names(SetBy role) {
    std::vector<std::string> names;
    for (const auto& key : domain_rows)
        if (key.is_setting() && role <= key.set_by) names.emplace_back(key.name);
    return names;
}

} // namespace mailctl
