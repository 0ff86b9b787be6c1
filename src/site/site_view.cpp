// SPDX-License-Identifier: Apache-2.0
// Texts are read through the pending record, models parsed once per view, the compiled directory opened on demand.
#include "mailctl/site/site_view.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/routing/changed_site.hpp"
#include "mailctl/store/directory.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// A Lookup together with everything it answers from.
template <class Base>
class OwningLookup : public Lookup {
  public:
    Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const override {
        return top().find_domain(name);
    }
    Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view local_key) const override {
        return top().find_name(domain, local_key);
    }
    Result<std::optional<BanAnswer>> find_banished(const DomainName& domain,
                                                   std::string_view local_key) const override {
        return top().find_banished(domain, local_key);
    }
    Result<std::optional<ResponderEntry>> find_responder(const DomainName& domain,
                                                         std::string_view local_key) const override {
        return top().find_responder(domain, local_key);
    }

  private:
    [[nodiscard]] const Lookup& top() const { return static_cast<const Base&>(*this).answering(); }
};

class DirectoryView final : public OwningLookup<DirectoryView> {
  public:
    DirectoryView(Directory directory, std::unique_ptr<DirectorySnapshot> snapshot)
        : directory_(std::move(directory)), snapshot_(std::move(snapshot)) {}
    [[nodiscard]] const DirectorySnapshot& snapshot() const { return *snapshot_; }
    // An unfinished change in front of what is compiled. `site` must outlive this.
    void put_before(const Site& site, ChangedDomains changed) {
        changed_ = std::move(changed);
        after_ = std::make_unique<ChangedSite>(site, *snapshot_, changed_);
    }
    [[nodiscard]] const Lookup& answering() const {
        if (after_) return *after_;
        return *snapshot_;
    }

  private:
    Directory directory_;
    std::unique_ptr<DirectorySnapshot> snapshot_;
    ChangedDomains changed_;
    std::unique_ptr<ChangedSite> after_;
};

class ModelView final : public OwningLookup<ModelView> {
  public:
    ModelView(Site site, ModelLookup::Domains domains)
        : site_(std::move(site)), domains_(std::move(domains)), lookup_(site_, domains_) {}
    [[nodiscard]] const Lookup& answering() const { return lookup_; }

  private:
    Site site_;
    ModelLookup::Domains domains_;
    ModelLookup lookup_;
};

bool is_missing(const Error& error) { return error.kind == ErrorKind::missing; }

} // namespace

struct SiteView::Cache {
    Site site; // at an address that stays when the view is moved
    std::map<DomainName, Domain> domains;
    std::map<DomainName, Domain> applied;
    std::map<DomainName, Domain> seen; // by a user: what is his
    std::map<DomainName, std::shared_ptr<const PartOfDomain>> parts;
    std::unique_ptr<Lookup> lookup;
    const DirectorySnapshot* snapshot = nullptr; // what `lookup` answers from, if that is the compiled directory
};

Paths paths_of(const Paths& paths, const Site& site) {
    Paths result = paths;
    if (!site.mail.path.empty()) {
        result.mail = site.mail.path;
        result.archive = site.mail.path + "/.archive";
    }
    return result;
}

SiteView::SiteView(Paths paths, std::shared_ptr<const HistoryRecord> pending)
    : paths_(std::move(paths)), pending_(std::move(pending)), cache_(std::make_shared<Cache>()) {}

Result<SiteView> SiteView::open(const World& world) {
    TRY_ASSIGN(auto found, find_pending(world.paths.history));
    return open(world, found ? std::make_shared<const HistoryRecord>(std::move(*found)) : nullptr);
}

Result<SiteView> SiteView::open(const World& world, std::shared_ptr<const HistoryRecord> pending) {
    SiteView view(world.paths, std::move(pending));
    view.role_ = world.role;
    TRY_ASSIGN(auto text, view.find_applied_text(site_source));
    Result<Site> site =
        fail(ErrorKind::missing, fmt::format("no mail site here: there is no '{}'", world.paths.site_file),
             "make one with 'mailctl init', or name another place with --root DIR");
    if (text) site = parse_site(*text, world.paths.site_file);
    if (!site) { // a damaged applied text is one that is lost
        TRY_ASSIGN(text, view.find_text(site_source));
    }
    if (!site && text) site = parse_site(*text, world.paths.site_file);
    TRY_ASSIGN(view.site_, std::move(site));
    view.cache_->site = view.site_;
    view.paths_ = paths_of(world.paths, view.site_);
    return view;
}

Result<SourceText> SiteView::through(const SourceFile& file, SourceText text) const {
    if (!pending_) return text;
    return advance(*pending_, file, std::move(text));
}

Result<SourceText> SiteView::find_text(const SourceFile& file) const {
    TRY_ASSIGN(auto text, find_file(file.path(paths_)));
    return through(file, std::move(text));
}

Result<bool> SiteView::read_in_part(std::span<const Address> about, std::uint64_t size) const {
    std::map<DomainName, std::set<std::string>> names;
    for (const auto& address : about) {
        TRY_ASSIGN(const auto stamp, find_stamp(paths_.domain_file(address.domain)));
        if (!stamp || stamp->size < size) continue;
        names[address.domain].insert(address.local.key());
    }
    if (pending_ || names.empty()) return false;
    TRY_ASSIGN(const auto* directory, compiled());
    for (auto& [name, locals] : names) {
        if (!directory) continue;
        TRY_ASSIGN(auto part, read_part(*directory, site_, {paths_.domain_file(name), name, std::move(locals)}));
        if (part) cache_->parts.emplace(name, std::move(part));
    }
    return !cache_->parts.empty();
}

std::shared_ptr<const PartOfDomain> SiteView::find_part(const DomainName& name) const {
    const auto found = cache_->parts.find(name);
    return found == cache_->parts.end() ? nullptr : found->second;
}

Result<bool> SiteView::has_file(const DomainName& name) const {
    if (pending_) {
        TRY_ASSIGN(const auto text, find_text({name}));
        return text.has_value();
    }
    TRY_ASSIGN(const auto stamp, find_stamp(paths_.domain_file(name)));
    return stamp.has_value();
}

Result<SourceText> SiteView::find_applied_text(const SourceFile& file) const {
    TRY_ASSIGN(auto text, find_file(file.applied_path(paths_)));
    return through(file, std::move(text));
}

Result<std::vector<DomainName>> SiteView::names_in(const std::string& directory,
                                                   std::vector<std::string>* strays) const {
    constexpr std::string_view ending = ".toml";
    std::set<DomainName> names;
    auto files = list_directory(directory);
    if (!files && !is_missing(files.error())) return fail(std::move(files).error());
    for (const auto& file : files ? *files : std::vector<std::string>{}) {
        const auto stem = std::string_view(file).substr(0, file.size() - std::min(ending.size(), file.size()));
        auto name = DomainName::parse(stem);
        if (file.ends_with(ending) && name && name->text() == stem)
            names.insert(std::move(*name));
        else if (strays)
            strays->push_back(directory + "/" + file);
    }
    for (const auto& change : pending_ ? pending_->files : std::vector<FileChange>{}) {
        TRY_ASSIGN(auto file, SourceFile::parse(change.path));
        if (!file.domain) continue;
        if (change.after_digest)
            names.insert(*file.domain);
        else
            names.erase(*file.domain);
    }
    return std::vector<DomainName>(names.begin(), names.end());
}

Result<std::vector<DomainName>> SiteView::domain_names(std::vector<std::string>* strays) const {
    return names_in(paths_.domains, strays);
}

Result<std::vector<DomainName>> SiteView::applied_domain_names() const {
    return names_in(paths_.history + "/applied/domains", nullptr);
}

Result<Domain> SiteView::parse(const DomainName& name, std::string_view text) const {
    TRY_ASSIGN(auto parsed, parse_domain(text, paths_.domain_file(name), name, site_.addresses));
    return std::move(parsed.domain);
}

Result<const Domain*> SiteView::find_domain(const DomainName& name) const {
    if (const auto part = cache_->parts.find(name); part != cache_->parts.end()) return &part->second->domain;
    if (const auto known = cache_->domains.find(name); known != cache_->domains.end()) return &known->second;
    TRY_ASSIGN(const auto text, find_text({name}));
    if (!text) return nullptr;
    TRY_ASSIGN(auto domain, parse(name, *text));
    return &cache_->domains.emplace(name, std::move(domain)).first->second;
}

Result<std::optional<Domain>> SiteView::find_applied_domain(const DomainName& name) const {
    TRY_ASSIGN(auto text, find_applied_text({name}));
    if (!text) return std::nullopt;
    if (const auto known = cache_->domains.find(name); known != cache_->domains.end()) {
        TRY_ASSIGN(const auto current, find_text({name}));
        if (current == text) return known->second; // reading is cheaper than parsing
    }
    auto domain = parse(name, *text);
    if (!domain) // as above
        if (const auto current = find_text({name}); current && *current) domain = parse(name, **current);
    if (!domain) return fail(std::move(domain).error());
    return std::optional<Domain>(std::move(*domain));
}

Result<DomainName> SiteView::real_name(const DomainName& name) const {
    TRY_ASSIGN(const bool exists, has_file(name));
    if (exists) return name;
    TRY_ASSIGN(const auto* lookup, applied());
    TRY_ASSIGN(const auto entry, lookup->find_domain(name));
    if (entry && entry->relation != DomainRelation::itself) return entry->name;
    std::vector<std::string> names;
    TRY_ASSIGN(const auto known, domain_names());
    for (const auto& each : known)
        names.push_back(each.text());
    const auto near = nearest(name.text(), names);
    return fail(ErrorKind::missing, fmt::format("no domain '{}'", name.display()),
                near ? fmt::format("did you mean '{}'?", *near) : "mailctl domain list shows those there are");
}

Result<const Domain*> SiteView::get_domain(const DomainName& name) const {
    TRY_ASSIGN(const auto real, real_name(name));
    return find_domain(real);
}

Result<const Domain*> SiteView::usable_domain(const DomainName& name, std::vector<std::string>& notes) const {
    TRY_ASSIGN(const auto real, real_name(name));
    auto current = find_domain(real);
    if (current || current.error().kind != ErrorKind::invalid) return current;
    notes.push_back(fmt::format("'{}' does not validate, so this is the state last applied: see 'mailctl config check'",
                                paths_.domain_file(real)));
    TRY_ASSIGN(auto applied_domain, find_applied_domain(real));
    if (!applied_domain) return current;
    return &cache_->applied.insert_or_assign(real, std::move(*applied_domain)).first->second;
}

Result<std::vector<const Domain*>> SiteView::usable_domains(std::span<const DomainName> names,
                                                            std::vector<std::string>& notes) const {
    std::vector<const Domain*> domains;
    std::vector<DomainName> wanted(names.begin(), names.end());
    if (names.empty()) {
        TRY_ASSIGN(wanted, domain_names());
    }
    for (const auto& name : wanted) {
        auto domain = usable_domain(name, notes);
        // One file that was never good must not hide all others from a listing of everything.
        if (!domain && names.empty() && domain.error().kind == ErrorKind::invalid) continue;
        if (!domain) return fail(std::move(domain).error());
        if (!role_.may_see(**domain)) continue;
        if (role_.kind == Role::Kind::user)
            domain = &cache_->seen.insert_or_assign((*domain)->name, seen_by(role_, **domain)).first->second;
        domains.push_back(*domain);
    }
    return domains;
}

Result<Address> SiteView::real_address(const Address& address) const {
    TRY_ASSIGN(auto domain, real_name(address.domain));
    return Address{LocalPart::from_trusted(address.local.key()), std::move(domain)};
}

Result<const Lookup*> SiteView::applied() const {
    if (!cache_->lookup) {
        TRY_ASSIGN(cache_->lookup, open_directory());
    }
    return cache_->lookup.get();
}

Result<const DirectorySnapshot*> SiteView::compiled() const {
    TRY(applied());
    return cache_->snapshot;
}

Result<std::set<DomainName>> SiteView::domains_mentioning(std::span<const DomainName> names) const {
    TRY_ASSIGN(const auto* directory, compiled());
    std::set<DomainName> found;
    if (!directory) {
        TRY_ASSIGN(const auto all, applied_domain_names());
        return std::set<DomainName>(all.begin(), all.end());
    }
    for (const auto& name : names) {
        TRY_ASSIGN(const auto mentions, directory->find_mentions(name));
        for (const auto& [domain, unused] : mentions)
            found.insert(domain);
    }
    for (const auto& change : pending_ ? pending_->files : std::vector<FileChange>{}) {
        TRY_ASSIGN(auto file, SourceFile::parse(change.path));
        if (file.domain) found.insert(std::move(*file.domain));
    }
    return found;
}

Result<std::unique_ptr<Lookup>> SiteView::model_of_all() const {
    ModelLookup::Domains domains;
    TRY_ASSIGN(const auto compiled, applied_domain_names());
    for (const auto& name : compiled) {
        TRY_ASSIGN(auto domain, find_applied_domain(name));
        if (domain) domains.emplace(name, std::move(*domain));
    }
    return std::make_unique<ModelView>(site_, std::move(domains));
}

Result<std::unique_ptr<Lookup>> SiteView::open_directory() const {
    auto directory = Directory::open(paths_.directory);
    if (!directory && is_missing(directory.error())) return model_of_all();
    if (!directory) return fail(std::move(directory).error());
    auto snapshot = directory->snapshot();
    if (!snapshot) {
        TRY_ASSIGN(const bool empty, directory->needs_full_compile(site_));
        if (empty) return model_of_all();
        return fail(std::move(snapshot).error());
    }
    auto view = std::make_unique<DirectoryView>(std::move(*directory), std::move(*snapshot));
    cache_->snapshot = &view->snapshot();
    if (!pending_ || view->snapshot().generation() >= pending_->id) return view;
    ChangedDomains changed;
    TRY_ASSIGN(const auto files, files_of(*pending_));
    for (const auto& file : files) {
        if (!file.domain) continue;
        TRY_ASSIGN(changed[*file.domain], find_applied_domain(*file.domain));
    }
    view->put_before(cache_->site, std::move(changed));
    return view;
}

Result<std::vector<SourceFile>> unapplied_files(const SiteView& view) {
    std::set<SourceFile> files{site_source};
    TRY_ASSIGN(const auto present, view.domain_names());
    for (const auto& name : present)
        files.insert({name});
    TRY_ASSIGN(const auto applied, view.applied_domain_names());
    for (const auto& name : applied)
        files.insert({name});
    std::vector<SourceFile> differing;
    Progress progress("comparing files", files.size());
    for (const auto& file : files) {
        progress.step();
        TRY_ASSIGN(const auto text, view.find_text(file));
        TRY_ASSIGN(const auto applied_text, view.find_applied_text(file));
        if (text != applied_text) differing.push_back(file);
    }
    return differing;
}

namespace {

Result<Report> read_once(const World& world, std::span<const Address> about, const SiteReader& read) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    const auto in_part = view.read_in_part(about, world.whole_domains_below);
    if (in_part && !*in_part) return read(view);
    if (in_part)
        if (auto report = read(view)) return report;
    // A part that cannot be had, and what is wrong, for instance which name is nearest to one that nobody has, is for
    // those who see the whole.
    TRY_ASSIGN(const auto whole, SiteView::open(world));
    return read(whole);
}

} // namespace

Result<Report> read_site_about(const World& world, std::span<const Address> addresses, const SiteReader& read) {
    for (int attempt = 1, attempts = 5;; ++attempt) {
        TRY_ASSIGN(const auto before, find_stamp(world.paths.history));
        auto report = read_once(world, addresses, read);
        TRY_ASSIGN(const auto after, find_stamp(world.paths.history));
        if (before == after || attempt == attempts) return report;
    }
}

Result<Report> read_site(const World& world, const SiteReader& read) { return read_site_about(world, {}, read); }

} // namespace mailctl
