// SPDX-License-Identifier: Apache-2.0
// Dovecot's files.
#include "dovecot_maps.hpp"

#include "mailctl/exchange/certificate_names.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

constexpr std::string_view no_password = "{CRYPT}!"; // crypt(3) returns this for no input

bool may_log_in(const MapSource& source, const Domain& domain, const Mailbox& mailbox) {
    if (!mailbox.password || domain.state == DomainState::suspended) return false;
    return !(mailbox.suspend && mailbox.suspend->login && in_force(*mailbox.suspend, source.context.today));
}

std::string quota_field(ByteCount quota, DovecotVersion version) {
    if (quota.bytes == 0) return {};
    if (version == DovecotVersion::v23) return fmt::format("userdb_quota_rule=*:bytes={}", quota.bytes);
    return fmt::format("userdb_quota_storage_size={}B", quota.bytes);
}

constexpr std::string_view form_23 = R"(mail_location = maildir:~
mail_plugins = $mail_plugins quota
first_valid_uid = {uid}
first_valid_gid = {gid}
# user/domain logs in as user@domain
auth_username_translation = "/@"
auth_username_chars = "{characters}"
# the passwd-file is in memory anyway; a cache would let an old password or a suspended user in until it expires
auth_cache_size = 0
# Debian's conf.d/10-auth.conf asks PAM before this: each login waits two seconds there, unless you comment out
# its "!include auth-system.conf.ext"
passdb {{
  driver = passwd-file
  args = scheme=CRYPT username_format=%u {maps}/dovecot-users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {maps}/dovecot-users
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
}}
plugin {{
  # counts in maildirsize, as mailctl-deliver does
  quota = maildir:User quota
}}
!include {maps}/dovecot-tls.conf
)";

constexpr std::string_view form_24 = R"(mail_driver = maildir
mail_path = %{{home}}
# Debian's conf.d/10-mail.conf sets another one
mail_inbox_path = %{{home}}
mail_plugins {{
  quota = yes
}}
first_valid_uid = {uid}
first_valid_gid = {gid}
# user/domain logs in as user@domain
auth_username_translation = "/@"
auth_username_chars = "{characters}"
# the passwd-file is in memory anyway; a cache would let an old password or a suspended user in until it expires
auth_cache_size = 0
# Debian's conf.d/10-auth.conf asks PAM before this: each login waits two seconds there, unless you comment out
# its "!include auth-system.conf.ext"
passdb mailctl {{
  driver = passwd-file
  default_password_scheme = CRYPT
  passwd_file_path = {maps}/dovecot-users
}}
userdb mailctl {{
  driver = passwd-file
  passwd_file_path = {maps}/dovecot-users
}}
protocol imap {{
  mail_plugins {{
    imap_quota = yes
  }}
}}
# counts in maildirsize, as mailctl-deliver does
quota "User quota" {{
  driver = maildir
}}
!include {maps}/dovecot-tls.conf
)";

} // namespace

std::string looked_up(std::string_view name) {
    std::string key;
    for (const char c : name) {
        if (c == '\'' || c == '"' || c == '\\') key += '\\';
        key += c;
    }
    return key;
}

std::string login_characters(const Site::Addresses& rules) {
    std::string characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890.-_@";
    for (const char c : rules.local_part_characters)
        if (characters.find(c) == std::string::npos) characters += c;
    return characters;
}

std::string passwd_lines(const MapSource& source, const Domain& domain) {
    const auto& context = source.context;
    std::string text;
    for (const auto& [key, mailbox] : domain.mailboxes) {
        const Address address{LocalPart::from_trusted(key), domain.name};
        const auto password = may_log_in(source, domain, mailbox) ? *mailbox.password : std::string(no_password);
        const auto home = fmt::format("{}/{}", context.mail, context.mailbox_directory(address));
        text += fmt::format("{}@{}:{}:{}:{}::{}::{}\n", looked_up(key), domain.name.text(), password, context.uid,
                            context.gid, home, quota_field(mailbox.quota, source.context.dovecot));
    }
    return text;
}

std::string tls_block(const Domain& domain, DovecotVersion version, TlsBlock kind) {
    std::string blocks;
    const bool is_23 = version == DovecotVersion::v23;
    for (const auto* name : tls_names(domain))
        blocks += fmt::format("local_name {}{} {{\n  {} = {}{}\n  {} = {}{}\n}}\n",
                              kind == TlsBlock::wildcard ? "*." : "", name->text(),
                              is_23 ? "ssl_cert" : "ssl_server_cert_file", is_23 ? "<" : "", domain.tls->certificate,
                              is_23 ? "ssl_key" : "ssl_server_key_file", is_23 ? "<" : "", domain.tls->key);
    return blocks;
}

std::string in_order(DovecotVersion version, const std::string& wildcards, const std::string& singles) {
    return version == DovecotVersion::v23 ? singles + wildcards : wildcards + singles;
}

std::string dovecot_fragment(const MapSource& source) {
    const auto& context = source.context;
    const auto form = source.context.dovecot == DovecotVersion::v23 ? form_23 : form_24;
    return fmt::format(fmt::runtime(form), fmt::arg("uid", context.uid), fmt::arg("gid", context.gid),
                       fmt::arg("maps", context.maps), fmt::arg("characters", login_characters(source.site.addresses)));
}

} // namespace mailctl
