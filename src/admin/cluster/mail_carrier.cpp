// SPDX-License-Identifier: Apache-2.0
// The mailbox takes neither mail nor logins on either machine meanwhile: that came with the generation that says it
// moves. So what the source tells once holds until the move is over or given up.
#include "mail_carrier.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/maildir/mail_digest.hpp"
#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/os/process.hpp"
#include "mailctl/site/site_view.hpp"
#include "mailctl/store/directory.hpp"
#include "mailctl/store/moved_names.hpp"
#include "mailctl/store/under_way.hpp"
#include "move_tables.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace mailctl {

namespace {

constexpr int another_copies = 213;                  // flock(1) says so; nothing that copies has this status
constexpr std::string_view nothing_held = "nothing"; // the digest of a mailbox that has no directory

class MailCarrier {
  public:
    MailCarrier(const SiteView& view, Postgres& connection, std::string node, std::int64_t generation, Instant now)
        : view_(view), connection_(connection), node_(std::move(node)), generation_(generation), now_(now) {}

    Result<std::vector<std::string>> run() {
        TRY_ASSIGN(const auto moves, read_moves(connection_));
        TRY_ASSIGN(reports_, read_move_reports(connection_));
        for (const auto& move : moves)
            if (move.local.empty() && move.source == node_) whole_domains_.insert(move.domain);
        for (const auto& move : moves) {
            if (move.local.empty() || generation_ < move.generation) continue;
            if (move.source == node_) {
                TRY(tell(move));
            }
            if (move.target == node_) {
                TRY(fetch(move));
            }
        }
        return std::move(lines_);
    }

  private:
    [[nodiscard]] const MoveReported* found(const MovingMail& move, const std::string& node) const {
        const auto report = reports_.find({move.domain, move.local, node});
        return report == reports_.end() || report->second.generation < move.generation ? nullptr : &report->second;
    }
    [[nodiscard]] static Address address_of_move(const MovingMail& move) {
        return {LocalPart::from_trusted(move.local), DomainName::from_trusted(move.domain)};
    }

    Status report(const MovingMail& move, MoveReported reported) {
        const auto* before = found(move, node_);
        if (before && before->digest == reported.digest && before->error == reported.error) return {};
        reported.generation = generation_;
        return report_move(connection_, move, node_, reported);
    }

    // The source.
    Status tell(const MovingMail& move) {
        if (const auto* told = found(move, node_); told && !told->digest.empty()) return {};
        const auto quiet = is_quiet();
        if (!quiet) return report(move, {0, "", quiet.error().what});
        if (!*quiet) return report(move, {0, "", "deliveries are under way that began before"});
        const auto held = held_by(move);
        if (!held) return report(move, {0, "", held.error().what});
        // Before anybody can act on what is told: once it lives elsewhere this machine does not know it any more.
        TRY_ASSIGN(const auto names, names_of_move(move));
        TRY(remember_moved(view_.paths(), names, now_));
        lines_.push_back(fmt::format("{} is ready to be fetched by {}", address_of_move(move).display(), move.target));
        return report(move, {0, *held, ""});
    }

    // The mailbox with its aliases; where the whole domain goes, all that it has and all its names.
    [[nodiscard]] Result<std::vector<std::string>> names_of_move(const MovingMail& move) const {
        std::vector<std::string> names{move.local + '@' + move.domain};
        TRY_ASSIGN(const auto domain, view_.find_applied_domain(DomainName::from_trusted(move.domain)));
        if (!domain) return names;
        if (const auto mailbox = domain->mailboxes.find(move.local); mailbox != domain->mailboxes.end())
            for (const auto& alias : mailbox->second.aliases)
                names.push_back(alias + '@' + move.domain);
        if (!whole_domains_.contains(move.domain)) return names;
        names.push_back('@' + move.domain);
        for (const auto& alias : domain->aliases)
            names.push_back('@' + alias.text());
        if (const auto& suffix = view_.site().alternate_suffix)
            names.push_back('@' + alternate_name(domain->name, *suffix).text());
        return names;
    }

    [[nodiscard]] Result<bool> is_quiet() const {
        TRY_ASSIGN(const auto* compiled, view_.compiled());
        if (!compiled) return false;
        TRY_ASSIGN(const bool older, is_older_delivery_under_way(view_.paths(), compiled->generation()));
        return !older;
    }

    // The target. What comes while the source still takes mail is not wasted: the next time only the rest is fetched.
    Status fetch(const MovingMail& move) {
        const auto *told = found(move, move.source), *ours = found(move, node_);
        const bool is_told = told && !told->digest.empty();
        if (ours && ours->error.empty() && (!is_told || ours->digest == told->digest)) return {};
        TRY_ASSIGN(const bool waits, waits_here(move));
        if (!waits) return {}; // what was given up, or is in use by now, is not touched
        auto fetched =
            is_told && told->digest == nothing_held ? Result<std::string>(std::string(nothing_held)) : copy(move);
        if (!fetched) return report(move, {0, "", fetched.error().what});
        lines_.push_back(fmt::format("{} was fetched from {}{}", address_of_move(move).display(), move.source,
                                     is_told ? "" : ", and will be once more"));
        return report(move, {0, *fetched, ""});
    }

    [[nodiscard]] Result<bool> waits_here(const MovingMail& move) const {
        TRY_ASSIGN(const auto domain, view_.find_applied_domain(DomainName::from_trusted(move.domain)));
        if (!domain) return false;
        const auto mailbox = domain->mailboxes.find(move.local);
        return mailbox != domain->mailboxes.end() && mailbox->second.suspend &&
               mailbox->second.suspend->receive == SuspendedReceive::defer;
    }

    Result<std::string> copy(const MovingMail& move) {
        TRY_ASSIGN(const auto argv, copy_command(move));
        ProcessOptions options;
        options.timeout = std::chrono::hours{24};
        TRY_ASSIGN(const auto done, mailctl::run(argv, options));
        if (done.status == another_copies)
            return fail(ErrorKind::temporary, "a copy that was begun earlier is still under way");
        if (done.status != 0)
            return fail(ErrorKind::temporary, fmt::format("'{}' ended with status {}: {}", join(argv, " "), done.status,
                                                          printable(trim(done.error_output))));
        TRY_ASSIGN(const auto store, open_store());
        TRY_ASSIGN(const auto root, store.open_root());
        if (syncfs(root.get()) != 0) return fail(system_error(errno, "cannot sync", store.path()));
        return held_by(move);
    }

    Result<std::vector<std::string>> copy_command(const MovingMail& move) {
        if (places_.empty()) {
            TRY_ASSIGN(places_, read_mail_places(connection_));
        }
        const auto source = places_.find(move.source);
        if (source == places_.end() || source->second.empty())
            return fail(ErrorKind::conflict,
                        fmt::format("nobody says where the mail of node '{}' lies: mailctl node set {} mail=HOST:PATH",
                                    move.source, move.source));
        // A copy that deletes must not go on when the mailbox is in use already: one whose parent was killed holds the
        // lock until it ends, and as long nothing is reported.
        std::vector<std::string> argv{"flock", "-n", "-E", std::to_string(another_copies),
                                      view_.paths().lib + "/copying.lock"};
        for (const auto word : split(std::string_view(view_.site().node_copy), ' '))
            if (!word.empty()) argv.emplace_back(word);
        const auto place = mailbox_directory(address_of_move(move));
        argv.push_back(fmt::format("{}/{}/", source->second, place));
        argv.push_back(fmt::format("{}/{}/", view_.paths().mail, place));
        return argv;
    }

    [[nodiscard]] Result<MailStore> open_store() const {
        TRY_ASSIGN(const auto owner, find_mail_owner(view_.paths(), view_.site().mail));
        return MailStore::open(view_.paths().mail, view_.site().hostname.text(), owner);
    }
    [[nodiscard]] Result<std::string> held_by(const MovingMail& move) const {
        TRY_ASSIGN(const auto store, open_store());
        TRY_ASSIGN(const auto held, digest_mailbox(store, address_of_move(move)));
        return held ? held->text : std::string(nothing_held);
    }

    const SiteView& view_;
    Postgres& connection_;
    std::string node_;
    std::int64_t generation_;
    Instant now_;
    std::map<ReportKey, MoveReported> reports_;
    std::set<std::string> whole_domains_; // that leave this machine
    std::map<std::string, std::string> places_;
    std::vector<std::string> lines_;
};

} // namespace

Result<std::vector<std::string>> carry_mail(const World& world, const std::string& node, std::int64_t generation) {
    // One at a time, and what is to be done is looked at when its turn has come.
    const auto turn = Lock::acquire(world.paths.lib + "/carrying.lock", std::chrono::milliseconds(0), "node pull");
    if (!turn) return std::vector<std::string>();
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY(mark_deliveries(view.paths()));
    TRY_ASSIGN(auto connection, Postgres::open(view.site().publish.database, Postgres::For::writing));
    return MailCarrier(view, connection, node, generation, world.clock()).run();
}

} // namespace mailctl
