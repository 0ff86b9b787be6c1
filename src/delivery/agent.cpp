// SPDX-License-Identifier: Apache-2.0
// Settings are decoded once per generation, under a lock that the common case holds for one comparison.
#include "mailctl/delivery/agent.hpp"

#include "answering.hpp"
#include "mailctl/base/bounds.hpp"
#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/store/candidates.hpp"
#include "quota_warning.hpp"

#include <fmt/format.h>

#include <atomic>
#include <unistd.h>

namespace mailctl {
namespace {

// A reply is a courtesy: an MTA that is slow to take it does not hold up the others, nor the end of the process.
constexpr MailerTimeouts reply_timeouts{
    .connect = std::chrono::seconds{5}, .command = std::chrono::seconds{10}, .message = std::chrono::seconds{20}};

// One message has `submit_timeout` for everything; none of its single steps may take longer.
std::unique_ptr<Mailer> make_forward_mailer(const AgentSettings& settings, SubmissionGate& gate) {
    const std::chrono::milliseconds most = settings.delivery.submit_timeout;
    const MailerTimeouts timeouts{
        .connect = std::min(most, MailerTimeouts{}.connect), .command = most, .message = most};
    return make_gated_mailer(
        make_mailer(settings.site.submit, settings.site.hostname, settings.delivery.mail_root, timeouts), gate);
}

std::unique_ptr<Mailer> make_reply_mailer(const AgentSettings& settings) {
    return make_mailer(settings.site.submit, settings.site.hostname, settings.delivery.mail_root, reply_timeouts);
}

bool is_rewritten(const Address& recipient, const Site& site) {
    const SrsKeys no_keys{site.delivery.srs_domain.value_or(site.hostname), {}};
    return recipient.domain == no_keys.domain &&
           srs_reverse(recipient.local, no_keys, 0).verdict != SrsVerdict::not_srs;
}

} // namespace

Agent::Agent(Paths paths, Clock clock, JournalUse journal_use)
    : paths_(std::move(paths)), clock_(std::move(clock)), journal_use_(journal_use), started_(clock_()), moved_(paths_),
      state_(State::of_agent(paths_)) {}

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
                                                                  std::shared_ptr<Journal> journal) {
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
                          .candidates = site.candidates,
                          .rewrite_senders = site.delivery.srs,
                          .submit_timeout = site.delivery.submit_timeout,
                          .srs_keys = load_srs_keys(paths_, site)};
    TRY_ASSIGN(settings->delivery.owner, find_mail_owner(paths_, site.mail));
    settings->mailer = make_forward_mailer(*settings, submissions_);
    settings->reply_mailer = make_reply_mailer(*settings);
    auto setting = site.delivery.journal;
    if (setting == "stdout" && journal_use_ == JournalUse::not_standard_output) setting = "stderr";
    if (!journal || journal->setting() != setting) journal = std::make_shared<Journal>(setting, paths_.journal);
    settings->journal = std::move(journal);
    return std::shared_ptr<const AgentSettings>(std::move(settings));
}

// A name that is here again is not away, and neither is one that somebody else has by now.
Result<bool> Agent::has_moved_away(const Lookup& lookup, const Site& site, const Address& recipient) {
    TRY_ASSIGN(const auto domain, lookup.find_domain(recipient.domain));
    const Address real{recipient.local, domain ? domain->name : recipient.domain};
    TRY_ASSIGN(const bool moved, moved_.contains(real, site.addresses.delimiters, clock_()));
    if (!moved || !domain) return moved;
    const auto& key = real.local.key();
    const auto is_here = [](const std::optional<NameEntry>& entry) {
        return entry && !std::holds_alternative<ElsewhereEntry>(*entry);
    };
    TRY_ASSIGN(const auto exact, lookup.find_name(domain->name, key));
    if (is_here(exact)) return false;
    const auto detail = key.find_first_of(site.addresses.delimiters);
    if (detail == std::string::npos) return true;
    TRY_ASSIGN(const auto without_detail, lookup.find_name(domain->name, key.substr(0, detail)));
    return !is_here(without_detail);
}

Result<Plan> Agent::resolve(const View& view, const Sender& sender, const Address& recipient) {
    const auto& site = view.settings->site;
    auto settings = resolve_settings(site, day_in_zone(clock_(), site.time_zone));
    settings.sender = sender;
    settings.keep = ResolveSettings::Keep::deciding_steps;
    const auto& srs_keys = view.settings->delivery.srs_keys;
    // Secrets that cannot be read concern the addresses they belong to, and no others.
    if (!srs_keys && is_rewritten(recipient, site)) return fail(srs_keys.error());
    const CandidateLookup lookup(*view.directory, state_, paths_.state, candidate_domains_, view.settings->generation);
    TRY_ASSIGN(const bool is_away, has_moved_away(lookup, site, recipient));
    if (is_away) return Plan{recipient, recipient, {}, Defer{450, "4.3.2", "its mail is on another machine by now"}};
    if (!srs_keys) return mailctl::resolve(lookup, settings, recipient);
    return resolve_recipient(lookup, settings, *srs_keys, recipient);
}

bool Agent::is_current(std::uint64_t generation) {
    const auto directory = snapshot();
    return directory && (*directory)->generation() == generation;
}

// Whoever looks for deliveries that go by an older directory sees this one, or it goes by the newer.
Result<DeliveryMark> Agent::mark_as_current(View& view) {
    for (;;) {
        const auto generation = view.settings->generation;
        TRY_ASSIGN(auto mark, DeliveryMark::make(paths_, generation));
        if (is_current(generation)) return mark;
        TRY_ASSIGN(view, this->view());
    }
}

std::vector<LmtpReply> Agent::deliver(Envelope& envelope, std::uint64_t resolved_at, MessageContent& content) {
    const auto later = [&] {
        return std::vector<LmtpReply>(envelope.recipients.size(), {451, "4.3.0", "try again later"});
    };
    auto current = view();
    auto mark = current ? mark_as_current(*current) : fail(current.error());
    if (!current || !mark) {
        auto replies = later();
        tally_.count(replies);
        return replies;
    }
    if (current->settings->generation != resolved_at) {
        for (auto& recipient : envelope.recipients) {
            auto plan = resolve(*current, envelope.sender, recipient.plan.recipient);
            if (plan)
                recipient.plan = std::move(*plan);
            else
                recipient.plan.outcome = Defer{451, "4.3.0", "try again later"};
        }
    }
    const auto settings = current->settings;
    current->directory.reset(); // a delivery may take long; the directory must not keep old pages for it
    const auto when = clock_();
    std::vector<Growth> growths;
    auto replies = mailctl::deliver(envelope, content, when, settings->delivery,
                                    {*settings->mailer, *settings->journal, gate_, state_,
                                     [this](const Address& mailbox) { return confirm_mailbox(mailbox); },
                                     [this, generation = settings->generation] { return is_current(generation); },
                                     [&](Growth growth) { growths.push_back(std::move(growth)); },
                                     [this] { return submissions_.has_room(); }});
    tally_.count(replies);
    for (const auto& growth : growths)
        warn(growth, settings);
    if (has_responders(envelope)) respond(envelope, replies, content, when);
    return replies;
}

// Looks into the directory anew: the delivery may have taken long. Whatever fails, nobody is answered.
void Agent::respond(const Envelope& envelope, const std::vector<LmtpReply>& replies, MessageContent& content,
                    Instant when) {
    try {
        const auto current = view();
        const auto beginning = content.beginning(max_header_section);
        if (!current || !beginning) return;
        const auto settings = current->settings;
        const auto header = HeaderSection::scan(*beginning);
        auto decisions =
            decide_answers({envelope, replies, header, when, ByteCount{content.size()}}, *current->directory,
                           settings->site, day_in_zone(when, settings->site.time_zone));
        settings->journal->write(decisions.declined);
        for (auto& due : decisions.due)
            afterwards_.add(
                [this, settings, due = std::move(due)](Afterwards::Turn turn) { answer(due, *settings, turn); });
    } catch (const std::exception&) { // std::bad_alloc: the mail is delivered all the same
    }
}

void Agent::answer(const DueAnswer& due, const AgentSettings& settings, Afterwards::Turn turn) {
    try {
        auto entry = due.entry;
        entry.result = "not answered";
        entry.why = "too many replies are waiting";
        if (turn == Afterwards::Turn::now)
            entry = send_answer(due, {state_, *settings.reply_mailer, paths_.attachments, settings.site});
        if (entry.result == "answered") tally_.count_reply();
        settings.journal->write({entry});
    } catch (const std::exception&) { // as above
    }
}

void Agent::warn(const Growth& growth, const std::shared_ptr<const AgentSettings>& settings) {
    try {
        auto warning = find_quota_warning(growth, settings->site);
        if (!warning) return;
        warning->id = make_id();
        afterwards_.add([this, settings, warning = std::move(*warning)](Afterwards::Turn turn) {
            if (turn == Afterwards::Turn::now) send_warning(warning, *settings); // else the next message warns
        });
    } catch (const std::exception&) { // as above
    }
}

void Agent::send_warning(const QuotaWarning& warning, const AgentSettings& settings) {
    try {
        if (auto entry = send_quota_warning(warning, {state_, *settings.reply_mailer, settings.site}, clock_()))
            settings.journal->write({*entry});
    } catch (const std::exception&) { // as above
    }
}

// Counting needs the state, which may be locked: nobody waits for it.
void Agent::count_bans(const std::vector<BanHit>& hits, BanTally::Urgency urgency) {
    try {
        bans_.add(hits, clock_());
        afterwards_.add([this, urgency](Afterwards::Turn turn) {
            if (turn == Afterwards::Turn::now) bans_.write(state_, clock_(), urgency);
        });
    } catch (const std::exception&) { // as above
    }
}

void Agent::finish(std::chrono::milliseconds limit) {
    afterwards_.finish(limit);
    bans_.write(state_, clock_(), BanTally::Urgency::at_once);
    const auto settings = [this] {
        const std::lock_guard lock(mutex_);
        return settings_;
    }();
    if (settings) settings->journal->finish(bounds::journal_end);
}

AgentStatus Agent::status(const std::string& version) {
    const auto current = view();
    return {.version = version,
            .process = static_cast<std::uint64_t>(::getpid()),
            .generation = current ? current->settings->generation : 0,
            .started = started_,
            .delivered = tally_.delivered(),
            .deferred = tally_.deferred(),
            .refused = tally_.refused(),
            .replies = tally_.replies(),
            .waiting = afterwards_.waiting(),
            .asked = tally_.asked(),
            .turned_away = tally_.turned_away()};
}

Status Agent::confirm_mailbox(const Address& mailbox) {
    TRY_ASSIGN(const auto directory, snapshot());
    TRY_ASSIGN(const auto entry, directory->find_name(mailbox.domain, mailbox.local.key()));
    const auto* found = entry ? std::get_if<MailboxEntry>(&*entry) : nullptr;
    const bool is_there = found && found->mailbox == mailbox.local.key();
    const bool waits = is_there && found->suspend && found->suspend->receive == SuspendedReceive::defer &&
                       !found->suspend->until; // what has no last day was not over when the mail was accepted
    if (is_there && !waits) return {};
    return fail(ErrorKind::temporary, fmt::format("mailbox '{}' was renamed or deleted just now", mailbox.text()));
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
                                                                 .reply_mailer = nullptr,
                                                                 .journal = settings_->journal});
    renewed->delivery.srs_keys = load_srs_keys(paths_, renewed->site);
    renewed->mailer = make_forward_mailer(*renewed, submissions_);
    renewed->reply_mailer = make_reply_mailer(*renewed);
    settings_ = std::move(renewed);
}

} // namespace mailctl
