// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/cluster/pull.hpp"

#include "directory_reader.hpp"
#include "mail_carrier.hpp"
#include "mailctl/admin/cluster/node_candidates.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/store/recipient.hpp"
#include "pull_plan.hpp"
#include "srs_digest.hpp"

#include <fmt/format.h>

#include <thread>

namespace mailctl {
namespace {

std::string pulled_path(const Paths& paths) { return paths.lib + "/pulled"; }

Status check_srs_secret(const SiteView& view, const DirectorySettings& settings) {
    if (settings.srs_digest.empty()) return {};
    TRY_ASSIGN(const auto here, srs_digest(view));
    if (here == settings.srs_digest) return {};
    return fail(
        ErrorKind::conflict,
        fmt::format("'{}' is not the secret of the administration host, so that bounces of one machine would be "
                    "strangers to another",
                    view.paths().srs_secret),
        "copy the file from there");
}

} // namespace

NodePuller::NodePuller(const World& world, std::string node, std::string version)
    : world_(world), node_(std::move(node)), version_(std::move(version)) {}

NodePuller::~NodePuller() = default;

Result<Report> NodePuller::pull(const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world_));
    const auto& database = view.site().publish.database;
    if (database.empty())
        return fail(ErrorKind::conflict, "the site names no database to pull from",
                    "mailctl config set publish.database='host=... dbname=...'");
    auto report = fetch(options);
    if (!report && report.error().kind == ErrorKind::temporary) reader_.reset();
    if (options.dry_run || !reader_) return report;
    TRY_ASSIGN(const auto book, load_book(pulled_path(world_.paths)));
    DirectoryStatus status{node_, false, book.generation, book.sha256, {}, version_, report.has_value()};
    if (!report) status.error = report.error().what;
    if (report && report->status != 0)
        status.error = report->notes.empty() ? "it is not complete" : report->notes.back();
    auto reported = report_status(database, status);
    if (reported) reported = report_candidates(view, node_, candidates_);
    if (report && !reported)
        report->notes.push_back(
            fmt::format("warning: the state of the node is not reported: {}", reported.error().what));
    if (report) carry(*report, book.generation);
    return report;
}

// Mail that moves to or from this node. What keeps it from that is no fault of the pull.
void NodePuller::carry(Report& report, std::int64_t generation) const {
    const auto done = carry_mail(world_, node_, generation);
    if (!done) report.notes.push_back(fmt::format("warning: no mail is moved: {}", done.error().what));
    if (done) report.notes.insert(report.notes.end(), done->begin(), done->end());
}

Result<Report> NodePuller::fetch(const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world_));
    if (!reader_) {
        TRY_ASSIGN(auto opened, DirectoryReader::open(view.site().publish.database));
        reader_ = std::make_unique<DirectoryReader>(std::move(opened));
        TRY(reader_->listen());
    }
    const auto path = pulled_path(world_.paths);
    TRY_ASSIGN(const auto book, load_book(path));
    auto fetched = fetch_directory(*reader_, node_, book);
    if (!fetched) {
        const auto ended = reader_->end();
        if (!ended) reader_.reset();
        return fail(fetched.error());
    }
    const auto secret = check_srs_secret(view, fetched->settings);
    auto report =
        !secret
            ? Result<Report>(fail(secret.error()))
            : change_models(
                  world_, options,
                  [&](ModelPlan& plan) { return plan_pull(plan, world_, *fetched, *reader_, options.accept_losses); },
                  changed_addresses(*fetched));
    TRY(reader_->end());
    if (!report || options.dry_run) return report;
    const GenerationBook next{fetched->news.id, fetched->news.sha256, 0, std::move(fetched->seals)};
    if (next != book) {
        TRY(save_book(path, next));
    }
    report->type = "node_pull";
    const auto domains = static_cast<std::int64_t>(report->rows.size());
    report->rows = {Cells{{"id", node_}, {"generation", next.generation}, {"domains", domains}}};
    return report;
}

void NodePuller::wait(std::chrono::milliseconds time) { wait_for_news(reader_, time); }

} // namespace mailctl
