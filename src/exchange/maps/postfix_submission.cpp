// SPDX-License-Identifier: Apache-2.0
// Services of master.cf and the socket between two programs.
#include "postfix_submission.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

// Without a login nothing is taken, wherever it is for: who sends from outside comes to port 25. A login may use its
// own addresses only; programs that know no better name is refused at MAIL FROM.
constexpr std::string_view submission_form = R"({name} inet n - n - - smtpd
  -o syslog_name=postfix/{name}
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_wrappermode={wrapper}
  -o smtpd_tls_auth_only=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_type=dovecot
  -o smtpd_sasl_path={socket}
  -o smtpd_sasl_security_options=noanonymous
  -o smtpd_sasl_local_domain=
  -o smtpd_client_restrictions=
  -o smtpd_helo_restrictions=
  -o smtpd_sender_login_maps={logins}
  -o smtpd_sender_restrictions=reject_sender_login_mismatch,permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o milter_macro_daemon_name=ORIGINATING
)";

std::string submission_service(const MapContext& context, std::string_view name, bool wrapper) {
    return fmt::format(fmt::runtime(submission_form), fmt::arg("name", name),
                       fmt::arg("wrapper", wrapper ? "yes" : "no"), fmt::arg("socket", context.sasl_socket),
                       fmt::arg("logins", fmt::format("{}:{}/sender-login", context.database_type, context.maps)));
}

} // namespace

std::string submission_cf(const MapSource& source) {
    if (source.site.clients.smtp.security == ClientSecurity::off) return {};
    return submission_service(source.context, "submissions", true) +
           submission_service(source.context, "submission", false);
}

std::string sasl_listener(const MapSource& source) {
    if (source.site.clients.smtp.security == ClientSecurity::off) return {};
    return fmt::format(
        "# Postfix asks here who a user is (submission.cf)\n"
        "service auth {{\n  unix_listener {} {{\n    mode = 0660\n    user = postfix\n    group = postfix\n"
        "  }}\n}}\n",
        source.context.sasl_socket);
}

} // namespace mailctl
