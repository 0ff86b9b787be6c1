// Settings are decoded once per generation, under a lock that the common case holds for one comparison.
#include "mailctl/delivery/agent.hpp"

#include "mailctl/system/mail_owner.hpp"

#include <fmt/format.h>

#include <atomic>
#include <unistd.h>

namespace mailctl {

Agent::Agent(Paths paths, Clock clock, JournalUse journal_use)
    : paths_(std::move(paths)), clock_(std::move(clock)), journal_use_(journal_use) {}

Result<View> Agent::view() {
    TRY_ASSIGN(auto directory, snapshot());
    TRY_ASSIGN(auto settings, settings_for(*directory));
    return View{std::move(directory), std::move(settings)};
}

Result<std::unique_ptr<DirectorySnapshot>> Agent::snapshot() {
    const Directory* directory = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (!directory_) {
            auto opened = Directory::open(paths_.directory);
            if (!opened) {
                auto error = opened.error();
                error.kind = ErrorKind::temporary; // it may be compiled the next moment
                return fail(std::move(error));
            }
            directory_.emplace(std::move(*opened));
        }
        directory = &*directory_;
    }
    return directory->snapshot();
}

Result<std::shared_ptr<const AgentSettings>> Agent::settings_for(const DirectorySnapshot& directory) {
    const std::lock_guard lock(mutex_);
    if (!settings_ || settings_->generation != directory.generation()) {
        TRY_ASSIGN(settings_, load_settings(directory, settings_ ? settings_->journal : nullptr));
    }
    return settings_;
}

Result<std::shared_ptr<const AgentSettings>> Agent::load_settings(const DirectorySnapshot& directory,
                                                                  std::shared_ptr<Journal> journal) const {
    auto settings = std::make_shared<AgentSettings>();
    TRY_ASSIGN(settings->site, directory.site());
    const auto& site = settings->site;
    settings->generation = directory.generation();
    settings->delivery = {.hostname = site.hostname,
                          .mail_root = site.mail.path.empty() ? paths_.mail : site.mail.path,
                          .owner = {},
                          .single_instance = site.delivery.single_instance,
                          .over_quota = site.delivery.over_quota,
                          .max_hops = site.delivery.max_hops,
                          .rewrite_senders = site.delivery.srs,
                          .srs_keys = load_srs_keys(paths_, site)};
    TRY_ASSIGN(settings->delivery.owner, find_mail_owner(paths_, site.mail));
    settings->mailer = make_mailer(site.submit, site.hostname, settings->delivery.mail_root);
    auto setting = site.delivery.journal;
    if (setting == "stdout" && journal_use_ == JournalUse::not_standard_output) setting = "stderr";
    if (!journal || journal->setting() != setting) journal = std::make_shared<Journal>(setting, paths_.journal);
    settings->journal = std::move(journal);
    return std::shared_ptr<const AgentSettings>(std::move(settings));
}

Result<Plan> Agent::resolve(const View& view, const Address& recipient) const {
    const auto& site = view.settings->site;
    const auto today = day_in_zone(clock_(), site.time_zone);
    const auto& srs_keys = view.settings->delivery.srs_keys;
    // Secrets that cannot be read concern the addresses they belong to, and no others.
    if (!srs_keys && recipient.domain == site.delivery.srs_domain.value_or(site.hostname))
        return fail(srs_keys.error());
    if (!srs_keys) return mailctl::resolve(*view.directory, resolve_settings(site, today), recipient);
    return resolve_recipient(*view.directory, resolve_settings(site, today), *srs_keys, recipient);
}

std::vector<LmtpReply> Agent::deliver(Envelope& envelope, std::uint64_t resolved_at, MessageContent& content) {
    const auto later = [&] {
        return std::vector<LmtpReply>(envelope.recipients.size(), {451, "4.3.0", "try again later"});
    };
    auto current = view();
    if (!current) return later();
    if (current->settings->generation != resolved_at) {
        for (auto& recipient : envelope.recipients) {
            auto plan = resolve(*current, recipient.plan.recipient);
            if (plan)
                recipient.plan = std::move(*plan);
            else
                recipient.plan.outcome = Defer{451, "4.3.0", "try again later"};
        }
    }
    const auto settings = current->settings;
    current->directory.reset(); // a delivery may take long; the directory must not keep old pages for it
    return mailctl::deliver(envelope, content, clock_(), settings->delivery,
                            {*settings->mailer, *settings->journal, gate_});
}

std::string Agent::make_id() const {
    static std::atomic<unsigned> counter{0};
    return fmt::format("{:X}-{:X}-{:X}", clock_().time_since_epoch().count(), ::getpid(),
                       counter.fetch_add(1, std::memory_order_relaxed));
}

void Agent::reload() {
    const std::lock_guard lock(mutex_);
    if (!settings_) return;
    settings_->journal->reopen();
    auto renewed = std::make_shared<AgentSettings>(AgentSettings{.generation = settings_->generation,
                                                                 .site = settings_->site,
                                                                 .delivery = settings_->delivery,
                                                                 .mailer = nullptr,
                                                                 .journal = settings_->journal});
    renewed->delivery.srs_keys = load_srs_keys(paths_, renewed->site);
    renewed->mailer = make_mailer(renewed->site.submit, renewed->site.hostname, renewed->delivery.mail_root);
    settings_ = std::move(renewed);
}

} // namespace mailctl
