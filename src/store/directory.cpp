// SPDX-License-Identifier: Apache-2.0
// The compiled directory over its rows: what they answer.
#include "mailctl/store/directory.hpp"

#include "directory_rows.hpp"
#include "directory_writing.hpp"
#include "mailctl/routing/record.hpp"
#include "row_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {

namespace {

constexpr std::chrono::seconds replaced_check_interval{1};
constexpr std::string_view compile_remedy = "mailctl apply";

class RowSnapshot final : public DirectorySnapshot {
  public:
    RowSnapshot(RowReader rows, std::uint64_t generation) : rows_(std::move(rows)), generation_(generation) {}
    std::uint64_t generation() const override { return generation_; }
    Result<Site> site() const override {
        TRY_ASSIGN(const auto value, rows_.find(site_key()));
        return decode_site(value.value_or(""));
    }
    Result<std::optional<SourceStamp>> find_source(const DomainName& real) const override;
    Result<std::vector<DomainName>> claimed_names(const DomainName& real) const override;
    Result<Mentions> find_mentions(const DomainName& asked) const override;
    Result<std::vector<DomainName>> domains_beginning(std::string_view text, std::size_t most) const override;
    Result<std::vector<NamedEntry>> names_beginning(const DomainName& real, std::string_view text) const override;
    Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const override;
    Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view local_key) const override {
        TRY_ASSIGN(const auto value, rows_.find(names_prefix(domain).append(local_key)));
        if (!value) return std::nullopt;
        TRY_ASSIGN(NameEntry entry, decode_name(*value));
        return entry;
    }
    Result<std::optional<BanAnswer>> find_banished(const DomainName& domain,
                                                   std::string_view local_key) const override {
        TRY_ASSIGN(const auto value, rows_.find(banished_prefix(domain).append(local_key)));
        if (!value) return std::nullopt;
        TRY_ASSIGN(const BanAnswer answer, decode_ban(*value));
        return answer;
    }
    Result<std::optional<ResponderEntry>> find_responder(const DomainName& domain,
                                                         std::string_view local_key) const override {
        TRY_ASSIGN(const auto value, rows_.find(responders_prefix(domain).append(local_key)));
        if (!value) return std::nullopt;
        TRY_ASSIGN(ResponderEntry entry, decode_responder(*value));
        return entry;
    }

  private:
    RowReader rows_;
    std::uint64_t generation_;
};

Result<std::optional<DomainEntry>> RowSnapshot::find_domain(const DomainName& name) const {
    const std::string prefix = claims_prefix(name);
    TRY_ASSIGN(const auto row, rows_.first_row(prefix));
    if (!row) return std::nullopt;
    TRY_ASSIGN(const Claimant claimant, parse_claimant(row->key.substr(prefix.size())));
    std::string_view record = row->value;
    if (claimant.relation != DomainRelation::itself) {
        TRY_ASSIGN(const auto real, rows_.find(claim_key(claimant.real, DomainRelation::itself, claimant.real)));
        record = real.value_or("");
    }
    TRY_ASSIGN(DomainEntry entry, decode_domain(record));
    entry.relation = claimant.relation;
    return entry;
}

Result<DirectorySnapshot::Mentions> RowSnapshot::find_mentions(const DomainName& asked) const {
    Mentions all;
    const std::string prefix = mentions_prefix(asked);
    auto row = rows_.first_row(prefix);
    for (; row && *row; row = rows_.next_row(prefix)) {
        TRY_ASSIGN(auto mentions, decode_mentions((*row)->value));
        all.emplace(DomainName::from_trusted(std::string((*row)->key.substr(prefix.size()))), std::move(mentions));
    }
    if (!row) return fail(std::move(row).error());
    return all;
}

Result<std::vector<DomainName>> RowSnapshot::domains_beginning(std::string_view text, std::size_t most) const {
    std::vector<DomainName> names;
    const auto all = sources_prefix(), prefix = all + std::string(text);
    auto row = rows_.first_row(prefix);
    for (; row && *row && names.size() < most; row = rows_.next_row(prefix))
        names.push_back(DomainName::from_trusted(std::string((*row)->key.substr(all.size()))));
    if (!row) return fail(std::move(row).error());
    return names;
}

Result<std::vector<DirectorySnapshot::NamedEntry>> RowSnapshot::names_beginning(const DomainName& real,
                                                                                std::string_view text) const {
    std::vector<NamedEntry> names;
    const auto all = names_prefix(real), prefix = all + std::string(text);
    auto row = rows_.first_row(prefix);
    for (; row && *row; row = rows_.next_row(prefix)) {
        TRY_ASSIGN(auto entry, decode_name((*row)->value));
        names.emplace_back((*row)->key.substr(all.size()), std::move(entry));
    }
    if (!row) return fail(std::move(row).error());
    return names;
}

// What the compiled rows are to this version and to this site. A head or site row that cannot be read counts as another
// version's: compiling everything anew mends it.
enum class Compiled { nothing, other_version, other_suffix, current };

Result<Compiled> compiled_state(const RowReader& rows, const Site* site) {
    TRY_ASSIGN(const auto value, rows.find(head_key()));
    if (!value) return Compiled::nothing;
    const auto head = decode_head(*value);
    if (!head || head->schema != directory_schema) return Compiled::other_version;
    if (!site) return Compiled::current;
    TRY_ASSIGN(const auto site_row, rows.find(site_key()));
    const auto compiled = decode_site(site_row.value_or(""));
    if (!compiled) return Compiled::other_version;
    return compiled->alternate_suffix == site->alternate_suffix ? Compiled::current : Compiled::other_suffix;
}

using Sources = std::vector<std::pair<DomainName, SourceStamp>>;

Result<Sources> sources_in(const RowReader& rows) {
    Sources sources;
    TRY_ASSIGN(const Compiled state, compiled_state(rows, nullptr));
    if (state != Compiled::current) return sources;
    const std::string prefix = sources_prefix();
    auto row = rows.first_row(prefix);
    for (; row && *row; row = rows.next_row(prefix)) {
        TRY_ASSIGN(SourceRow source, decode_source((*row)->value));
        sources.emplace_back(DomainName::from_trusted(std::string((*row)->key.substr(prefix.size()))),
                             std::move(source.source));
    }
    if (!row) return fail(std::move(row).error());
    return sources;
}

Result<std::optional<SourceStamp>> RowSnapshot::find_source(const DomainName& real) const {
    TRY_ASSIGN(auto row, find_source_row(rows_, real));
    if (!row) return std::nullopt;
    return std::move(row->source);
}

Result<std::vector<DomainName>> RowSnapshot::claimed_names(const DomainName& real) const {
    std::vector<DomainName> names;
    TRY_ASSIGN(const auto row, find_source_row(rows_, real));
    for (const Claim& claim : row ? row->claims : std::vector<Claim>())
        names.push_back(claim.asked);
    return names;
}

Status check_complete(const RowReader& rows, std::span<const DomainChange> changes) {
    std::set<DomainName> changed;
    for (const DomainChange& change : changes)
        changed.insert(change.name);
    TRY_ASSIGN(const Sources compiled, sources_in(rows));
    for (const auto& [name, source] : compiled)
        if (!changed.contains(name))
            return fail(ErrorKind::conflict,
                        fmt::format("the alternate suffix has changed, but '{}' is not compiled anew", name.text()),
                        std::string(compile_remedy));
    return {};
}

// The mail group reads the data and registers its readers. Best effort: below --root we may own the files only.
void hand_to_group(const std::string& path, std::optional<gid_t> group) {
    const std::pair<std::string, mode_t> files[] = {
        {path, 0750}, {path + "/data.mdb", 0640}, {path + "/lock.mdb", 0660}};
    for (const auto& [file, mode] : files) {
        struct stat about {};
        if (::stat(file.c_str(), &about) != 0) continue;
        const bool right = (!group || about.st_gid == *group) && (about.st_mode & 07777) == mode;
        if (right) continue; // what is not touched keeps its seal
        const bool given = !group || ::chown(file.c_str(), static_cast<uid_t>(-1), *group) == 0;
        if (given) ::chmod(file.c_str(), mode);
    }
}

} // namespace

struct Directory::Impl {
    Impl(std::string directory, RowStore::Access how, std::shared_ptr<RowStore> opened)
        : path(std::move(directory)), access(how), store(std::move(opened)), checked(std::chrono::steady_clock::now()) {
    }

    std::string path;
    RowStore::Access access;
    std::mutex mutex;
    std::shared_ptr<RowStore> store;               // guarded by mutex
    std::chrono::steady_clock::time_point checked; // guarded by mutex

    // The store, a new one if the directory was replaced.
    Result<std::shared_ptr<RowStore>> current() {
        const std::lock_guard guard(mutex);
        const auto time = std::chrono::steady_clock::now();
        if (access == RowStore::Access::update || time - checked < replaced_check_interval) return store;
        if (!store->is_in_place()) {
            auto opened = RowStore::open(path, access);
            if (!opened) return fail(ErrorKind::temporary, opened.error().what, std::string(compile_remedy));
            store = std::move(*opened);
        }
        checked = time;
        return store;
    }
    Result<RowReader> read() {
        TRY_ASSIGN(auto rows, current());
        return RowReader::begin(std::move(rows));
    }
};

Directory::Directory(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Directory::Directory(Directory&&) noexcept = default;
Directory& Directory::operator=(Directory&&) noexcept = default;
Directory::~Directory() = default;

Result<Directory> Directory::open(const std::string& path) {
    auto store = RowStore::open(path, RowStore::Access::read_only);
    if (!store && store.error().kind == ErrorKind::missing)
        return fail(ErrorKind::missing,
                    store.error().os_error == ENOENT ? fmt::format("there is no compiled directory '{}'", path)
                                                     : "the compiled directory " + store.error().what,
                    std::string(compile_remedy));
    if (!store) return fail(std::move(store).error());
    return Directory(std::make_unique<Impl>(path, RowStore::Access::read_only, std::move(*store)));
}

Result<Directory> Directory::open_for_update(const std::string& path, std::optional<gid_t> group) {
    TRY(make_directories(path, 0750));
    TRY_ASSIGN(auto store, RowStore::open(path, RowStore::Access::update));
    hand_to_group(path, group);
    return Directory(std::make_unique<Impl>(path, RowStore::Access::update, std::move(store)));
}

Result<std::unique_ptr<DirectorySnapshot>> Directory::snapshot() const {
    TRY_ASSIGN(RowReader rows, impl_->read());
    TRY_ASSIGN(const auto value, rows.find(head_key()));
    if (!value) return fail(ErrorKind::temporary, "nothing is compiled yet", std::string(compile_remedy));
    const auto head = decode_head(*value);
    if (!head || head->schema != directory_schema)
        return fail(ErrorKind::temporary, fmt::format("'{}' was compiled by another version of mailctl", impl_->path),
                    std::string(compile_remedy));
    return std::make_unique<RowSnapshot>(std::move(rows), head->generation);
}

Result<std::vector<std::pair<DomainName, SourceStamp>>> Directory::sources() const {
    TRY_ASSIGN(const RowReader rows, impl_->read());
    return sources_in(rows);
}

Result<std::vector<DomainName>> Directory::domains() const {
    TRY_ASSIGN(const Sources all, sources());
    std::vector<DomainName> names;
    for (const auto& [name, source] : all)
        names.push_back(name);
    return names;
}

Result<bool> Directory::needs_full_compile(const Site& site) const {
    TRY_ASSIGN(const RowReader rows, impl_->read());
    TRY_ASSIGN(const Compiled state, compiled_state(rows, &site));
    return state != Compiled::current;
}

Status Directory::update(const Site& site, std::span<const DomainChange> changes, std::uint64_t generation) {
    TRY_ASSIGN(auto store, impl_->current());
    store->forget_dead_readers();
    TRY_ASSIGN(RowWriter rows, RowWriter::begin(std::move(store)));
    TRY_ASSIGN(const Compiled state, compiled_state(rows, &site));
    if (state == Compiled::other_version) {
        TRY(rows.clear());
    }
    if (state == Compiled::other_suffix) {
        TRY(check_complete(rows, changes));
    }
    std::vector<const DomainChange*> sorted; // ascending keys are cheapest
    for (const DomainChange& change : changes)
        sorted.push_back(&change);
    std::ranges::stable_sort(sorted, {}, [](const DomainChange* change) { return change->name; });
    for (const DomainChange* change : sorted) {
        TRY(write_domain(rows, *change, site.alternate_suffix));
    }
    TRY(rows.put(site_key(), encode_site(site)));
    TRY(rows.put(head_key(), encode_head({directory_schema, generation})));
    return rows.commit();
}

} // namespace mailctl
