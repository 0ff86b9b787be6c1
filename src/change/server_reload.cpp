// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/server_reload.hpp"

#include "service_control.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

void note_reload(std::string_view server, std::string_view command, const std::string& trouble, Reloaded& reloaded) {
    if (trouble.empty()) {
        reloaded.notes.push_back(fmt::format("reloaded {}", server));
        return;
    }
    reloaded.failed = true;
    reloaded.notes.push_back(
        fmt::format("warning: {} could not be reloaded, and may serve the certificates it has: {}", server, trouble));
    reloaded.notes.push_back(fmt::format("hint: {}", command));
}

} // namespace

Reloaded reload_mail_servers(const Paths& paths, const Site& site) {
    Reloaded reloaded;
    const PostfixControl postfix(paths, site);
    if (postfix.is_running())
        note_reload("Postfix", "postfix reload", postfix.reload(), reloaded);
    else
        reloaded.notes.emplace_back("Postfix does not run here: nothing to reload");
    const DovecotControl dovecot(paths, site);
    if (dovecot.is_running())
        note_reload("Dovecot", "doveadm reload", dovecot.doveadm({"reload"}), reloaded);
    else
        reloaded.notes.emplace_back("Dovecot does not run here: nothing to reload");
    return reloaded;
}

std::vector<std::string> postfix_certificates(const Paths& paths, const Site& site) {
    const PostfixControl postfix(paths, site);
    auto files = postfix.values_of("smtpd_tls_chain_files"); // where it is set the others are not read
    if (!files.empty()) return files;
    for (const auto* name : {"smtpd_tls_cert_file", "smtpd_tls_eccert_file"})
        for (auto& file : postfix.values_of(name))
            files.push_back(std::move(file));
    std::erase(files, "none");
    return files;
}

} // namespace mailctl
