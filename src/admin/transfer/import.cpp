// SPDX-License-Identifier: Apache-2.0
// From rows to one change: find the domains, hash what is to be hashed, plan each domain under the lock, commit.
#include "mailctl/admin/transfer/import.hpp"

#include "bulk_passwords.hpp"
#include "import_domain.hpp"
#include "import_findings.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/store/history.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

using DomainRows = std::map<DomainName, std::vector<RowRef>>;
using Generated = std::vector<std::pair<Address, std::string>>;

constexpr FileMode secret{0600, std::nullopt};

// A domain of the file with its rows, under its real name.
struct DomainOfFile {
    DomainName name;
    bool exists = true;
    std::vector<RowRef> rows = {};
};

struct Waiting { // until the kinds of the whole file are known
    std::optional<Domain> before;
    std::unique_ptr<DomainPlanner> planner;
};

class Import {
  public:
    Import(const World& world, const ImportRequest& request, const ChangeOptions& options, ImportRows rows,
           RowErrors errors)
        : world_(world), request_(request), options_(options), rows_(std::move(rows)), errors_(std::move(errors)),
          left_out_(rows_.left_out()) {}

    Result<Report> run();

  private:
    Result<ChangePlan> plan(const SiteView& view);
    Status hash_passwords_of(const SiteView& view);
    void add_tasks(const DomainOfFile& domain, const Domain* before, std::vector<PasswordTask>& tasks,
                   std::vector<std::uint32_t>& numbers);
    Result<std::vector<DomainOfFile>> find_domains(const SiteView& view, RowErrors& errors) const;
    Result<std::optional<DomainOfFile>> find_domain(const SiteView& view, const std::set<DomainName>& known,
                                                    const DomainName& name) const;
    void object_to_domain(const std::set<DomainName>& known, const DomainName& name, std::size_t& compared,
                          RowErrors& errors) const;
    Status plan_each(const SiteView& view, const std::vector<DomainOfFile>& domains, ChangePlan& plan);
    Status object_to_accounts(const SiteView& view, std::map<DomainName, Waiting>& waiting);
    Status refuse_unconfirmed() const;
    void use(const DomainPlanner& planner, const DomainName& name, ChangePlan& plan);
    [[nodiscard]] std::optional<SecretsFile> generated_file() const;
    Status save_failed() const;
    void finish(Report& report) const;
    void tell_left_out(Report& report) const;

    const World& world_;
    const ImportRequest& request_;
    const ChangeOptions& options_;
    ImportRows rows_;
    RowErrors errors_;
    RowPasswords passwords_;
    std::set<AccountKind> kinds_;
    DomainTally tally_;
    std::map<DomainName, std::size_t> deletions_;
    Generated generated_;
    bool is_planned_ = false;
    bool asks_why_ = false;         // a change that was planned well has been refused
    std::string failed_;            // text for the file of errors
    std::vector<std::string> told_; // of the errors, for people
    std::vector<LeftOut> left_out_;
};

Error may_not(const Role& role, const DomainName& domain) {
    return {ErrorKind::denied, fmt::format("'{}' may not import into '{}'", printable(role.text()), domain.display()),
            "who administers a domain may change what is inside it; the rest is the site's", 0};
}

// Not kept in the view: a site of a million mailboxes would be in memory at once.
Result<std::optional<Domain>> load_domain(const SiteView& view, const DomainName& name) {
    TRY_ASSIGN(const auto text, view.find_text({name}));
    if (!text) return std::nullopt;
    TRY_ASSIGN(auto parsed, parse_domain(*text, view.paths().domain_file(name), name, view.site().addresses));
    return std::optional(std::move(parsed.domain));
}

Result<std::optional<DomainOfFile>> Import::find_domain(const SiteView& view, const std::set<DomainName>& known,
                                                        const DomainName& name) const {
    if (known.contains(name)) return DomainOfFile{name};
    TRY_ASSIGN(const auto* lookup, view.applied());
    TRY_ASSIGN(const auto entry, lookup->find_domain(name));
    if (entry && entry->relation != DomainRelation::itself) return DomainOfFile{entry->name};
    if (request_.create_domains && view.role().kind == Role::Kind::site) return DomainOfFile{name, false};
    return std::nullopt;
}

void Import::object_to_domain(const std::set<DomainName>& known, const DomainName& name, std::size_t& compared,
                              RowErrors& errors) const {
    constexpr std::size_t most_compared = 1'000'000; // pairs of names: hints are not worth more
    std::string what = fmt::format("no domain '{}'", name.display());
    if (compared += known.size(); compared < most_compared) {
        std::vector<std::string> names;
        for (const auto& each : known)
            names.push_back(each.text());
        if (const auto near = nearest(name.text(), names)) what += fmt::format("; did you mean '{}'?", *near);
    }
    CsvRow cells;
    MappedRow mapped;
    for (const auto& row : rows_.by_domain().at(name)) {
        rows_.read(row, cells, mapped);
        rows_.object(
            errors, row, mapped.address.cell,
            {what, fmt::format("make it with 'mailctl domain create {}', or give --create-domains", name.text())});
    }
}

Result<std::vector<DomainOfFile>> Import::find_domains(const SiteView& view, RowErrors& errors) const {
    TRY_ASSIGN(const auto names, view.domain_names());
    const std::set<DomainName> known(names.begin(), names.end());
    std::map<DomainName, DomainOfFile> domains;
    std::size_t compared = 0;
    for (const auto& [name, rows] : rows_.by_domain()) {
        TRY_ASSIGN(auto found, find_domain(view, known, name));
        if (!found && view.role().kind != Role::Kind::site) return fail(may_not(view.role(), name));
        if (!found) {
            object_to_domain(known, name, compared, errors);
            continue;
        }
        auto& all = domains.try_emplace(found->name, *found).first->second.rows;
        all.insert(all.end(), rows.begin(), rows.end());
    }
    std::vector<DomainOfFile> result;
    for (auto& [name, domain] : domains) {
        std::ranges::sort(domain.rows, {}, &RowRef::number);
        result.push_back(std::move(domain));
    }
    return result;
}

// Which mailboxes need work: those with a plain password in their row, and those that are to get one.
void Import::add_tasks(const DomainOfFile& domain, const Domain* before, std::vector<PasswordTask>& tasks,
                       std::vector<std::uint32_t>& numbers) {
    CsvRow cells;
    MappedRow mapped;
    for (const auto& row : domain.rows) {
        rows_.read(row, cells, mapped);
        const auto kind = find_kind(mapped.type.text).value_or(AccountKind::mailbox);
        if (kind != AccountKind::mailbox) continue;
        const auto local = LocalPart::parse(mapped.address.text.substr(0, mapped.address.text.rfind('@')));
        if (!local) continue;
        PasswordTask task;
        if (before)
            if (const auto mailbox = before->mailboxes.find(local->key()); mailbox != before->mailboxes.end())
                task.known = mailbox->second.password;
        const bool has_hash =
            std::ranges::find(mapped.cells, &get_column("password_hash"), &MappedCell::column) != mapped.cells.end();
        if (mapped.password && !mapped.password->text.empty())
            task.plain = mapped.password->text;
        else if (request_.generate && !mapped.password && !has_hash && !task.known)
            passwords_[row.number].generated = task.plain = generate_password();
        else
            continue;
        passwords_[row.number].known = task.known;
        tasks.push_back(std::move(task));
        numbers.push_back(row.number);
    }
}

Status Import::hash_passwords_of(const SiteView& view) {
    if (!rows_.has_passwords() && !request_.generate) return {};
    RowErrors unused; // planning says them again
    TRY_ASSIGN(const auto domains, find_domains(view, unused));
    std::vector<PasswordTask> tasks;
    std::vector<std::uint32_t> numbers;
    for (const auto& domain : domains) {
        const auto before = load_domain(view, domain.name); // planning says what is wrong with it
        add_tasks(domain, before && *before ? &**before : nullptr, tasks, numbers);
    }
    hash_passwords(tasks, request_.scheme, options_.dry_run ? Hashing::only_checked : Hashing::done);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        auto& password = passwords_[numbers[i]];
        password.hash = std::move(tasks[i].hash);
        password.error = std::move(tasks[i].error);
    }
    return {};
}

void Import::use(const DomainPlanner& planner, const DomainName& name, ChangePlan& plan) {
    const auto tally = planner.tally();
    tally_.created += tally.created;
    tally_.changed += tally.changed;
    tally_.unchanged += tally.unchanged;
    tally_.deleted += tally.deleted;
    tally_.without_password += tally.without_password;
    const auto number = [](std::size_t count) { return static_cast<std::int64_t>(count); };
    plan.report.rows.push_back({{"domain", name.display()},
                                {"created", number(tally.created)},
                                {"changed", number(tally.changed)},
                                {"unchanged", number(tally.unchanged)},
                                {"deleted", number(tally.deleted)}});
    if (planner.deletes()) deletions_[name] = tally.deleted;
    planner.add_generated(generated_);
    if (auto action = planner.action()) plan.files[SourceFile{name}] = std::move(*action);
}

// Before anything is opened: who may not, leaves no trace.
Status check_role(const SiteView& view, const std::vector<DomainOfFile>& domains) {
    if (view.role().kind == Role::Kind::site) return {};
    for (const auto& domain : domains) {
        TRY_ASSIGN(const auto before, load_domain(view, domain.name));
        if (!before || !view.role().administers(*before)) return fail(may_not(view.role(), domain.name));
    }
    return {};
}

Status Import::plan_each(const SiteView& view, const std::vector<DomainOfFile>& domains, ChangePlan& plan) {
    TRY(check_role(view, domains));
    TRY_ASSIGN(const auto deleted, NamesOfDeleted::load(view));
    const DomainImport import{
        request_, rows_, passwords_, deleted, view.site(), view.role(), errors_, kinds_, administered_domains(view)};
    std::map<DomainName, Waiting> waiting;
    Progress progress("reading accounts", rows_.count());
    for (const auto& domain : domains) {
        progress.step(domain.rows.size());
        Waiting now;
        if (domain.exists) {
            TRY_ASSIGN(now.before, load_domain(view, domain.name));
        }
        auto& kept = waiting[domain.name] = std::move(now);
        kept.planner = std::make_unique<DomainPlanner>(import, domain.name, kept.before ? &*kept.before : nullptr);
        kept.planner->read(domain.rows);
        if (request_.mode == ImportMode::prune || asks_why_) continue;
        use(*kept.planner, domain.name, plan);
        waiting.clear();
    }
    if (request_.mode == ImportMode::prune)
        for (auto& [name, kept] : waiting)
            kept.planner->prune();
    if (asks_why_) {
        TRY(object_to_accounts(view, waiting));
    }
    for (auto& [name, kept] : waiting)
        use(*kept.planner, name, plan);
    return {};
}

// The rows that the rest of the site objects to fail like any other row.
Status Import::object_to_accounts(const SiteView& view, std::map<DomainName, Waiting>& waiting) {
    ChangePlan plan;
    for (auto& [name, kept] : waiting)
        if (auto action = kept.planner->action()) plan.files[SourceFile{name}] = std::move(*action);
    const auto findings = find_new_errors(world_, view, plan);
    if (!findings) return {}; // the change itself says what is wrong
    for (const auto& finding : *findings) {
        const auto local = account_of(finding);
        const auto kept = waiting.find(finding.domain);
        if (local && kept != waiting.end())
            kept->second.planner->object(*local, {finding.key + ": " + finding.message, finding.remedy});
    }
    return {};
}

Status Import::refuse_unconfirmed() const {
    if (options_.dry_run) return {};
    for (const auto& [name, count] : deletions_)
        if (std::ranges::find(request_.confirmed, name) == request_.confirmed.end())
            return fail(
                ErrorKind::usage,
                fmt::format("'import --prune' would delete {} accounts of '{}', which must be confirmed by name", count,
                            name.display()),
                fmt::format("see them with --dry-run, then give --confirm={}", name.display()));
    return {};
}

std::optional<SecretsFile> Import::generated_file() const {
    if (generated_.empty() || options_.dry_run) return std::nullopt;
    SecretsFile file{request_.password_file, {}};
    append_csv_row(file.text, std::vector<std::string>{"address", "password"});
    for (const auto& [address, password] : generated_)
        append_csv_row(file.text, std::vector{native_cell(address.text(), nullptr), native_cell(password, nullptr)});
    return file;
}

Status Import::save_failed() const {
    if (request_.errors_file.empty() || options_.dry_run) return {};
    return replace_file(request_.errors_file, failed_, secret);
}

Result<ChangePlan> Import::plan(const SiteView& view) {
    ChangePlan plan;
    plan.report = report_of("import");
    TRY_ASSIGN(const auto domains, find_domains(view, errors_));
    TRY(plan_each(view, domains, plan));
    if (!request_.errors_file.empty()) failed_ = rows_.failed(errors_);
    told_ = rows_.lines(errors_, most_errors_told);
    if (!errors_.empty() && !request_.partial) return fail(rows_.error(errors_, most_errors_told));
    TRY(refuse_unconfirmed());
    plan.secrets = generated_file();
    is_planned_ = true;
    constexpr std::size_t most_asked_about = 100'000; // rows: of more, those behind a refusal are not looked for
    if (asks_why_ || rows_.count() > most_asked_about) rows_.forget();
    return plan;
}

// What of the file is not read: for people up to a number that a person reads, for programs as rows of their own.
void Import::tell_left_out(Report& report) const {
    for (const auto& [place, what] : left_out_) {
        report.rows.push_back(
            {{"type", "left_out", false, false}, {"place", place, false, false}, {"what", what, false, false}});
    }
    for (const auto& [place, what] : std::span(left_out_).first(std::min(left_out_.size(), most_errors_told)))
        report.notes.push_back(fmt::format("{}: {}", place, what));
    if (left_out_.size() > most_errors_told)
        report.notes.push_back(fmt::format("and {} more that are not read", left_out_.size() - most_errors_told));
}

void Import::finish(Report& report) const {
    const auto* sums = options_.dry_run ? "would create {}, change {}, leave {} unchanged and delete {}"
                                        : "created {}, changed {}, unchanged {}, deleted {}";
    report.notes.push_back(
        fmt::format(fmt::runtime(sums), tally_.created, tally_.changed, tally_.unchanged, tally_.deleted));
    if (tally_.without_password > 0)
        report.notes.push_back(fmt::format(
            "{} {} no password: nobody can log in to {} yet", how_many(tally_.without_password, "new mailbox"),
            tally_.without_password == 1 ? "has" : "have", tally_.without_password == 1 ? "it" : "them"));
    if (!generated_.empty() && !options_.dry_run)
        report.notes.push_back(fmt::format("{}: in '{}'", how_many(generated_.size(), "generated password"),
                                           printable(request_.password_file)));
    tell_left_out(report);
    if (errors_.empty()) return;
    report.status = exit_code(ErrorKind::partial);
    report.notes.insert(report.notes.end(), told_.begin(), told_.end());
    report.notes.push_back(fmt::format("{} {} left out", how_many(errors_.failed_rows(), "row"),
                                       errors_.failed_rows() == 1 ? "was" : "were"));
}

Result<Report> Import::run() {
    {
        TRY_ASSIGN(const auto view, SiteView::open(world_));
        TRY(hash_passwords_of(view));
    }
    const RowErrors found_in_text = errors_;
    auto report = change(world_, options_, [&](const SiteView& view) { return plan(view); });
    const bool is_refused =
        !report && (report.error().kind == ErrorKind::conflict || report.error().kind == ErrorKind::invalid);
    if (is_refused && is_planned_ && !rows_.by_domain().empty()) {
        asks_why_ = true;
        errors_ = found_in_text;
        tally_ = {};
        deletions_.clear();
        generated_.clear();
        report = change(world_, options_, [&](const SiteView& view) { return plan(view); });
    }
    TRY(save_failed());
    if (!report) return report;
    finish(*report);
    return report;
}

} // namespace

Result<Report> import_accounts(const World& world, ImportText text, const ImportRequest& request,
                               const ChangeOptions& options) {
    RowErrors errors;
    TRY_ASSIGN(auto rows, ImportRows::find(std::move(text), request.mapping, request.domain, errors));
    return Import(world, request, options, std::move(rows), std::move(errors)).run();
}

} // namespace mailctl
