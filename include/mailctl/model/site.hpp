// SPDX-License-Identifier: Apache-2.0
// Site: what mailctl.toml says, as plain values with the defaults filled in. See mailctl.toml(5).
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/address.hpp"
#include "mailctl/model/dkim.hpp"
#include "mailctl/model/mail_node.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mailctl {

enum class OverQuotaAnswer { reject, defer };          // 552 5.2.2 or 452 4.2.2
enum class MapMode { agent, postfix };                 // who expands aliases: mailctl-deliver or Postfix itself
enum class DovecotVersion { v23, v24, installed };     // installed: the one on this machine
enum class MtaStsMode { off, none, testing, enforce }; // RFC 8461; off: there is no policy
enum class ClientSecurity { tls, starttls, off }; // TLS from the first byte, STARTTLS; off: the service is not offered

struct SubmitBySendmail {
    std::string program = "/usr/sbin/sendmail";
    bool operator==(const SubmitBySendmail&) const = default;
};
struct SubmitBySmtp {
    std::string host; // an IP address or a name
    unsigned short port = 25;
    bool operator==(const SubmitBySmtp&) const = default;
};
using Submit = std::variant<SubmitBySendmail, SubmitBySmtp>;

struct Site {
    DomainName hostname = DomainName::from_trusted("localhost"); // banner, Received, names of message files
    std::optional<Address> postmaster;                           // who postmaster@ and abuse@ of every domain reach
    std::optional<DomainName> alternate_suffix;                  // specification 3, "The alternate domain"
    Submit submit = SubmitBySendmail{};
    std::vector<std::string> source_ips; // the pool that source_ip = "auto" draws from
    std::string time_zone = "UTC";

    struct Addresses {
        std::string delimiters = "+";              // each character separates a detail; "" switches it off
        std::string local_part_characters = "-._"; // beside lowercase letters and digits
        bool operator==(const Addresses&) const = default;
    } addresses;

    struct Mail {
        std::string user = "vmail";
        std::string group = "vmail";
        std::string path; // "" = the place of specification 2
        bool operator==(const Mail&) const = default;
    } mail;

    struct Delivery {
        bool single_instance = true;
        bool srs = true;
        std::optional<DomainName> srs_domain; // default: hostname
        OverQuotaAnswer over_quota = OverQuotaAnswer::reject;
        std::vector<unsigned> quota_warnings{80, 95}; // percent of its quota at which a mailbox's user is told
        ByteCount max_message_size;                   // 0 = no limit
        unsigned max_recipients = 1000;
        unsigned max_connections = 10000;
        unsigned threads = 0; // deliveries under way at once; 0 = chosen by the agent
        std::chrono::seconds idle_timeout{300};
        std::chrono::seconds submit_timeout{30}; // the MTA has for all forwards of one message together
        unsigned max_expansion = 1000; // final targets of one recipient; over it mail is deferred, never truncated
        unsigned max_depth = 20;       // alias to alias to alias
        unsigned max_hops = 100;       // Received lines
        std::string journal; // "syslog", "stdout", "stderr" or an absolute path; "" = syslog (a file under --root)
        std::vector<std::string> allowed_peers; // users that may connect to the Unix socket; empty = its mode decides
        std::string socket_group = "postfix";   // group of the Unix socket (system paths)
        bool operator==(const Delivery&) const = default;
    } delivery;

    struct Replies {                       // of robots and of people who are away
        unsigned max_length = 0;           // characters of a message; 0 = no limit
        unsigned per_day = 1000;           // of one address; 0 = no limit
        unsigned per_day_and_domain = 200; // of them to senders of one domain; 0 = no limit
        bool operator==(const Replies&) const = default;
    } replies;
    // How much mail for unknown names is kept where `unknown = candidate`; over a limit the name is unknown.
    struct Candidates {
        unsigned names = 1000;                     // of one domain
        ByteCount bytes{100ULL << 20};             // held for one domain
        unsigned name_messages = 100;              // held for one name
        ByteCount name_bytes{10ULL << 20};         // the same
        std::chrono::seconds keep{30 * 24 * 3600}; // after the last message; `candidate expire`
        bool operator==(const Candidates&) const = default;
    } candidates;

    struct Maps {
        std::string type = "auto"; // "auto", "lmdb", "cdb", "hash", "texthash"
        MapMode mode = MapMode::agent;
        DovecotVersion dovecot = DovecotVersion::installed;
        std::string postfix_config_directory; // `postmap -c`, `postconf -c`; "" = the system's
        std::string dovecot_config;           // `doveadm -c`; "" = the system's
        std::string policy = "off"; // whether Postfix asks the agent at RCPT: "off", "on", or where: "inet:[::1]:10040"
        bool operator==(const Maps&) const = default;
    } maps;

    // What users are told to set up in their mail programs. "%d" in a name stands for the user's domain.
    struct ClientService {
        std::string host;  // "" = hostname
        unsigned port = 0; // 0 = the usual one
        ClientSecurity security = ClientSecurity::tls;
        bool operator==(const ClientService&) const = default;
    };
    struct Clients {
        ClientService imap, pop, smtp;
        std::string webmail; // its URL; "" = none
        bool operator==(const Clients&) const = default;
    } clients;

    // What the DNS of the domains should say, and how it is asked: mailctl-dns(8).
    struct MailExchange {
        unsigned preference = 10;
        DomainName host;
        bool operator==(const MailExchange&) const = default;
    };
    struct MtaSts {
        MtaStsMode mode = MtaStsMode::off;
        std::chrono::seconds max_age{7 * 24 * 3600};
        bool operator==(const MtaSts&) const = default;
    };
    struct Dns {
        std::vector<MailExchange> mx;        // empty: the hostname, at preference 10
        std::vector<std::string> addresses;  // of these hosts; empty: those that their names have
        std::vector<DomainName> spf_include; // others that send mail of the domains
        std::optional<DomainName> web_host;  // serves autoconfig, autodiscover and MTA-STS policies; default: hostname
        std::chrono::seconds ttl{3600};      // of records that `dns show` writes
        std::string tlsrpt;                  // "mailto:ADDRESS"; "" = no TLS reports are asked for
        std::vector<std::string> caa;        // values of CAA records as in a zone
        MtaSts mta_sts;
        std::vector<std::string> resolvers; // IP[:PORT]; empty: those of this host
        std::string trust_anchor;           // a file of DS or DNSKEY records; "" = the root's
        std::vector<DomainName> blocklists; // zones that list addresses
        unsigned alarm_after = 3;           // bad rounds until a domain counts as pending again
        bool operator==(const Dns&) const = default;
    } dns;

    struct Dkim {                                           // mailctl-dkim(8)
        DkimSigner signer = DkimSigner::none;               // whose tables are among the maps
        std::string directory;                              // of selectors and keys; "" = the place of specification 11
        std::string user;                                   // owner of the private keys; "" = the signer's own
        std::chrono::seconds rotate_every{180 * 24 * 3600}; // age at which a key gets a successor; 0 = never
        bool operator==(const Dkim&) const = default;
    } dkim;

    // What became of mail, from the MTA's logs: `track`.
    struct Track {
        std::vector<std::string> logs{"/var/log/mail.log*"}; // shell patterns
        std::chrono::seconds keep{14 * 24 * 3600};
        ByteCount max_size{4ULL << 30}; // of the database; 0 = no limit
        bool operator==(const Track&) const = default;
    } track;

    // What a new mailbox or domain gets where neither the command nor its domain says.
    struct Defaults {
        ByteCount quota;               // of a mailbox; 0 = no limit
        unsigned domain_mailboxes = 0; // limits.mailboxes of a domain; 0 = no limit
        ByteCount domain_quota;        // limits.quota of a domain; 0 = no limit
        bool operator==(const Defaults&) const = default;
    } defaults;
    // What a password that is chosen must be; one that is made always is.
    struct Passwords {
        unsigned min_length = 0; // characters
        std::string common;      // a file of those that nobody may take, one a line; "" = none
        bool operator==(const Passwords&) const = default;
    } passwords;
    // What an invitation says: %a the address, %n the person's name, %c the code, %t until when, %u the URL, %% a '%'.
    struct Invitations {
        std::string url;           // of a page that takes the code; "" = there is none
        std::string subject, text; // "" = ours
        bool operator==(const Invitations&) const = default;
    } invitations;

    // Other machines: mailctl-node(8), mailctl-publish(8).
    struct Publish {
        std::string database;   // a connection string of libpq; "" = nothing is published
        bool automatic = false; // after each change
        bool operator==(const Publish&) const = default;
    } publish;
    std::string node_copy = "rsync -aH --delete"; // program and options; source and target are added
    MailNodes nodes;

    bool operator==(const Site&) const = default;
};

} // namespace mailctl
