// SPDX-License-Identifier: Apache-2.0
// Keys and domains in the forms of two signers.
#include "dkim_maps.hpp"

#include "mailctl/exchange/dkim_rotation.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::string_view opendkim_keys = "opendkim-keys", opendkim_signing = "opendkim-signing",
                           rspamd_signing = "rspamd-dkim_signing.conf";

// use_esld: a subdomain is not signed with its parent's key. allow_username_mismatch: who may send as whom is Postfix's
// business (sender-login).
constexpr std::string_view rspamd_settings = "sign_authenticated = true;\n"
                                             "sign_local = true;\n"
                                             "use_esld = false;\n"
                                             "try_fallback = false;\n"
                                             "allow_username_mismatch = true;\n"
                                             "domain {\n";

struct SigningPlace {
    std::string directory; // of the domain's keys
    std::vector<DkimSelector> selectors;
};

std::string pem_path(const SigningPlace& place, const DkimSelector& selector) {
    return fmt::format("{}/{}.pem", place.directory, selector.name);
}

// rspamd takes a PEM of Ed25519 for one of RSA; the seed alone it reads right.
std::string rspamd_key_path(const SigningPlace& place, const DkimSelector& selector) {
    if (selector.algorithm == DkimAlgorithm::rsa) return pem_path(place, selector);
    return fmt::format("{}/{}.rspamd", place.directory, selector.name);
}

void add_opendkim(MapPieces& pieces, const DomainName& name, const SigningPlace& place) {
    for (const auto& selector : place.selectors) {
        const auto key = fmt::format("{}.{}", selector.name, name.text());
        pieces[std::string(opendkim_keys)] +=
            fmt::format("{} {}:{}:{}\n", key, name.text(), selector.name, pem_path(place, selector));
        pieces[std::string(opendkim_signing)] += fmt::format("*@{} {}\n", name.text(), key);
    }
}

void add_rspamd(MapPieces& pieces, const DomainName& name, const SigningPlace& place) {
    auto& text = pieces[std::string(rspamd_signing)];
    text += fmt::format("  \"{}\" {{\n    selectors [\n", name.text());
    for (const auto& selector : place.selectors)
        text += fmt::format("      {{ selector = \"{}\"; path = \"{}\"; }},\n", selector.name,
                            rspamd_key_path(place, selector));
    text += "    ]\n  }\n";
}

} // namespace

std::vector<MapFile> empty_dkim_maps(DkimSigner signer) {
    const auto map = [](std::string_view name, std::string_view purpose, std::string_view begin = {}) {
        return MapFile{std::string(name), map_header(purpose) + std::string(begin), MapKind::text};
    };
    switch (signer) {
    case DkimSigner::opendkim:
        return {map(opendkim_keys, "opendkim.conf: KeyTable"),
                map(opendkim_signing, "opendkim.conf: SigningTable refile:")};
    case DkimSigner::rspamd:
        return {map(rspamd_signing, "rspamd: include from local.d/dkim_signing.conf", rspamd_settings)};
    case DkimSigner::none:
        break;
    }
    return {};
}

Result<MapPieces> dkim_pieces(const MapSource& source, const Domain& domain) {
    MapPieces pieces;
    const auto signer = source.site.dkim.signer;
    if (signer == DkimSigner::none || !source.context.find_selectors) return pieces;
    TRY_ASSIGN(const auto selectors, source.context.find_selectors(domain.name));
    const SigningPlace place{fmt::format("{}/{}", source.context.dkim_directory, domain.name.text()),
                             signing_selectors(selectors, signer)};
    if (place.selectors.empty()) return pieces;
    std::vector<DomainName> names{domain.name};
    names.insert(names.end(), domain.aliases.begin(), domain.aliases.end());
    for (const auto& name : names)
        signer == DkimSigner::opendkim ? add_opendkim(pieces, name, place) : add_rspamd(pieces, name, place);
    return pieces;
}

std::string_view dkim_map_end(std::string_view map) { return map == rspamd_signing ? "}\n" : ""; }

} // namespace mailctl
