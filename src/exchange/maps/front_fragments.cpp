// SPDX-License-Identifier: Apache-2.0
// Fragments of a front end.
#include "front_fragments.hpp"

#include "dovecot_maps.hpp"

#include <fmt/format.h>

#include <array>

namespace mailctl {

namespace {

constexpr std::string_view front_postfix_form =
    R"(# The domains live on other machines; this one takes their mail for them and knows who exists.
relay_domains = {type}:{maps}/front-domains
relay_recipient_maps = {type}:{maps}/front-recipients
transport_maps = {type}:{maps}/front-transport
recipient_delimiter = {delimiters}
# If you have recipient restrictions of your own, put these before them.
smtpd_recipient_restrictions = check_recipient_access {type}:{maps}/front-verify
unverified_recipient_reject_code = 550
# Whether a machine takes another unknown name changes: it is asked again soon.
address_verify_negative_refresh_time = 30s
address_verify_negative_expire_time = 1m
address_verify_positive_refresh_time = 1m
address_verify_positive_expire_time = 5m
# A name may begin with '-'; the machine that has its mail takes it for what it is.
allow_min_user = yes
# LMTP itself trusts whoever connects. Between machines say who may, and encrypt:
#   lmtp_tls_security_level = secure
)";

// `user/domain` is turned into `user@domain` before the password is passed on.
constexpr std::string_view front_dovecot_head = R"(# user/domain logs in as user@domain
auth_username_translation = "/@"
auth_username_chars = "{characters}"
# a cache would send a login to a machine that its mail has left
auth_cache_size = 0
)";

constexpr std::string_view front_global_23 = R"(passdb {{
  driver = passwd-file
  args = username_format=%u {maps}/front-accounts
}}
)";
constexpr std::string_view front_protocol_23 = R"(protocol {protocol} {{
  passdb {{
    driver = passwd-file
    args = username_format=%u {maps}/front-exceptions
  }}
  passdb {{
    driver = passwd-file
    args = username_format=%d {maps}/front-routes
  }}
}}
)";
constexpr std::string_view front_global_24 = R"(passdb accounts {{
  driver = passwd-file
  passwd_file_path = {maps}/front-accounts
}}
)";
constexpr std::string_view front_protocol_24 = R"(protocol {protocol} {{
  passdb exceptions {{
    driver = passwd-file
    passwd_file_path = {maps}/front-exceptions
  }}
  passdb routes {{
    driver = passwd-file
    passwd_file_path = {maps}/front-routes
    auth_username_format = %{{user | domain}}
  }}
}}
)";

// SMTP (submission's AUTH) is not among them, and must not be.
constexpr std::array<std::string_view, 3> passed_on{"imap", "pop3", "lmtp"};

} // namespace

std::string front_main_cf(const MapContext& context, const Site::Addresses& rules) {
    auto text = fmt::format(fmt::runtime(front_postfix_form), fmt::arg("type", context.database_type),
                            fmt::arg("maps", context.maps), fmt::arg("delimiters", rules.delimiters));
    // Postfix's defaults take these two for signs of a route.
    if (rules.local_part_characters.find('!') != std::string::npos) text += "swap_bangpath = no\n";
    if (rules.local_part_characters.find('%') != std::string::npos) text += "allow_percent_hack = no\n";
    return text;
}

std::string front_dovecot(const MapContext& context, const Site::Addresses& rules) {
    const bool is_23 = context.dovecot == DovecotVersion::v23;
    auto text = fmt::format(fmt::runtime(front_dovecot_head), fmt::arg("characters", login_characters(rules)));
    text += fmt::format(fmt::runtime(is_23 ? front_global_23 : front_global_24), fmt::arg("maps", context.maps));
    text += "# Any password passes here, because the machine that has the mail asks for it. So this stands in the\n"
            "# protocols that are passed on; without one around it SMTP AUTH would take any password.\n";
    for (const auto protocol : passed_on)
        text += fmt::format(fmt::runtime(is_23 ? front_protocol_23 : front_protocol_24), fmt::arg("protocol", protocol),
                            fmt::arg("maps", context.maps));
    return text;
}

} // namespace mailctl
