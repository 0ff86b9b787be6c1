// SPDX-License-Identifier: Apache-2.0
// Dovecot's passwd-file and TLS blocks, in the forms of 2.3 and 2.4. Nobody logs in to a mailbox without a password or
// with a suspended login: the field then holds a hash that matches nothing, which also stops SMTP AUTH ("nologin" does
// not).
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"

namespace mailctl {

// The key of a row: Dovecot's passwd-file driver looks names up with quotes and backslashes escaped.
[[nodiscard]] std::string looked_up(std::string_view name);
// auth_username_chars: its default and what this site allows beyond it.
[[nodiscard]] std::string login_characters(const Site::Addresses& rules);
// One line for each mailbox of the domain: user@domain:{SCHEME}hash:uid:gid::home::extra fields (passwd-file format).
[[nodiscard]] std::string passwd_lines(const MapSource& source, const Domain& domain);
// local_name blocks, "" without certificates. The wildcard comes first because Dovecot lets the last match win.
// "*.example.com" fits "mail.example.com" too, which may be a domain with a certificate of its own. The first block
// that fits is the one that counts in Dovecot 2.3, and the last one in 2.4: so all blocks of single names stand before
// all wildcards, or behind them.
enum class TlsBlock { wildcard, single };
[[nodiscard]] std::string tls_block(const Domain& domain, DovecotVersion version, TlsBlock kind);
[[nodiscard]] std::string in_order(DovecotVersion version, const std::string& wildcards, const std::string& singles);
// dovecot.conf to include: passdb, userdb, mail location, quota, user/domain login.
[[nodiscard]] std::string dovecot_fragment(const MapSource& source);

} // namespace mailctl
