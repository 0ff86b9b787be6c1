// SPDX-License-Identifier: Apache-2.0
// Products whose accounts lie in several files are read from their directory; a single file of them will do as well.
#include "mailctl/admin/transfer/import_source.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/transfer/csv_table.hpp"
#include "mailctl/exchange/transfer/encoding.hpp"
#include "mailctl/exchange/transfer/foreign_files.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

namespace mailctl {
namespace {

namespace fs = std::filesystem;

Result<std::string> load_bytes(const std::string& path) {
    if (path != "-") return load_file(path);
    if (is_terminal(Stream::input))
        return fail(ErrorKind::usage, "'-' reads standard input, and that is a terminal",
                    "name a file, or pipe one in");
    return read_standard_input(path, {});
}

Result<ForeignFile> load_foreign(const ImportSource& source, const std::string& path) {
    TRY_ASSIGN(auto bytes, load_bytes(path));
    auto text = decode_text(std::move(bytes), source.encoding);
    if (!text) return fail(text.error().while_doing(fmt::format("cannot read '{}'", printable(path))));
    ForeignFile file{path == "-" ? "standard input" : path, std::move(*text)};
    TRY(refuse_binary(file.name, file.text));
    return file;
}

bool is_directory(const std::string& path) {
    std::error_code unknown;
    return path != "-" && fs::is_directory(path, unknown);
}

// The file itself, where it is no directory. It is read once, because it may be a pipe.
using SingleFile = std::optional<ForeignFile>;

// Names of a directory in order, those with a leading dot among them.
Result<std::vector<std::string>> names_in(const std::string& directory) {
    std::error_code problem;
    std::vector<std::string> names;
    for (fs::directory_iterator at(directory, problem), end; !problem && at != end; at.increment(problem))
        names.push_back(at->path().filename().string());
    if (problem) return fail(system_error(problem.value(), "cannot list", directory));
    std::ranges::sort(names);
    return names;
}

// The files of a product that lie in a directory: `wanted`, the first of which must be there.
Result<std::vector<ForeignFile>> load_files(const ImportSource& source, std::span<const std::string_view> wanted,
                                            SingleFile single) {
    std::vector<ForeignFile> files;
    if (single) {
        files.push_back(std::move(*single));
        return files;
    }
    for (const auto name : wanted) {
        const auto path = fmt::format("{}/{}", source.path, name);
        TRY_ASSIGN(const auto exists, find_stamp(path));
        if (!exists && name != wanted.front()) continue;
        TRY_ASSIGN(auto file, load_foreign(source, path));
        files.push_back(std::move(file));
    }
    return files;
}

// What else lies in the directory, by name.
Status tell_unread(const std::string& directory, const std::function<bool(const std::string&)>& is_read,
                   std::vector<LeftOut>& notes) {
    constexpr std::size_t most_named = 200;
    TRY_ASSIGN(const auto all, names_in(directory));
    std::vector<std::string> names;
    for (const auto& name : all)
        if (!is_read(name))
            names.push_back(fmt::format("'{}{}'", printable(name), is_directory(directory + "/" + name) ? "/" : ""));
    if (names.empty()) return {};
    const auto more = names.size() > most_named ? fmt::format(" and {} more", names.size() - most_named) : "";
    if (!more.empty()) names.resize(most_named);
    notes.push_back({directory, fmt::format("not read: {}{}", join(names, ", "), more)});
    return {};
}

// The .qmail files of a directory and of its users. Where these are many, they lie below directories of one letter.
Status load_qmail_files(const ImportSource& source, const std::string& directory, VpopmailDomain& domain) {
    TRY_ASSIGN(const auto names, names_in(directory));
    for (const auto& name : names) {
        const std::string path = directory + "/" + name, own = path + "/.qmail";
        const bool is_user = is_directory(path);
        TRY_ASSIGN(const auto has_own, is_user ? find_stamp(own) : Result<std::optional<FileStamp>>());
        if (is_user && !has_own && name.size() == 1) {
            TRY(load_qmail_files(source, path, domain));
        }
        if (!has_own && !name.starts_with(".qmail-")) continue;
        TRY_ASSIGN(auto file, load_foreign(source, has_own ? own : path));
        domain.qmail.push_back(std::move(file));
    }
    return {};
}

// A directory of vpopmail has the name of its domain; a copy of one may have any.
std::string domain_of_directory(const ImportSource& source, const fs::path& directory) {
    const auto name = directory.filename().string();
    if (name.contains('.') || !source.domain) return name;
    return source.domain->text();
}

Result<VpopmailDomain> load_vpopmail_domain(const ImportSource& source, const std::string& directory) {
    VpopmailDomain domain{domain_of_directory(source, directory), {}, {}};
    TRY_ASSIGN(domain.vpasswd, load_foreign(source, directory + "/vpasswd"));
    TRY(load_qmail_files(source, directory, domain));
    return domain;
}

// What vpopmail itself makes of vpasswd, and locks, say nothing more.
bool is_of_vpopmail(const std::string& name) {
    return name.starts_with("vpasswd") || name.starts_with(".qmail-") || name.ends_with(".lock") ||
           name == ".dir-control" || name == "lastauth";
}

Result<ForeignAccounts> with_unread_of(std::span<const VpopmailDomain> domains, const std::string& path,
                                       const std::vector<std::string>& directories) {
    auto accounts = from_vpopmail(domains);
    for (const auto& directory : directories) {
        const auto is_read = [&](const std::string& name) { // directories are those of users
            return is_of_vpopmail(name) || is_directory(directory + "/" + name);
        };
        TRY(tell_unread(directory, is_read, accounts.notes));
    }
    if (std::ranges::find(directories, path) != directories.end()) return accounts;
    TRY_ASSIGN(const auto names, names_in(path));
    for (const auto& name : names)
        if (is_directory(path + "/" + name) && std::ranges::find(directories, path + "/" + name) == directories.end())
            accounts.notes.push_back({path + "/" + name, "not read: no 'vpasswd' lies there"});
    return accounts;
}

// A vpasswd, the directory of one domain, or the directory of all of them.
Result<ForeignAccounts> load_vpopmail(const ImportSource& source, SingleFile file) {
    std::vector<VpopmailDomain> domains;
    std::error_code unknown;
    const auto absolute = fs::absolute(source.path, unknown).lexically_normal();
    std::string path = absolute.string();
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    if (file) {
        const bool has_place = source.path != "-";
        domains.push_back({has_place ? domain_of_directory(source, fs::path(path).parent_path()) : std::string(),
                           std::move(*file),
                           {}});
        return from_vpopmail(domains);
    }
    TRY_ASSIGN(const auto single, find_stamp(path + "/vpasswd"));
    if (single) {
        TRY_ASSIGN(auto domain, load_vpopmail_domain(source, path));
        domains.push_back(std::move(domain));
        return with_unread_of(domains, path, {path});
    }
    std::vector<std::string> directories;
    TRY_ASSIGN(const auto names, names_in(path));
    for (const auto& name : names) {
        TRY_ASSIGN(const auto exists, is_directory(path + "/" + name) ? find_stamp(path + "/" + name + "/vpasswd")
                                                                      : Result<std::optional<FileStamp>>());
        if (!exists) continue;
        directories.push_back(path + "/" + name);
        TRY_ASSIGN(auto domain, load_vpopmail_domain(source, directories.back()));
        domains.push_back(std::move(domain));
    }
    if (domains.empty())
        return fail(ErrorKind::missing, fmt::format("no 'vpasswd' in '{}' or below", printable(source.path)),
                    "name the directory of a domain, as ~vpopmail/domains/example.com, or the one above");
    return with_unread_of(domains, path, directories);
}

constexpr std::array<std::string_view, 4> docker_files{"postfix-accounts.cf", "postfix-virtual.cf", "dovecot-quotas.cf",
                                                       "postfix-regexp.cf"};
constexpr std::array<std::string_view, 4> postfixadmin_tables{"mailbox.csv", "alias.csv", "alias_domain.csv",
                                                              "domain.csv"};

// The files of a directory, put together, and what else lies there.
Result<ForeignAccounts> with_unread(const ImportSource& source, std::span<const std::string_view> wanted,
                                    bool is_single, ForeignAccounts accounts) {
    if (is_single) return accounts;
    const auto is_read = [&](const std::string& name) { return std::ranges::find(wanted, name) != wanted.end(); };
    TRY(tell_unread(source.path, is_read, accounts.notes));
    return accounts;
}

Result<ForeignAccounts> load_accounts(const ImportSource& source, SingleFile single) {
    if (source.profile == "vpopmail") return load_vpopmail(source, std::move(single));
    if (source.profile == "docker-mailserver") {
        const bool is_single = single.has_value();
        TRY_ASSIGN(const auto files, load_files(source, docker_files, std::move(single)));
        return with_unread(source, docker_files, is_single, from_docker_mailserver(files));
    }
    if (source.profile == "postfixadmin") {
        TRY_ASSIGN(const auto tables, load_files(source, postfixadmin_tables, std::move(single)));
        TRY_ASSIGN(auto accounts, from_postfixadmin(tables));
        return with_unread(source, postfixadmin_tables, false, std::move(accounts));
    }
    if (!single) {
        TRY_ASSIGN(single, load_foreign(source, source.path)); // says that a directory is no file
    }
    return from_passwd_file(*single);
}

constexpr std::array<std::string_view, 3> products{"docker-mailserver", "vpopmail", "dovecot"}; // no CSV at all

bool comes_as_files(std::string_view profile) {
    return profile == "postfixadmin" || std::ranges::find(products, profile) != products.end();
}

bool is_foreign(const ImportSource& source) {
    return comes_as_files(source.profile) && (source.profile != "postfixadmin" || is_directory(source.path));
}

} // namespace

std::vector<std::string> import_profiles() {
    std::vector<std::string> names;
    for (const auto& profile : csv_profiles())
        names.emplace_back(profile.name);
    names.insert(names.end(), products.begin(), products.end());
    return names;
}

Result<LoadedImport> load_import(const ImportSource& source) {
    LoadedImport loaded{{}, RowMapping::native()};
    const bool foreign = is_foreign(source);
    if (!foreign && !source.profile.empty()) {
        const auto* profile = find_profile(source.profile);
        if (!profile)
            return fail(ErrorKind::usage, fmt::format("no such profile: '{}'", printable(source.profile)),
                        fmt::format("one of: {}", join(import_profiles(), ", ")));
        loaded.mapping = RowMapping::of(*profile);
    }
    SingleFile single;
    if (!foreign || !is_directory(source.path)) {
        TRY_ASSIGN(single, load_foreign(source, source.path));
    }
    // Rows that were refused before are in our own format, whatever they came from.
    const bool refused = single && comes_as_files(source.profile) && is_native_errors_file(single->text);
    if (foreign && !refused) {
        TRY_ASSIGN(auto accounts, load_accounts(source, std::move(single)));
        if (accounts.text.places.empty() && accounts.notes.empty())
            return fail(ErrorKind::invalid, fmt::format("'{}' holds no account", printable(accounts.text.name)),
                        "is it the file of another product?");
        loaded.text = std::move(accounts.text);
        loaded.text.left_out = std::move(accounts.notes);
        return loaded;
    }
    if (refused) loaded.mapping = RowMapping::native();
    loaded.text = {std::move(single->name), std::move(single->text), {}};
    return loaded;
}

} // namespace mailctl
