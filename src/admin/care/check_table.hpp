// SPDX-License-Identifier: Apache-2.0
// The table of `mailctl check`: a row for each thing that may be wrong with a site, and one pure function that looks
// for it in facts gathered beforehand. What could not be looked at is absent there; no function guesses.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/exchange/logs/agent_status.hpp"
#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"
#include "mailctl/os/paths.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace mailctl {

using Settings = std::map<std::string, std::string, std::less<>>;

struct PostfixService { // a line of master.cf
    std::string name, type;
    bool is_chrooted = false;
    std::vector<std::string> command; // "smtpd", "-o", "syslog_name=..."
};
struct FileFact {
    std::string path;
    unsigned mode = 0, uid = 0, gid = 0;
};
struct RouteFact { // what a table of transport_maps that is not ours says of a hosted name, or of all ("*")
    std::string table, name, transport;
};
struct RepeatedFact { // a key that the text of a table has several times: the last one wins, or the first
    std::string table, key;
};
struct SniFact { // a table of tls_server_sni_maps
    std::string table;
    bool holds_certificates = true; // it was built with `postmap -F`
    bool is_current = true;         // no certificate in it is newer
};
struct JailFact { // a file of the host that chrooted services have no copy of, or another one
    std::string path;
    bool is_there = false;
};
struct ClientFact { // who connects to the agent for Postfix
    unsigned uid = 0;
    std::set<unsigned> groups;
};
struct HopFact { // where main.cf sends mail on to
    std::string parameter, address;
    bool takes_utf8 = true;
};
struct PostfixFacts {
    Settings settings; // of main.cf with those not set there, $names expanded
    Settings own;      // those that stand in main.cf, as they are written there
    std::vector<PostfixService> services;
    std::set<std::string> table_types;
    std::vector<std::string> warnings; // what postconf said on stderr
    std::vector<FileFact> files;       // main.cf, master.cf, texts of tables
    std::vector<RouteFact> routes;
    std::vector<RepeatedFact> repeated;
    std::vector<SniFact> sni;
    std::vector<JailFact> jail;
    std::vector<FileFact> socket_path; // of the agent's socket, from the root to itself; none: it is not there
    std::optional<ClientFact> client;
    std::vector<HopFact> hops;
};
struct DovecotFacts {
    std::string version;
    Settings settings;                    // "section/section/key" -> value, from doveconf -n
    std::vector<std::string> passdbs;     // their drivers, in the order in which they are asked
    std::vector<std::string> local_names; // of blocks for clients that name a server, in the order of the file
    std::set<std::string> schemes;        // of passwords that this build knows; none: nobody could ask
    std::vector<std::string> errors;
};
struct MapFact {
    std::string name;
    bool text_current = true, index_current = true;
};
struct DoubtFact { // what validation, or a certificate, says
    std::string place, what, remedy;
    bool is_error = false;
};
struct DnsFact {
    std::string domain;
    std::string name, rrtype, state, hint;
    bool is_required = false;
};
struct DnsDomainFact {
    std::string domain;
    bool is_active = false, was_asked = false;
};
struct MailFact {                     // what was found below the mail root
    std::vector<std::string> missing; // mailboxes without a Maildir: addresses
    std::vector<std::string> orphans; // Maildirs of nobody: places below the mail root
    std::vector<std::string> split;   // new, cur and tmp on different file systems
    std::vector<std::string> wrong;   // maildirsize is not what lies there
    std::uint64_t stale = 0;          // files in tmp older than 36 hours
};
struct KeyStepFact { // of a DKIM key, a step that was due long ago
    std::string domain, selector, step;
    Instant since; // when it became due
};
struct BlocklistFact { // what a block list that main.cf asks says of its own test addresses, through our resolver
    std::string list;
    std::string refusal;          // "127.255.255.254": it does not answer this resolver; "" = it does
    bool lists_everybody = false; // 127.0.0.1 too, which is never listed (RFC 5782 section 5)
};
struct HeldFact { // of a domain, mail of candidates
    std::string domain;
    std::uint64_t names = 0, bytes = 0;
};
struct ServedFact {                // what a server of this machine shows to a client
    std::string place, name, file; // "127.0.0.1:993"; the name asked for, or ""; where its certificate lies
    bool is_current = true;        // it is the one in the file
};
struct DiskFact {
    std::string path;
    std::uint64_t free_percent = 100, free_inodes_percent = 100;
    bool is_network = false;
};

struct SiteFacts {
    Site site;
    Paths paths;
    Instant now{};
    Date today{};
    std::string version;         // of this program
    std::vector<Domain> domains; // those that are asked about
    std::set<std::string> names; // all that this site hosts, with aliases, as A-labels
    std::vector<DoubtFact> data, certificates;
    std::vector<ServedFact> served;
    std::vector<HeldFact> held;
    std::vector<std::string> unapplied; // files edited by hand
    std::optional<std::uint64_t> pending;
    std::vector<MapFact> maps;
    std::vector<std::string> leftover_maps;
    Settings wanted_in_main; // main.cf as our fragment has it
    std::vector<FileFact> files;
    std::optional<unsigned> mail_uid, mail_gid;
    std::optional<PostfixFacts> postfix;
    std::optional<DovecotFacts> dovecot;
    std::optional<MailFact> mail;
    std::vector<DnsFact> dns;
    std::vector<DnsDomainFact> dns_domains;
    std::vector<KeyStepFact> key_steps;
    std::vector<BlocklistFact> blocklists;
    std::vector<std::string> nameless;           // IPv6 addresses of this host without a PTR record
    std::vector<std::string> container_gateways; // addresses of this host in networks of containers
    std::vector<std::string> unmounted;          // fstab(5) mounts them at the mail root or above; they are not mounted
    std::optional<AgentStatus> agent;
    std::uint64_t generation = 0;
    std::vector<DiskFact> disks;
    std::optional<std::pair<std::string, std::uint64_t>> journal; // a file: its path and its bytes
    std::vector<DoubtFact> unseen; // place: the area; what could not be looked at, and why
};

enum class Weight { error, warning, advice };

class Sayings;
struct Check {
    std::string_view id; // "postfix.mydestination-overlap": the area stands before the dot
    int number = 0;      // in the catalogue of docs/running-a-site.md; 0: of our own data
    Weight weight = Weight::error;
    bool is_fixable = false;
    std::string_view says; // what is wrong, for the manual
    std::string_view remedy;
    void (*look)(const SiteFacts& facts, Sayings& say);
    [[nodiscard]] std::string_view area() const { return id.substr(0, id.find('.')); }
};

struct SiteFinding {
    const Check* check = nullptr;
    std::string place, what, remedy;
    std::optional<Weight> weight = {}; // where it is not the check's
};
class Sayings {
  public:
    explicit Sayings(std::vector<SiteFinding>& findings) : findings_(findings) {}
    void begin(const Check& check) { check_ = &check; }
    void operator()(std::string place, std::string what, std::string remedy = {}, std::optional<Weight> weight = {}) {
        if (remedy.empty()) remedy = check_->remedy;
        findings_.push_back({check_, std::move(place), std::move(what), std::move(remedy), weight});
    }

  private:
    std::vector<SiteFinding>& findings_;
    const Check* check_ = nullptr;
};

// By area.
[[nodiscard]] std::span<const Check> data_checks();
[[nodiscard]] std::span<const Check> files_checks(); // files, maps, mail
[[nodiscard]] std::span<const Check> postfix_checks();
[[nodiscard]] std::span<const Check> postfix_table_checks();  // tables, services and the agent's contract
[[nodiscard]] std::span<const Check> postfix_policy_checks(); // whose mail is taken, how much, and who gets a copy
[[nodiscard]] std::span<const Check> postfix_host_checks();   // whom it trusts, where it sends mail, its files
[[nodiscard]] std::span<const Check> dovecot_checks();
[[nodiscard]] std::span<const Check> dovecot_account_checks(); // who logs in, and with what
[[nodiscard]] std::span<const Check> outside_checks();         // dns, certificates, agent, host
[[nodiscard]] std::span<const Check> place_checks();           // where mail and its traces lie
[[nodiscard]] std::span<const Check> served_checks();          // certificates that servers show

// All rows, in the order of the manual.
[[nodiscard]] std::vector<const Check*> all_checks();
// What is wrong, in that order; of these areas or ids, or all. The same facts give the same findings.
[[nodiscard]] std::vector<SiteFinding> look_at_all(const SiteFacts& facts, std::span<const std::string> only);

// Of main.cf, or what Postfix takes without it; "": it is not set, or nobody could look.
[[nodiscard]] std::string postfix_setting(const SiteFacts& facts, std::string_view name);
[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view text); // nullopt: it is none
// Words of a list in main.cf.
[[nodiscard]] std::vector<std::string> list_words(std::string_view value);

} // namespace mailctl
