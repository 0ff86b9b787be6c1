// SPDX-License-Identifier: Apache-2.0
// What is served against what was told.
#include "mailctl/change/served_certificates.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/server_reload.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/files.hpp"
#include "service_control.hpp"

#include <fmt/format.h>

#include <set>

namespace mailctl {
namespace {

using Digests = std::map<std::string, std::string>; // by path

std::string record_path(const Paths& paths) { return paths.maps + "/.certificates"; }

Digests parse_digests(std::string_view text) {
    Digests digests;
    for (const auto line : split(text, '\n'))
        if (const auto space = line.find(' '); space != line.npos)
            digests.emplace(line.substr(space + 1), line.substr(0, space));
    return digests;
}

// Rows of `sni` are a name, a key and a certificate. A key is another only where its certificate is.
void add_certificates_of_domains(const MapFile& sni, std::set<std::string>& files) {
    for (const auto row : split(sni.text, '\n'))
        if (const auto words = split(row, ' '); words.size() == 3 && !row.starts_with('#')) files.emplace(words.back());
}

// Certificates for all other names, which the servers' own configurations name.
void add_certificates_of_hosts(const Paths& paths, const Site& site, std::set<std::string>& files) {
    for (auto& file : postfix_certificates(paths, site))
        files.insert(std::move(file));
    const DovecotControl dovecot(paths, site);
    for (auto& file : dovecot.certificate_files())
        files.insert(std::move(file));
}

} // namespace

Result<CertificateChanges> find_certificate_changes(const SiteView& view, const WantedMaps& wanted) {
    CertificateChanges changes;
    std::set<std::string> files;
    const auto& paths = view.paths();
    for (const auto& map : wanted.files) {
        if (map.kind == MapKind::sni) add_certificates_of_domains(map, files);
        if (map.kind == MapKind::sni || map.name == "dovecot-tls.conf")
            changes.served.emplace(paths.maps + "/" + map.name, digest(map.text));
    }
    add_certificates_of_hosts(paths, view.site(), files);
    TRY_ASSIGN(const auto record, find_file(record_path(paths)));
    const auto told = parse_digests(record.value_or(""));
    for (const auto& path : files) {
        const auto text = find_file(path);
        if (!text || !*text) continue; // whoever serves it says so
        const auto [entry, fresh] = changes.served.emplace(path, digest(**text));
        const auto before = told.find(path);
        if (before == told.end() || before->second != entry->second) changes.renewed.push_back(path);
    }
    changes.any = changes.served != told;
    return changes;
}

Status remember_certificates(const Paths& paths, const CertificateChanges& changes) {
    std::string text;
    for (const auto& [path, mark] : changes.served)
        text += fmt::format("{} {}\n", mark, path);
    return replace_file(record_path(paths), text, FileMode{0600, std::nullopt});
}

} // namespace mailctl
