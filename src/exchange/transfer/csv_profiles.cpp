// SPDX-License-Identifier: Apache-2.0
// One table per product, from its documentation or the files it writes.
#include "mailctl/exchange/transfer/csv_profiles.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>

namespace mailctl {
namespace {

// admin.google.com, "Bulk update users": template and download.
Profile google() {
    return {.name = "google",
            .says = "Google Workspace: download and template of 'Bulk update users'",
            .fields = {{"email address", Use::address},
                       {"first name", Use::first_name},
                       {"last name", Use::last_name},
                       {"password", Use::password},
                       {"password hash function", Use::hash_function},
                       {"recovery email", Use::column, "recovery"},
                       {"status", Use::active},
                       {"new status", Use::active},
                       {"new primary email", Use::renaming}}};
}

// admin.microsoft.com, "Add multiple users": template; and the export of active users.
Profile m365() {
    return {.name = "m365",
            .says = "Microsoft 365: 'Add multiple users', and the export of users",
            .fields = {{"user name", Use::address},
                       {"username", Use::address},
                       {"user principal name", Use::address},
                       {"display name", Use::column, "name"},
                       {"first name", Use::first_name},
                       {"last name", Use::last_name},
                       {"password", Use::password},
                       {"alternate email address", Use::column, "recovery"},
                       {"alternate email addresses", Use::column, "recovery"},
                       {"proxy addresses", Use::proxies},
                       {"block credential", Use::blocked}}};
}

// cPanel, Address Importer: accounts, or forwarders, one pair a row; either also without headings.
Profile cpanel() {
    return {.name = "cpanel",
            .says = "cPanel: the files of its Address Importer, accounts or forwarders",
            .fields = {{"email", Use::address},
                       {"username", Use::address},
                       {"user", Use::address},
                       {"domain", Use::domain},
                       {"password", Use::password},
                       {"quota", Use::quota_mib},
                       {"quota (mb)", Use::quota_mib},
                       {"source", Use::address},
                       {"target", Use::targets}},
            .records = {{"", {{"email", Use::address}, {"password", Use::password}, {"quota", Use::quota_mib}}, 2},
                        {"", {{"source", Use::address}, {"target", Use::targets}}, 2}},
            .joining = Joining::all,
            .on_mailbox = OnMailbox::forwards};
}

Profile zoho() {
    return {.name = "zoho",
            .says = "Zoho Mail: 'Import users'",
            .fields = {{"username", Use::address},
                       {"user name", Use::address},
                       {"email address", Use::address},
                       {"email id", Use::address},
                       {"email", Use::address},
                       {"password", Use::password},
                       {"first name", Use::first_name},
                       {"last name", Use::last_name},
                       {"display name", Use::column, "name"},
                       {"secondary email", Use::column, "recovery"},
                       {"recovery email", Use::column, "recovery"}}};
}

// import_users_from_csv.py; the tables mailbox and alias as CSV; the export of the list views, in English.
Profile postfixadmin() {
    return {.name = "postfixadmin",
            .says = "PostfixAdmin: the file of its import script, its tables mailbox and alias as CSV",
            .fields = {{"username", Use::address},
                       {"user", Use::address},
                       {"email", Use::address},
                       {"address", Use::address},
                       {"alias", Use::address},
                       {"domain", Use::domain},
                       {"name", Use::column, "name"},
                       {"password", Use::any_password},
                       {"quota", Use::quota_bytes},
                       {"quota (mb)", Use::quota_mib},
                       {"active", Use::active},
                       {"email other", Use::column, "recovery"},
                       {"goto", Use::targets},
                       {"to", Use::targets}},
            .table_heading = "username",
            .on_mailbox = OnMailbox::replaced};
}

// Modoboa, import of identities: no header, the first cell is the type of the record.
Profile modoboa() {
    const std::vector<ProfileField> account = {{"type", Use::type},
                                               {"loginname", Use::login},
                                               {"password", Use::any_password},
                                               {"first name", Use::first_name},
                                               {"last name", Use::last_name},
                                               {"enabled", Use::active},
                                               {"group", Use::role},
                                               {"address", Use::address},
                                               {"quota", Use::quota_mib},
                                               {"domains", Use::ignored}};
    const std::vector<ProfileField> passing_on = {
        {"type", Use::type}, {"address", Use::address}, {"enabled", Use::active}, {"recipients", Use::targets}};
    return {.name = "modoboa",
            .says = "Modoboa: export and import of identities",
            .records = {{"account", account, 9},
                        {"alias", passing_on, 4},
                        {"forward", passing_on, 4},
                        {"dlist", passing_on, 4},
                        {"domain", {}, 2, "mailctl domain set"},
                        {"domainalias", {}, 2, "mailctl domain alias-add"},
                        {"relaydomain", {}, 2, "mailctl domain set DOMAIN relay_to=HOST:PORT"}},
            .joining = Joining::with_account,
            .on_mailbox = OnMailbox::forwards};
}

// create_mail_user_OpenLDAP.py and its relatives: no header, comma-separated.
Profile iredmail() {
    return {.name = "iredmail",
            .says = "iRedMail: the file of its scripts that make users",
            .records = {{"",
                         {{"domain", Use::domain},
                          {"username", Use::address},
                          {"password", Use::any_password},
                          {"cn", Use::column, "name"},
                          {"quota", Use::quota_bytes},
                          {"groups", Use::ignored}},
                         3}}};
}

Profile resellerclub() {
    return {.name = "resellerclub",
            .says = "ResellerClub and mailhostbox: 'Add Bulk Users'; give the domain with --domain",
            .fields = {{"username", Use::address},
                       {"user name", Use::address},
                       {"email", Use::address},
                       {"email address", Use::address},
                       {"first name", Use::first_name},
                       {"last name", Use::last_name},
                       {"first and last name", Use::column, "name"},
                       {"name", Use::column, "name"},
                       {"password", Use::password},
                       {"alternate email", Use::column, "recovery"},
                       {"alternate email address", Use::column, "recovery"}}};
}

} // namespace

std::span<const Profile> csv_profiles() {
    static const std::vector<Profile> profiles = {google(),       m365(),    cpanel(),   zoho(),
                                                  postfixadmin(), modoboa(), iredmail(), resellerclub()};
    return profiles;
}

const Profile* find_profile(std::string_view name) {
    const auto found = std::ranges::find(csv_profiles(), name, &Profile::name);
    return found == csv_profiles().end() ? nullptr : &*found;
}

std::string plain_heading(std::string_view heading) {
    std::string out;
    for (const char c : trim(heading.substr(0, heading.find('[')))) {
        const char plain = c == '_' || c == '-' || c == ' ' || c == '\t' ? ' ' : c;
        if (plain != ' ' || !out.ends_with(' ')) out += plain;
    }
    return fold(out);
}

const Profile* guess_profile(std::span<const std::string> headings) {
    const Profile* best = nullptr;
    std::size_t most = 1; // two headings at least
    for (const auto& profile : csv_profiles()) {
        const auto known = std::ranges::count_if(headings, [&](const std::string& heading) {
            return std::ranges::find(profile.fields, plain_heading(heading), &ProfileField::heading) !=
                   profile.fields.end();
        });
        if (static_cast<std::size_t>(known) > most) {
            most = static_cast<std::size_t>(known);
            best = &profile;
        }
    }
    return best;
}

} // namespace mailctl
