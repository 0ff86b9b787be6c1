// SPDX-License-Identifier: Apache-2.0
#include "check_facts.hpp"

#include "check_dns_facts.hpp"
#include "check_host_facts.hpp"
#include "check_mail_facts.hpp"
#include "check_served.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/maps/files.hpp"
#include "mailctl/change/maps/postmap.hpp"
#include "mailctl/exchange/certificate_names.hpp"
#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/maildir/wrong_sizes.hpp"
#include "mailctl/os/certificates.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/process.hpp"
#include "mailctl/os/text_socket.hpp"
#include "mailctl/routing/validate.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"
#include "mailctl/store/dns_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

namespace mailctl {

namespace {

class Gathering {
  public:
    Gathering(const World& world, const SiteView& view, const std::set<std::string_view>& areas)
        : world_(world), view_(view), areas_(areas) {}

    Result<SiteFacts> gather(const std::string& version, std::span<const DomainName> names) {
        facts_.site = view_.site();
        facts_.paths = view_.paths();
        facts_.now = world_.clock();
        facts_.today = day_in_zone(facts_.now, view_.site().time_zone);
        facts_.version = version;
        TRY(add_domains(names));
        if (areas_.contains("data")) {
            TRY(add_data());
        }
        if (areas_.contains("maps") || areas_.contains("postfix")) {
            TRY(add_maps());
        }
        if (areas_.contains("files") || areas_.contains("dovecot")) add_files();
        if (areas_.contains("mail")) {
            facts_.unmounted = find_unmounted(facts_.paths.mail);
            add_mail();
            add_held();
        }
        const bool asks_servers = areas_.contains("certificates");
        if (areas_.contains("postfix") || areas_.contains("dns") || asks_servers) add_postfix();
        if (areas_.contains("postfix")) add_this_host();
        if (areas_.contains("dovecot") || asks_servers) add_dovecot();
        if (areas_.contains("dns")) {
            add_dns();
            add_key_steps(facts_, view_);
            ask_dns(facts_);
        }
        if (asks_servers) {
            add_certificates();
            add_served();
        }
        if (areas_.contains("agent")) add_agent();
        if (areas_.contains("files") || areas_.contains("dovecot")) add_disks();
        if (areas_.contains("files")) add_journal();
        return std::move(facts_);
    }

  private:
    void not_seen(std::string area, std::string why, std::string remedy = {}) {
        facts_.unseen.push_back({std::move(area), std::move(why), std::move(remedy)});
    }

    Status add_domains(std::span<const DomainName> names) {
        std::vector<std::string> notes;
        TRY_ASSIGN(const auto all, view_.usable_domains({}, notes));
        for (auto& note : notes)
            facts_.data.push_back({"domains", std::move(note), {}, true});
        std::set<DomainName> wanted;
        for (const auto& name : names) {
            TRY_ASSIGN(auto real, view_.real_name(name));
            wanted.insert(std::move(real));
        }
        for (const auto* domain : all) {
            facts_.names.insert(domain->name.text());
            for (const auto& alias : domain->aliases)
                facts_.names.insert(alias.text());
            for (const auto& [local, unused] : domain->mailboxes)
                places_.emplace(mailbox_directory({LocalPart::from_trusted(local), domain->name}),
                                fmt::format("{}@{}", local, domain->name.display()));
            if (wanted.empty() || wanted.contains(domain->name)) facts_.domains.push_back(*domain);
        }
        return {};
    }

    Status add_data() {
        TRY_ASSIGN(const auto* applied, view_.applied());
        const ChangedDomains none;
        const ChangedSite site(view_.site(), *applied, none);
        for (const auto& domain : facts_.domains) {
            TRY_ASSIGN(const auto found, validate(view_.site(), site, domain, facts_.today));
            for (const auto& finding : found)
                facts_.data.push_back({domain.name.display(),
                                       finding.key.empty() ? finding.message : finding.key + ": " + finding.message,
                                       finding.remedy, finding.severity == Severity::error});
        }
        TRY_ASSIGN(const auto files, unapplied_files(view_));
        for (const auto& file : files)
            facts_.unapplied.push_back(file.path(view_.paths()));
        if (const auto* pending = view_.pending()) facts_.pending = pending->id;
        return {};
    }

    Status add_maps() {
        TRY_ASSIGN(const auto wanted, wanted_maps(view_, world_, view_.site()));
        for (const auto& map : wanted.files) {
            TRY_ASSIGN(const auto state, compare_map(view_.paths(), wanted, map));
            facts_.maps.push_back({map.name, state.text_current, state.index_current});
            if (map.name == "main.cf") facts_.wanted_in_main = read_postconf(without_comments(map.text));
        }
        TRY_ASSIGN(facts_.leftover_maps, leftover_maps(view_.paths(), wanted));
        return {};
    }
    static std::string without_comments(std::string_view text) {
        std::string kept;
        for (const auto line : split(text, '\n'))
            if (!line.starts_with('#')) kept.append(line).append(1, '\n');
        return kept;
    }

    void add_file(const std::string& path) {
        struct stat about {};
        if (::stat(path.c_str(), &about) == 0)
            facts_.files.push_back({path, about.st_mode, about.st_uid, about.st_gid});
    }
    void add_files_in(const std::string& directory) {
        add_file(directory);
        if (const auto names = list_directory(directory))
            for (const auto& name : *names)
                add_file(directory + "/" + name);
    }
    void add_files() {
        const auto& paths = view_.paths();
        for (const auto& path :
             {paths.site_file, paths.srs_secret, paths.lib, paths.history, paths.directory, paths.mail})
            add_file(path);
        add_files_in(paths.domains);
        add_files_in(paths.maps);
        if (const auto owner = get_mail_owner(paths, view_.site().mail)) {
            facts_.mail_uid = owner->user;
            facts_.mail_gid = owner->group;
        }
    }

    // Of the domains that are asked about, and of mailboxes with a quota: of others nobody reads it.
    void add_wrong_sizes() {
        std::vector<std::string> places;
        for (const auto& domain : facts_.domains)
            for (const auto& [local, mailbox] : domain.mailboxes)
                if (mailbox.quota.bytes > 0)
                    places.push_back(mailbox_directory({LocalPart::from_trusted(local), domain.name}));
        auto wrong = work_on_mail(view_, [&places](const MailStore& store) { return find_wrong_sizes(store, places); });
        if (!wrong) return not_seen("mail", wrong.error().what, wrong.error().hint);
        facts_.mail->wrong = std::move(*wrong);
    }
    void add_mail() {
        const auto now = facts_.now;
        const auto words = work_on_mail(view_, [now](const MailStore& store) { return look_at_mail(store, now); });
        if (!words) return not_seen("mail", words.error().what, words.error().hint);
        facts_.mail.emplace();
        facts_.mail->stale = whole_number(words->front()).value_or(0);
        std::set<std::string> there;
        for (auto word = words->begin() + 1; word != words->end(); ++word) {
            const auto place = word->substr(1);
            if (word->front() == '!') facts_.mail->split.push_back(place);
            if (!places_.contains(place)) facts_.mail->orphans.push_back(place);
            there.insert(place);
        }
        for (const auto& [place, address] : places_)
            if (!there.contains(place)) facts_.mail->missing.push_back(address);
        add_wrong_sizes();
        std::ranges::sort(facts_.mail->orphans);
        std::ranges::sort(facts_.mail->split);
    }

    void add_held() {
        const auto exists = find_stamp(view_.paths().state);
        if (!exists || !*exists) return;
        auto state = state_to_read(view_);
        for (const auto& domain : facts_.domains) {
            const auto candidates = candidates_of(state, domain.name);
            if (!candidates) return not_seen("mail", candidates.error().what, candidates.error().hint);
            HeldFact held{domain.name.display(), candidates->size(), 0};
            for (const auto& each : *candidates)
                held.bytes += each.bytes.bytes;
            if (held.names > 0) facts_.held.push_back(std::move(held));
        }
    }

    [[nodiscard]] bool is_system() const { return view_.paths().root.empty(); }

    // What these print may be long.
    static ProcessOptions for_long_output() {
        ProcessOptions options;
        options.output_limit = std::size_t{16} << 20;
        return options;
    }
    static Result<ProcessResult> ask(const std::vector<std::string>& argv) { return run(argv, for_long_output()); }
    [[nodiscard]] Result<ProcessResult> postconf(const std::vector<std::string>& options) const {
        return run_postfix_tool("postconf", view_.site().maps, options, for_long_output());
    }
    void add_postfix() {
        if (!is_system() && view_.site().maps.postfix_config_directory.empty())
            return not_seen("postfix", "below --root the Postfix of this machine is not this site's",
                            "mailctl config set maps.postfix_config_directory=DIRECTORY");
        const auto all = postconf({"-x"}), own = postconf({"-n"}), services = postconf({"-M"}),
                   types = postconf({"-m"});
        if (!all || all->status != 0)
            return not_seen("postfix",
                            all ? fmt::format("postconf: {}", printable(trim(all->error_output))) : all.error().what);
        auto& postfix = facts_.postfix.emplace();
        postfix.settings = read_postconf(all->output);
        if (own) postfix.own = read_postconf(own->output);
        if (services) postfix.services = read_master(services->output);
        if (types)
            for (const auto line : split(std::string_view(types->output), '\n'))
                if (!trim(line).empty()) postfix.table_types.emplace(trim(line));
        if (own)
            for (const auto line : split(std::string_view(own->error_output), '\n'))
                if (!trim(line).empty()) postfix.warnings.push_back(printable(trim(line)));
    }

    void add_this_host() {
        if (!facts_.postfix) return;
        add_postfix_tables(facts_);
        add_postfix_files(facts_);
        ask_next_hops(facts_);
        facts_.container_gateways = find_container_gateways();
    }

    void add_dovecot() {
        const auto& config = view_.site().maps.dovecot_config;
        if (!is_system() && config.empty())
            return not_seen("dovecot", "below --root the Dovecot of this machine is not this site's",
                            "mailctl config set maps.dovecot_config=FILE");
        const auto version = ask({"dovecot", "--version"});
        if (!version || version->status != 0)
            return not_seen("dovecot",
                            version ? std::string("dovecot does not say its version") : version.error().what);
        std::vector<std::string> argv{"doveconf"};
        if (!config.empty()) argv.insert(argv.end(), {"-c", config});
        argv.emplace_back("-n");
        const auto said = ask(std::move(argv));
        if (!said) return not_seen("dovecot", said.error().what);
        auto& dovecot = facts_.dovecot.emplace();
        dovecot.version = std::string(trim(version->output));
        if (said->status != 0) return dovecot.errors.push_back(printable(trim(said->error_output)));
        dovecot.settings = read_doveconf(said->output);
        dovecot.passdbs = read_passdbs(said->output);
        dovecot.local_names = read_local_names(said->output);
        if (const auto schemes = ask({"doveadm", "pw", "-l"}); schemes && schemes->status == 0)
            for (const auto& scheme : list_words(schemes->output))
                dovecot.schemes.insert(fold(scheme));
    }

    void add_dns() {
        const auto exists = find_stamp(view_.paths().state);
        if (!exists || !*exists) return not_seen("dns", "no round of 'dns check' is remembered");
        auto state = state_to_read(view_);
        const auto known = all_dns_domains(state);
        if (!known) return not_seen("dns", known.error().what);
        if (known->empty()) return not_seen("dns", "no round of 'dns check' is remembered");
        for (const auto& domain : facts_.domains) {
            const auto about = known->find(domain.name.text());
            if (about == known->end() || !about->second.since) continue;
            facts_.dns_domains.push_back({domain.name.display(), about->second.active, true});
            const auto records = dns_records_of(state, domain.name.text());
            if (!records) continue;
            for (const auto& record : *records)
                facts_.dns.push_back(
                    {domain.name.display(), record.name, record.type, record.state, record.hint, record.required});
        }
    }

    void add_certificates() {
        for (const auto& domain : facts_.domains) {
            if (!domain.tls) continue;
            const CertificateFiles files{domain.tls->certificate, domain.tls->key};
            const auto names = certificate_names(view_.site(), domain);
            for (const auto& trouble : find_certificate_troubles(files, names, facts_.now))
                facts_.certificates.push_back(
                    {domain.name.display(), trouble.what, trouble.remedy, !trouble.is_usable || trouble.is_refused});
        }
    }

    void add_served() {
        const auto offers = tls_offers(facts_);
        if (offers.empty()) return;
        if (!can_look_at_served())
            return not_seen("certificates", "what servers show, for openssl(1) is not here", "apt install openssl");
        facts_.served = look_at_served(offers);
    }

    void add_agent() {
        constexpr std::chrono::seconds patience{5};
        if (const auto compiled = view_.compiled(); compiled && *compiled)
            facts_.generation = (*compiled)->generation();
        const auto line = read_text_socket(view_.paths().status_socket, patience);
        if (!line)
            return not_seen("agent", fmt::format("no agent answers on '{}'", view_.paths().status_socket),
                            is_system() ? "systemctl start mailctl-deliver" : "mailctl-deliver lmtp");
        facts_.agent = read_agent_status(*line);
        if (!facts_.agent)
            not_seen("agent", fmt::format("what answers on '{}' is no agent of mailctl", view_.paths().status_socket));
    }

    static bool is_on_network(const std::string& path) {
        struct statfs about {};
        constexpr std::uint32_t nfs = 0x6969, smb = 0xFF534D42, smb2 = 0xFE534D42, gluster = 0x65735546;
        if (::statfs(path.c_str(), &about) != 0) return false;
        const auto type = static_cast<std::uint32_t>(about.f_type);
        return type == nfs || type == smb || type == smb2 || type == gluster;
    }
    void add_journal() {
        const auto& told = view_.site().delivery.journal;
        const auto& path = told.starts_with('/') ? told : view_.paths().journal;
        const auto stamp = path.empty() ? Result<std::optional<FileStamp>>(std::nullopt) : find_stamp(path);
        if (stamp && *stamp) facts_.journal.emplace(path, (*stamp)->size);
    }
    void add_disks() {
        for (const auto& path : {view_.paths().mail, view_.paths().lib}) {
            struct statvfs about {};
            if (::statvfs(path.c_str(), &about) != 0 || about.f_blocks == 0) continue;
            constexpr std::uint64_t whole = 100;
            DiskFact disk{path, about.f_bavail * whole / about.f_blocks, whole};
            disk.is_network = is_on_network(path);
            if (about.f_files > 0) disk.free_inodes_percent = about.f_favail * whole / about.f_files;
            facts_.disks.push_back(std::move(disk));
        }
    }

    const World& world_;
    const SiteView& view_;
    const std::set<std::string_view>& areas_; // that are asked about
    SiteFacts facts_;
    std::map<std::string, std::string> places_; // of mailboxes below the mail root -> address
};

} // namespace

Result<SiteFacts> gather_facts(const World& world, const std::string& version, std::span<const DomainName> names,
                               const std::set<std::string_view>& areas) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    return Gathering(world, view, areas).gather(version, names);
}

} // namespace mailctl
