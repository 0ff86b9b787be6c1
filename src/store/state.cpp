// Finding, making and upgrading state.db.
#include "mailctl/store/state.hpp"

#include "mailctl/os/files.hpp"
#include "mailctl/store/state_schema.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {

namespace {

Error as_temporary(Error error) {
    error.kind = ErrorKind::temporary;
    return error;
}

// By path, never by an own descriptor: closing one would drop the locks that SQLite holds on the same file.
Status give_to(const std::string& path, const std::optional<MailOwner>& owner) {
    const mode_t mode = owner ? 0660 : 0600;
    struct stat now {};
    if (::stat(path.c_str(), &now) != 0) return fail(as_temporary(system_error(errno, "cannot examine", path)));
    const bool theirs = !owner || (now.st_uid == owner->user && now.st_gid == owner->group);
    if (!theirs && ::chown(path.c_str(), owner->user, owner->group) != 0)
        return fail(as_temporary(system_error(errno, "cannot set the owner of", path)));
    // Below --root somebody else's file may be usable all the same; then its mode is that person's business.
    if ((now.st_mode & 07777) != mode && ::chmod(path.c_str(), mode) != 0 && errno != EPERM)
        return fail(as_temporary(system_error(errno, "cannot set the mode of", path)));
    return {};
}

Status make_file(const std::string& path, const std::optional<MailOwner>& owner) {
    if (::mknod(path.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST)
        return fail(as_temporary(system_error(errno, "cannot create", path)));
    return give_to(path, owner); // those that SQLite makes beside it take after it
}

Result<std::int64_t> version_of(Database& database) {
    TRY_ASSIGN(auto version, database.prepare("PRAGMA user_version"));
    TRY_ASSIGN(const bool found, version.next());
    return found ? version.integer(0) : 0;
}

std::int64_t current_version() { return static_cast<std::int64_t>(state_schema().size()); }

Status refuse_version(const Database& database, std::int64_t version) {
    if (version == current_version()) return {};
    const bool newer = version > current_version();
    return fail(
        ErrorKind::temporary,
        fmt::format("'{}' is of version {}, this program knows {}", database.path(), version, current_version()),
        newer ? "it was written by a newer mailctl: install that version, for both programs"
              : "'mailctl apply' brings it up to date");
}

Status upgrade(Database& database) {
    TRY_ASSIGN(const auto found, version_of(database));
    if (found >= current_version()) return refuse_version(database, found);
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(database));
    TRY_ASSIGN(const auto version, version_of(database)); // another may have been faster
    if (version >= current_version()) return refuse_version(database, version);
    for (const auto text : state_schema().subspan(static_cast<std::size_t>(version))) {
        TRY(database.execute(std::string(text)));
    }
    TRY(database.execute(fmt::format("PRAGMA user_version = {}", current_version())));
    return transaction.commit();
}

} // namespace

struct State::Impl {
    enum class User { agent, administrator };
    std::string path;
    User user;
    std::optional<MailOwner> owner;
    std::mutex mutex;
    std::unique_ptr<Database> database; // guarded by mutex

    Impl(std::string where, User who, std::optional<MailOwner> for_whom)
        : path(std::move(where)), user(who), owner(for_whom) {}

    Result<std::unique_ptr<Database>> open_for_agent() const {
        DatabaseOptions options;
        options.durability = DatabaseOptions::Durability::after_crash;
        TRY_ASSIGN(auto opened, Database::open(path, options));
        TRY_ASSIGN(const auto version, version_of(*opened));
        TRY(refuse_version(*opened, version));
        return opened;
    }

    Result<std::unique_ptr<Database>> open_for_administrator() const {
        TRY_ASSIGN(const auto existed, find_stamp(path));
        TRY(make_file(path, owner));
        TRY_ASSIGN(auto opened, Database::open(path, {}));
        TRY(upgrade(*opened));
        for (const char* suffix : {"-wal", "-shm"}) {
            TRY(give_to(path + suffix, owner));
        }
        if (!existed) {
            TRY(sync_directory(path.substr(0, path.rfind('/'))));
        }
        return opened;
    }
};

State::State(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
State::State(State&&) noexcept = default;
State& State::operator=(State&&) noexcept = default;
State::~State() = default;

State State::of_agent(const Paths& paths) {
    return State(std::make_unique<Impl>(paths.state, Impl::User::agent, std::nullopt));
}

State State::of_administrator(const Paths& paths, std::optional<MailOwner> owner) {
    return State(std::make_unique<Impl>(paths.state, Impl::User::administrator, owner));
}

Result<State::Turn> State::turn() {
    std::unique_lock held(impl_->mutex);
    if (impl_->database) {
        TRY(impl_->database->check_owner());
        if (!impl_->database->is_in_place()) impl_->database.reset();
    }
    if (!impl_->database) {
        auto opened = impl_->user == Impl::User::agent ? impl_->open_for_agent() : impl_->open_for_administrator();
        if (!opened) return fail(as_temporary(std::move(opened).error()));
        impl_->database = std::move(*opened);
    }
    return Turn(std::move(held), impl_->database.get());
}

} // namespace mailctl
