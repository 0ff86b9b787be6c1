// SPDX-License-Identifier: Apache-2.0
// main.cf and master.cf.
#include "mailctl/exchange/maps/postfix_fragments.hpp"

#include "postfix_maps.hpp"
#include "postfix_relay.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

std::string indexed(const MapContext& context, std::string_view name) {
    return fmt::format("{}:{}/{}", context.database_type, context.maps, name);
}
std::string by_pattern(const MapContext& context, std::string_view name) {
    return fmt::format("regexp:{}/{}", context.maps, name);
}

class Settings {
  public:
    void set(std::string_view name, std::string_view value) {
        text_ += value.empty() ? fmt::format("{} =\n", name) : fmt::format("{} = {}\n", name, value);
    }
    void say(std::string_view comment) { text_ += fmt::format("# {}\n", comment); }
    [[nodiscard]] std::string text() const { return text_; }

  private:
    std::string text_;
};

void set_agent_mode(Settings& settings, const MapContext& context) {
    settings.say("Every recipient goes to the agent, which resolves aliases and forwards; Postfix knows who exists.");
    settings.set("virtual_transport", agent_transport(context));
    settings.set("virtual_mailbox_maps",
                 fmt::format("{}, {}", indexed(context, "mailboxes"), by_pattern(context, "mailboxes-patterns")));
    settings.say("For 'virtual_transport = mailctl', the pipe command: one status answers for one recipient.");
    settings.set(fmt::format("{}_destination_recipient_limit", pipe_service), "1");
}

void set_srs(Settings& settings, const MapContext& context, const DomainName& domain) {
    const auto map = by_pattern(context, "srs");
    settings.say(fmt::format("Bounces of forwarded mail come back to SRS addresses in {}, and nothing else is accepted",
                             domain.text()));
    settings.say("there. If you relay for other domains, add this one to your own relay_domains instead.");
    settings.set("relay_domains", domain.text());
    settings.set("relay_recipient_maps", map);
    settings.set("local_recipient_maps", "proxy:unix:passwd.byname $alias_maps " + map);
}

void set_postfix_mode(Settings& settings, const MapSource& source) {
    const auto& context = source.context;
    settings.say(
        "Postfix expands aliases and delivers by itself; what it cannot say goes to the agent (transport_maps).");
    settings.set("virtual_transport", "virtual");
    settings.set("virtual_mailbox_maps", indexed(context, "mailboxes"));
    settings.set("virtual_mailbox_base", context.mail);
    settings.set("virtual_uid_maps", fmt::format("static:{}", context.uid));
    settings.set("virtual_gid_maps", fmt::format("static:{}", context.gid));
    settings.set("virtual_minimum_uid", "1");
    settings.set("virtual_mailbox_limit", "0");
    settings.set("virtual_alias_maps",
                 fmt::format("{}, {}", indexed(context, "aliases"), by_pattern(context, "aliases-patterns")));
    settings.set("virtual_alias_expansion_limit", std::to_string(source.site.delivery.max_expansion));
    settings.say("A detail belongs to the name that was written, not to where its mail is forwarded.");
    settings.set("propagate_unmatched_extensions", "canonical");
}

// Without an answer mail is taken as if nobody had asked: the agent decides once more when it comes.
std::string ask_agent(Settings& settings, const MapContext& context) {
    settings.say("The agent says at RCPT what no table can: a full mailbox, who may post to a list, a suspension.");
    return fmt::format("check_policy_service {{ {}, timeout=5s, default_action=DUNNO }}, ", context.policy_service);
}

void set_restrictions(Settings& settings, const MapSource& source) {
    const auto& context = source.context;
    std::string restrictions;
    if (source.site.maps.mode == MapMode::postfix)
        restrictions = fmt::format("check_recipient_access {}, check_recipient_access {}, ",
                                   indexed(context, "refused"), by_pattern(context, "refused-patterns"));
    if (!context.policy_service.empty()) restrictions += ask_agent(settings, context);
    settings.say("If you have recipient restrictions of your own, put these before them.");
    settings.set("smtpd_recipient_restrictions",
                 fmt::format("{}check_recipient_access {}", restrictions, indexed(context, "verify")));
    settings.say("Whether there is room for another candidate changes: it is asked again soon.");
    settings.set("unverified_recipient_reject_code", "550");
    settings.set("address_verify_negative_refresh_time", "30s");
    settings.set("address_verify_negative_expire_time", "1m");
    settings.set("address_verify_positive_refresh_time", "1m");
    settings.set("address_verify_positive_expire_time", "5m");
}

// Postfix's defaults take these two for signs of a route.
void set_characters(Settings& settings, std::string_view characters) {
    const bool has_bang = characters.find('!') != characters.npos,
               has_percent = characters.find('%') != characters.npos;
    if (has_bang || has_percent) settings.say("Names of this site hold what Postfix would take for a route.");
    if (has_bang) settings.set("swap_bangpath", "no");
    if (has_percent) settings.set("allow_percent_hack", "no");
}

} // namespace

std::string agent_transport(const MapContext& context) {
    return fmt::format("{}:unix:{}", lmtp_service, context.lmtp_socket);
}

std::optional<DomainName> srs_domain(const Site& site) {
    if (!site.delivery.srs) return std::nullopt;
    return site.delivery.srs_domain.value_or(site.hostname);
}

Result<std::string> main_cf(const MapSource& source) {
    const auto& context = source.context;
    Settings settings;
    settings.set("virtual_mailbox_domains", indexed(context, "domains"));
    if (source.site.maps.mode == MapMode::agent)
        set_agent_mode(settings, context);
    else
        set_postfix_mode(settings, source);
    set_restrictions(settings, source);
    settings.set("transport_maps",
                 fmt::format("{}, {}", indexed(context, "transport"), by_pattern(context, "transport-patterns")));
    settings.set("recipient_delimiter", source.site.addresses.delimiters);
    settings.say("A name may begin with '-'; the agent takes it for what it is.");
    settings.set("allow_min_user", "yes");
    set_characters(settings, source.site.addresses.local_part_characters);
    TRY_ASSIGN(const auto is_mail_domain, source.lookup.find_domain(source.site.hostname));
    if (is_mail_domain) {
        settings.say("This host's name is a mail domain too: its mail is for mailboxes, not for system users.");
        settings.set("mydestination", "localhost");
    }
    if (const auto domain = srs_domain(source.site)) {
        TRY_ASSIGN(const auto ours, source.lookup.find_domain(*domain));
        if (!ours) set_srs(settings, context, *domain);
    }
    settings.say("Who may send as whom: takes effect with reject_authenticated_sender_login_mismatch.");
    settings.set("smtpd_sender_login_maps", indexed(context, "sender-login"));
    settings.set("sender_dependent_default_transport_maps", indexed(context, "sender-transport"));
    settings.set("tls_server_sni_maps", indexed(context, "sni"));
    return settings.text();
}

std::string master_cf(const MapSource& source, const std::set<std::string>& source_ips, bool relays) {
    const auto& context = source.context;
    std::string text;
    text += fmt::format("{} unix - - n - - lmtp\n", lmtp_service);
    if (source.site.maps.mode == MapMode::agent) {
        const auto root = context.root.empty() ? std::string() : " --root " + context.root;
        text += fmt::format("{} unix - n n - - pipe\n  flags=Xq user={}:{} null_sender=\n"
                            "  argv={} pipe{} -f ${{sender}} -- ${{recipient}}\n",
                            pipe_service, source.site.mail.user, source.site.mail.group, context.deliver_program, root);
    }
    if (relays) text += relay_master_lines(source);
    for (const auto& ip : source_ips)
        text += fmt::format("{} unix - - n - - smtp\n  -o smtp_bind_address{}={}\n", source_transport(ip),
                            ip.find(':') == std::string::npos ? "" : "6", ip);
    return text;
}

} // namespace mailctl
