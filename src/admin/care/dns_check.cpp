// SPDX-License-Identifier: Apache-2.0
// From domains to tasks of a round, and from their rows to a report and the state.
#include "mailctl/admin/care/dns_check.hpp"

#include "dns_connect.hpp"
#include "dns_memory.hpp"
#include "dns_round.hpp"
#include "dns_subjects.hpp"
#include "host_keys.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/config/dns_words.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/routing/resolve.hpp"
#include "mailctl/site/site_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t domains_at_once = 200; // read from their files
constexpr std::size_t rounds_at_once = 64;   // written to the state in one transaction

// The names too: what was stored lies where the mail user can write.
Cells cells_of_row(const std::string& domain, const DnsRow& row, std::optional<Instant> since) {
    std::vector<std::string> found;
    for (const auto& value : row.found)
        found.push_back(printable(value));
    return {{"domain", domain},
            {"name", printable(row.name)},
            {"rrtype", printable(row.type), true, true, "TYPE"},
            {"state", std::string(dns_state_word(row.state))},
            {"required", row.required, true, false},
            {"expected", printable(row.expected)},
            {"found", found},
            {"since", since ? CellValue(*since) : CellValue{}, true, false},
            {"hint", printable(row.hint)}};
}

// The domain without its accounts: of many domains that is what has to be kept.
Domain without_accounts(Domain domain) {
    domain.mailboxes.clear();
    domain.forwards.clear();
    domain.robots.clear();
    domain.lists.clear();
    domain.banished.clear();
    return domain;
}

struct NamedTask {
    std::shared_ptr<const Domain> domain; // nullptr: the hosts
    std::vector<DnsSubject> subjects;
    bool is_whole = true; // all names of the domain: then its state can be remembered
    std::string shown;    // "example.org"
};

// Whether mail for an address of ours reaches somebody, as the agent would say.
std::optional<bool> receives(const World& world, const SiteView& view, const Address& address) {
    const auto lookup = view.applied();
    if (!lookup) return std::nullopt;
    const auto ours = (*lookup)->find_domain(address.domain);
    if (!ours || !*ours) return std::nullopt;
    const auto settings = resolve_settings(view.site(), day_in_zone(world.clock(), view.site().time_zone));
    const auto plan = resolve(**lookup, settings, address);
    if (!plan) return std::nullopt;
    return std::holds_alternative<Deliver>(plan->outcome) || std::holds_alternative<Defer>(plan->outcome);
}

class DnsCheck {
  public:
    DnsCheck(const World& world, SiteView view, const DnsCheckOptions& options)
        : world_(world), view_(std::move(view)), options_(options), now_(world.clock()), connections_(view_.site()) {
        facts_.now = now_;
        facts_.receives = [this](const Address& address) { return receives(world_, view_, address); };
    }

    Result<Report> run(std::span<const DomainName> domains) {
        report_ = report_of("dns_record");
        TRY(list_names(domains));
        TRY_ASSIGN(const auto source, open_source());
        open_state();
        Progress progress("checking DNS of domains", total_);
        DnsRound round(*source, options_.timeout * 4);
        TRY(round.run([this] { return next_task(); },
                      [&](const DnsTask& task, const std::vector<DnsRow>& rows, const DnsBook& book) {
                          progress.step();
                          return finish(task, rows, book);
                      }));
        TRY(save_rounds());
        TRY(save_answers());
        return take_report();
    }

  private:
    // What hosts say is told and not remembered: it is no record.
    void connect() {
        if (!options_.connect) return;
        std::vector<DnsRow> seen;
        for (auto& [shown, row] : connections_.look()) {
            if (!options_.changes_only || row.state != DnsState::ok)
                report_.rows.push_back(cells_of_row(shown, row, std::nullopt));
            seen.push_back(std::move(row));
        }
        raise_status(exit_status_of(seen));
    }
    void raise_status(int status) {
        if (status == exit_code(ErrorKind::found) || (status != 0 && report_.status == 0)) report_.status = status;
    }

    Status list_names(std::span<const DomainName> domains) {
        if (!domains.empty()) {
            names_.assign(domains.begin(), domains.end());
        } else if (view_.role().kind == Role::Kind::site) {
            TRY_ASSIGN(names_, view_.domain_names());
            hosts_wanted_ = true;
        } else {
            TRY_ASSIGN(const auto seen, view_.usable_domains({}, report_.notes));
            for (const auto* domain : seen)
                names_.push_back(domain->name);
        }
        total_ = names_.size() + (hosts_wanted_ ? 1 : 0);
        if (!hosts_wanted_ && !options_.next_keys.empty())
            return fail(ErrorKind::usage, "--next-key is about the hosts, which are looked at with all domains",
                        "name no domain");
        if (hosts_wanted_) {
            TRY_ASSIGN(facts_.keys, find_host_keys(view_, options_.next_keys));
        }
        return {};
    }

    Result<std::unique_ptr<DnsSource>> open_source() {
        if (options_.answers) {
            auto answers = parse_dns_answers(*options_.answers);
            if (!answers)
                return fail(answers.error().while_doing(fmt::format("cannot read '{}'", options_.answers_name)));
            facts_.validates = std::ranges::any_of(*answers, [](const auto& entry) { return entry.second.secure; });
            return source_of_file(std::move(*answers));
        }
        const auto& dns = view_.site().dns;
        DnsResolverSettings settings;
        settings.timeout = options_.timeout;
        settings.trust_anchor = dns.trust_anchor;
        for (const auto& text : options_.servers.empty() ? dns.resolvers : options_.servers)
            settings.resolvers.push_back(server_text(text));
        if (!options_.servers.empty()) {
            facts_.asks_name_servers = false;
            facts_.servers.assign(settings.resolvers.begin() + 1, settings.resolvers.end());
            settings.resolvers.resize(1);
        } else if (settings.trust_anchor.empty()) {
            settings.trust_anchor = find_root_anchor();
        }
        TRY_ASSIGN(auto source, source_of_net(settings));
        facts_.validates = !settings.trust_anchor.empty();
        if (!dns.trust_anchor.empty() || !facts_.validates || hands_on_signatures(*source)) return source;
        report_.notes.emplace_back("the resolver does not hand on what DNSSEC needs: no signature is checked");
        facts_.validates = false;
        settings.trust_anchor.clear();
        return source_of_net(settings);
    }

    // Behind a resolver that leaves signatures out, every signed zone would look forged.
    static bool hands_on_signatures(DnsSource& source) {
        source.ask(0, {"", "DNSKEY"});
        const auto answers = source.take();
        return !answers.empty() && answers.front().second.is_known() && answers.front().second.secure;
    }

    // Whoever cannot write the state still sees what the DNS says.
    void open_state() {
        auto state = state_of(view_);
        if (!state) return note_state(state.error());
        state_ = std::move(*state);
        if (const auto turn = state_->turn(); !turn) note_state(turn.error());
    }
    void note_state(const Error& error) {
        report_.notes.push_back(fmt::format("what was seen is not remembered: {}", error.what));
        state_.reset();
    }

    Result<std::optional<DnsTask>> next_task() {
        if (loaded_.empty()) {
            TRY(load_more());
        }
        if (loaded_.empty()) return std::optional<DnsTask>{};
        auto named = std::move(loaded_.front());
        loaded_.erase(loaded_.begin());
        return std::optional(task_of(std::move(named)));
    }

    // A view of its own for each lot, so that what was read of the lots before is let go.
    Status load_more() {
        if (hosts_wanted_) {
            loaded_.push_back({nullptr, {}, true, view_.site().hostname.display()});
            hosts_wanted_ = false;
        }
        if (next_name_ == names_.size()) return {};
        TRY_ASSIGN(const auto view, SiteView::open(world_));
        const auto end = std::min(names_.size(), next_name_ + domains_at_once);
        for (; next_name_ < end; ++next_name_) {
            const auto& name = names_[next_name_];
            TRY_ASSIGN(const auto* domain, view.usable_domain(name, report_.notes));
            auto slim = std::make_shared<const Domain>(without_accounts(*domain));
            TRY_ASSIGN(auto subjects, dns_subjects_for(view, *slim, name));
            look_at_private_keys(view, *slim, subjects);
            loaded_.push_back({slim, std::move(subjects), name == slim->name, slim->name.display()});
        }
        return {};
    }

    DnsTask task_of(NamedTask named) {
        const auto number = tasks_.size();
        auto kept = std::make_shared<NamedTask>(std::move(named));
        tasks_.push_back(kept);
        const auto key = kept->domain ? kept->domain->name.text() : dns_key_of_hosts(view_.site());
        return {number, key, [this, kept](DnsBook& book) {
                    if (options_.connect) connections_.ask_for(kept->subjects, book);
                    if (!kept->domain) return check_host_records(view_.site(), facts_, book);
                    std::vector<DnsRow> rows;
                    for (const auto& subject : kept->subjects)
                        std::ranges::move(check_domain_records(view_.site(), subject, facts_, book),
                                          std::back_inserter(rows));
                    return rows;
                }};
    }

    Status finish(const DnsTask& task, const std::vector<DnsRow>& rows, const DnsBook& book) {
        const auto named = std::exchange(tasks_[task.number], nullptr);
        raise_status(exit_status_of(rows));
        if (options_.connect) connections_.add(named->shown, named->subjects, book);
        if (options_.save_file)
            for (const auto& [question, answer] : book.answers())
                saved_.emplace(question, answer);
        TRY_ASSIGN(const auto before, records_before(task.key));
        auto result = merge_round(before, rows, now_);
        auto& cells = rows_of_tasks_[task.number];
        for (const auto& row : options_.changes_only ? result.changed : rows)
            cells.push_back(cells_of_row(named->shown, row, since_of(result.records, row)));
        return named->is_whole ? remember(task, rows, result) : Status{};
    }
    Result<std::vector<DnsRecordState>> records_before(const std::string& key) {
        if (!state_) return std::vector<DnsRecordState>{};
        return load_dns_records(*state_, key);
    }
    Status remember(const DnsTask& task, const std::vector<DnsRow>& rows, const DnsRoundResult& result) {
        if (!state_) return {};
        TRY_ASSIGN(const auto before, load_dns_domain(*state_, task.key));
        auto after = after_round(before, rows, task.key, now_, view_.site().dns.alarm_after);
        if (task.key == dns_key_of_hosts(view_.site())) after.counted = now_; // when all were looked at: housekeeping
        rounds_.push_back(stored_round(task.key, after, result.records));
        return rounds_.size() < rounds_at_once ? Status{} : save_rounds();
    }
    Status save_rounds() {
        if (!state_ || rounds_.empty()) return {};
        TRY(save_dns_rounds(*state_, rounds_));
        rounds_.clear();
        return {};
    }

    Status save_answers() {
        if (!options_.save_file) return {};
        std::string text;
        for (const auto& [question, answer] : saved_)
            text += (text.empty() ? "{\n  " : ",\n  ") + format_dns_answer(question, answer);
        return replace_file(*options_.save_file, text.empty() ? "{}\n" : text + "\n}\n");
    }

    Report take_report() {
        for (auto& [unused, rows] : rows_of_tasks_)
            std::ranges::move(rows, std::back_inserter(report_.rows));
        connect();
        return std::move(report_);
    }

    static std::string server_text(const std::string& text);

    const World& world_;
    SiteView view_;
    const DnsCheckOptions& options_;
    Instant now_;
    DnsFacts facts_;
    Report report_;
    std::optional<State> state_;
    std::vector<DomainName> names_;
    std::size_t next_name_ = 0, total_ = 0;
    bool hosts_wanted_ = false;
    std::vector<NamedTask> loaded_;
    std::vector<std::shared_ptr<NamedTask>> tasks_;
    std::map<std::size_t, std::vector<Cells>> rows_of_tasks_;
    std::vector<StoredDnsRound> rounds_;
    DnsAnswers saved_;
    Connections connections_;
};

// "192.0.2.1:53", whichever way it was written.
std::string DnsCheck::server_text(const std::string& text) {
    const auto server = parse_name_server(text);
    if (!server) return text;
    return is_ipv6(server->host) ? fmt::format("[{}]:{}", server->host, server->port)
                                 : fmt::format("{}:{}", server->host, server->port);
}

} // namespace

Result<Report> check_dns(const World& world, std::span<const DomainName> domains, const DnsCheckOptions& options) {
    TRY_ASSIGN(auto view, SiteView::open(world));
    return DnsCheck(world, std::move(view), options).run(domains);
}

Result<Report> list_dns(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("dns_record");
        TRY_ASSIGN(const auto stamp, find_stamp(view.paths().state));
        if (!stamp) return report;
        auto state = state_to_read(view);
        std::vector<std::pair<std::string, std::string>> keys; // with what is shown
        if (domains.empty() && view.role().kind == Role::Kind::site)
            keys.emplace_back(dns_key_of_hosts(view.site()), view.site().hostname.display());
        TRY_ASSIGN(const auto named, view.usable_domains(domains, report.notes));
        for (const auto* domain : named)
            keys.emplace_back(domain->name.text(), domain->name.display());
        for (const auto& [key, shown_name] : keys) {
            TRY_ASSIGN(const auto records, load_dns_records(state, key));
            for (const auto& record : records)
                report.rows.push_back(cells_of_row(shown_name, record.row, record.since));
        }
        tell_skipped(state, report.notes);
        return report;
    });
}

} // namespace mailctl
