// SPDX-License-Identifier: Apache-2.0
// Two changes of the site with a wait between them. Each is published before anything depends on it; the second is made
// only when both machines have told the same of the mail.
#include "mailctl/admin/cluster/mail_moves.hpp"

#include "mailctl/admin/cluster/publish.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/config/account_keys.hpp"
#include "move_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace mailctl {

namespace {

constexpr std::chrono::milliseconds between_looks{500};

// A mailbox, or with `local` "" a domain, that is asked for.
struct Mover {
    DomainName domain;
    std::string local;
    [[nodiscard]] std::string name() const {
        return local.empty() ? domain.display() : Address{LocalPart::from_trusted(local), domain}.display();
    }
};
struct Whereabouts {
    std::string node, move_to;
};

Result<std::vector<Mover>> movers_of(const SiteView& view, const MoveRequest& request) {
    std::vector<Mover> movers;
    for (const auto& address : request.mailboxes) {
        TRY_ASSIGN(const auto target, get_mailbox_target(view, address));
        movers.push_back({target.address.domain, target.address.local.key()});
    }
    for (const auto& name : request.domains) {
        TRY_ASSIGN(const auto* domain, view.get_domain(name));
        movers.push_back({domain->name, ""});
    }
    return movers;
}

Whereabouts whereabouts_of(const Domain& domain, const Mover& mover) {
    if (mover.local.empty()) return {domain.node, domain.move_to};
    const auto& mailbox = domain.mailboxes.at(mover.local);
    const auto move = move_of(domain, mailbox);
    return {node_of(domain, mailbox), move ? move->target : std::string()};
}

Status check_node_stands(const SiteView& view, const std::string& node) {
    const auto& nodes = view.site().nodes;
    if (nodes.contains(node)) return {};
    std::vector<std::string> names;
    for (const auto& [known, unused] : nodes)
        names.push_back(known);
    const auto near = nearest(node, names);
    return fail(ErrorKind::missing, fmt::format("no node '{}'", printable(node)),
                near ? fmt::format("did you mean '{}'?", *near) : "mailctl node list shows them");
}

std::string& move_key(DomainDraft& draft, const Mover& mover) {
    return mover.local.empty() ? draft.edit_settings().move_to : draft.edit<Mailbox>(mover.local)->move_to;
}

// A mailbox that comes to where its domain lives follows it from now on.
void arrive(DomainDraft& draft, const Mover& mover, const std::string& node) {
    move_key(draft, mover).clear();
    if (mover.local.empty())
        draft.edit_settings().node = node;
    else
        draft.edit<Mailbox>(mover.local)->node = draft.settings().node == node ? "" : node;
}

class MailMover {
  public:
    MailMover(const World& world, const MoveRequest& request, const ChangeOptions& options)
        : world_(world), request_(request), options_(options) {}

    Result<Report> run() {
        TRY_ASSIGN(auto begun, begin());
        if (options_.dry_run || moving_.empty()) return begun;
        const auto begun_at = Steady::now();
        for (;;) {
            TRY_ASSIGN(const auto state, look());
            if (state.step == MoveStep::finish) return finish();
            tell(describe_move(state));
            if (request_.wait && Steady::now() - begun_at >= *request_.wait) return fail(not_over(state));
            std::this_thread::sleep_for(between_looks);
        }
    }

  private:
    using Steady = std::chrono::steady_clock;

    // The first change: what moves says so, what is given up stays.
    Result<Report> begin() {
        TRY_ASSIGN(auto report, change_models(world_, options_, [&](ModelPlan& plan) -> Status {
                       TRY(check_node_stands(plan.view(), request_.node));
                       TRY_ASSIGN(const auto movers, movers_of(plan.view(), request_));
                       moving_.clear();
                       for (const auto& mover : movers) {
                           TRY(plan_one(plan, mover));
                       }
                       return {};
                   }));
        if (options_.dry_run) return report;
        TRY(publish(moving_.empty() ? "it is given up here" : "the move is begun here"));
        return report;
    }

    Status plan_one(ModelPlan& plan, const Mover& mover) {
        TRY_ASSIGN(auto* draft, plan.domain(mover.domain));
        const auto now = whereabouts_of(draft->after(), mover);
        if (now.node == request_.node) {
            if (now.move_to.empty()) return {};
            if (move_key(*draft, mover).empty())
                return fail(
                    ErrorKind::conflict, fmt::format("'{}' moves with its domain", mover.name()),
                    fmt::format("mailctl domain move {} --node {} gives that up", mover.domain.text(), now.node));
            move_key(*draft, mover).clear();
            plan.say_done(mover.local.empty() ? "domain" : "mailbox", mover.name(), "gave up the move of");
            return {};
        }
        if (now.move_to == request_.node) {
            moving_.push_back(mover);
            return {};
        }
        if (!now.move_to.empty())
            return fail(ErrorKind::conflict, fmt::format("'{}' is on its way to node '{}'", mover.name(), now.move_to),
                        fmt::format("--node {} goes on with that, --node {} gives it up", now.move_to, now.node));
        move_key(*draft, mover) = request_.node;
        moving_.push_back(mover);
        plan.say_done(mover.local.empty() ? "domain" : "mailbox", mover.name(), "began to move");
        return {};
    }

    Status publish(std::string_view what) {
        auto published = publish_site(world_, {});
        if (published) return {};
        auto error = std::move(published).error();
        error.what = fmt::format("{}, but not published: {}", what, error.what);
        return fail(std::move(error));
    }

    // How far all of them are: as far as the last one.
    Result<MoveState> look() {
        TRY_ASSIGN(const auto view, SiteView::open(world_));
        if (!connection_) {
            TRY_ASSIGN(auto opened, Postgres::open(view.site().publish.database, Postgres::For::writing));
            connection_ = std::make_unique<Postgres>(std::move(opened));
        }
        TRY_ASSIGN(const auto board, MoveBoard::read(*connection_));
        MoveState last{MoveStep::finish, {}, {}};
        for (const auto& mover : moving_)
            join(last, look_at(board, mover));
        return last;
    }

    // A domain is as far as the last of its mailboxes.
    [[nodiscard]] MoveState look_at(const MoveBoard& board, const Mover& mover) const {
        MoveState last{MoveStep::finish, {}, {}};
        bool is_published = false;
        for (const auto& move : board.moves) {
            if (move.domain != mover.domain.text() || move.target != request_.node) continue;
            is_published = is_published || move.local == mover.local;
            if (!move.local.empty() && (mover.local.empty() || move.local == mover.local))
                join(last, board.state(move));
        }
        return is_published ? last : MoveState{};
    }

    static void join(MoveState& all, MoveState one) {
        if (one.step < all.step) all = std::move(one);
    }

    void tell(const std::string& words) {
        if (words != told_ && request_.tell) request_.tell(words);
        told_ = words;
    }

    [[nodiscard]] Error not_over(const MoveState& state) const {
        return {ErrorKind::temporary, fmt::format("the move is not over: it {}", describe_move(state)),
                "the same command goes on with it", 0};
    }

    // The second change. Where somebody gave the move up meanwhile, that stands.
    Result<Report> finish() {
        TRY_ASSIGN(auto report, change_models(world_, options_, [&](ModelPlan& plan) -> Status {
                       for (const auto& mover : moving_) {
                           TRY_ASSIGN(auto* draft, plan.domain(mover.domain));
                           const bool is_there = mover.local.empty() || draft->find<Mailbox>(mover.local);
                           if (!is_there || move_key(*draft, mover) != request_.node)
                               return fail(ErrorKind::conflict,
                                           fmt::format("the move of '{}' was given up meanwhile", mover.name()));
                           arrive(*draft, mover, request_.node);
                           plan.say_done(mover.local.empty() ? "domain" : "mailbox", mover.name(), "moved");
                       }
                       return {};
                   }));
        TRY(publish("the new place is in force here"));
        return report;
    }

    const World& world_;
    const MoveRequest& request_;
    const ChangeOptions& options_;
    std::vector<Mover> moving_;
    std::unique_ptr<Postgres> connection_;
    std::string told_;
};

} // namespace

Result<Report> move_mail(const World& world, const MoveRequest& request, const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    if (view.site().publish.database.empty())
        return fail(ErrorKind::conflict, "the site names no database, through which its machines work together",
                    "mailctl config set publish.database='host=... dbname=...'");
    return MailMover(world, request, options).run();
}

} // namespace mailctl
