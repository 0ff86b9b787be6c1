// The transaction. Verdicts fill up from the front (loops, refusals, failures); a recipient without one when everything
// is published has been served.
#include "mailctl/delivery/deliver.hpp"

#include "mailctl/delivery/bounce.hpp"
#include "mailctl/delivery/plan_delivery.hpp"
#include "mailctl/system/mailbox_quota.hpp"
#include "mailctl/system/staged_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <deque>

namespace mailctl {
namespace {

constexpr auto stale_check_odds = 256; // tmp/ is looked through at one delivery in so many

struct Copy {
    explicit Copy(const PlannedCopy& planned) : plan(planned) {}
    const PlannedCopy& plan;
    std::optional<Maildir> place;        // until it is staged there or linked into
    std::optional<QuotaAccount> account; // only where there is a limit
    std::optional<StagedMessage> staged; // its own file; otherwise it gets a link to the shared one
    MailboxGate::Pass pass;
    bool is_full = false; // over quota: not staged
};

class Transaction {
  public:
    Transaction(const Envelope& envelope, MessageContent& content, Instant when, const DeliverySettings& settings,
                const DeliveryServices& services)
        : envelope_(envelope), content_(content), when_(when), settings_(settings), services_(services),
          served_(envelope.recipients.size()), refusals_(envelope.recipients.size()),
          full_(envelope.recipients.size()) {}

    Status plan();
    void stage();
    void hand_over();
    void publish();
    void settle_refusals();
    // Where one answer must do for all: once anybody cannot be served, nobody is.
    void agree();
    std::vector<LmtpReply> finish();
    // Every recipient that has no answer yet: the way out of exceptions.
    void fail_all(const LmtpReply& reply, const std::string& why);

  private:
    [[nodiscard]] bool is_wanted(const Dependents& recipients) const;
    void fail(const Dependents& recipients, const Verdict& verdict);
    void settle_folders(const MailStore& store);
    Status stage_copy(const MailStore& store, Copy& copy, bool alone);
    Status publish_copy(const MailStore& store, Copy& copy);
    Result<bool> fits(const MailStore& store, Copy& copy, ByteCount size);
    [[nodiscard]] std::string prefix_of(const PlannedCopy& copy, bool alone) const;
    [[nodiscard]] ReceivedLine received() const;
    void submit(const PlannedInjection& injection);
    void send_bounce();
    [[nodiscard]] Verdict full_verdict(const Address& mailbox) const;
    [[nodiscard]] static Verdict verdict_of(const std::vector<Refusal>& refusals);
    void write_journal(const std::vector<LmtpReply>& replies);
    [[nodiscard]] JournalEntry entry_of(std::size_t recipient, const LmtpReply& reply) const;

    const Envelope& envelope_;
    MessageContent& content_;
    Instant when_;
    const DeliverySettings& settings_;
    const DeliveryServices& services_;

    HeaderSection header_;
    TransactionPlan plan_;
    std::optional<MailStore> store_;
    std::deque<Copy> copies_;
    Copy* shared_ = nullptr; // holds the file that the others link to

    struct Served {
        std::string result, where;
    };
    std::vector<std::vector<Served>> served_;    // per recipient: what was done
    std::vector<std::vector<Refusal>> refusals_; // per recipient: targets refused by the next hop
    std::vector<std::vector<Address>> full_;     // per recipient: mailboxes over quota
};

Status Transaction::plan() {
    TRY(content_.status());
    TRY_ASSIGN(const std::string_view beginning, content_.beginning(max_header_section));
    header_ = HeaderSection::scan(beginning);
    plan_ = plan_delivery(envelope_, header_, settings_.max_hops);
    return {};
}

bool Transaction::is_wanted(const Dependents& recipients) const {
    return std::any_of(recipients.begin(), recipients.end(), [&](std::size_t i) { return !plan_.verdicts[i]; });
}

void Transaction::fail(const Dependents& recipients, const Verdict& verdict) {
    for (const auto i : recipients)
        if (!plan_.verdicts[i]) plan_.verdicts[i] = verdict;
}

void Transaction::fail_all(const LmtpReply& reply, const std::string& why) {
    plan_.verdicts.resize(envelope_.recipients.size());
    for (auto& verdict : plan_.verdicts)
        if (!verdict) verdict = deferred(reply, why);
}

void Transaction::agree() {
    if (!envelope_.all_or_nothing) return;
    for (std::size_t i = 0; i < full_.size(); ++i)
        if (!full_[i].empty() && !plan_.verdicts[i]) plan_.verdicts[i] = full_verdict(full_[i].front());
    const bool all_well = std::all_of(plan_.verdicts.begin(), plan_.verdicts.end(),
                                      [](const auto& verdict) { return !verdict || verdict->reply.code / 100 == 2; });
    if (!all_well) fail_all({451, "4.3.0", "not delivered to another recipient"}, "another recipient failed");
}

Verdict Transaction::full_verdict(const Address& mailbox) const {
    const auto reply = over_quota_reply(settings_.over_quota);
    return {reply, reply.code < 500 ? "deferred" : "rejected", fmt::format("over quota: {}", mailbox.text())};
}

// ---- staging

void Transaction::stage() {
    if (plan_.copies.empty()) return;
    auto store = MailStore::open(settings_.mail_root, settings_.hostname.text(), settings_.owner);
    if (!store) {
        for (const auto& copy : plan_.copies)
            fail(copy.recipients, deferred(reply_to_store_error(store.error()), store.error().what));
        return;
    }
    store_ = std::move(*store);
    settle_folders(*store_);
    const bool alone = plan_.copies.size() == 1 || !settings_.single_instance;
    for (auto& planned : plan_.copies) {
        if (!is_wanted(planned.recipients)) continue;
        auto& copy = copies_.emplace_back(planned);
        if (const auto staged = stage_copy(*store_, copy, alone); !staged)
            fail(planned.recipients, deferred(reply_to_store_error(staged.error()), staged.error().what));
    }
}

// A detail is a folder if that folder exists. Where it does not, the copy is the INBOX copy of the same mailbox.
void Transaction::settle_folders(const MailStore& store) {
    for (auto& copy : plan_.copies) {
        if (copy.place.folder.empty()) continue;
        const auto mailbox = store.find_mailbox(copy.place.mailbox);
        if (mailbox && *mailbox) {
            const auto folder = store.find_folder(**mailbox, copy.place.folder);
            if (!folder) fail(copy.recipients, deferred(reply_to_store_error(folder.error()), folder.error().what));
            if (!folder || *folder) continue;
        }
        copy.place.folder.clear();
        const auto same = std::find_if(plan_.copies.begin(), plan_.copies.end(), [&](const PlannedCopy& other) {
            return &other != &copy && other.place.folder.empty() &&
                   other.place.mailbox.key() == copy.place.mailbox.key();
        });
        if (same == plan_.copies.end()) continue;
        same->recipients.insert(same->recipients.end(), copy.recipients.begin(), copy.recipients.end());
        copy.recipients.clear();
    }
    std::erase_if(plan_.copies, [](const PlannedCopy& copy) { return copy.recipients.empty(); });
}

Status Transaction::stage_copy(const MailStore& store, Copy& copy, bool alone) {
    const auto& place = copy.plan.place;
    copy.pass = services_.gate.enter(place.mailbox.key());
    if (!copy.pass) {
        fail(copy.plan.recipients, deferred({451, "4.3.0", "too many concurrent deliveries"}, "mailbox is stuck"));
        return {};
    }
    const bool links = !alone && shared_;
    const auto prefix = links ? std::string() : prefix_of(copy.plan, alone);
    const ByteCount size = links ? shared_->staged->size() : ByteCount{prefix.size() + content_.size()};
    if (place.quota.bytes > 0) {
        TRY_ASSIGN(const bool fitting, fits(store, copy, size));
        if (!fitting) {
            copy.is_full = true;
            for (const auto i : copy.plan.recipients)
                full_[i].push_back(place.mailbox);
            return {};
        }
    }
    if (links && place.folder.empty()) return {}; // opened when it is published
    TRY_ASSIGN(copy.place, store.open_mailbox(place.mailbox));
    if (!place.folder.empty()) {
        TRY_ASSIGN(auto folder, store.find_folder(*copy.place, place.folder));
        if (folder) copy.place = std::move(folder);
    }
    if (links) return {};
    TRY_ASSIGN(auto staged, StagedMessage::stage(store, std::move(*copy.place), prefix, content_, when_));
    copy.staged.emplace(std::move(staged));
    if (!alone) shared_ = &copy;
    return {};
}

Result<bool> Transaction::fits(const MailStore& store, Copy& copy, ByteCount size) {
    TRY_ASSIGN(auto mailbox, store.open_mailbox(copy.plan.place.mailbox));
    copy.account.emplace(store, std::move(mailbox), QuotaLimits{copy.plan.place.quota, 0});
    return copy.account->fits(size, when_);
}

// Copies that share one file say nothing of their recipients (delivery.md B33).
std::string Transaction::prefix_of(const PlannedCopy& copy, bool alone) const {
    Trace trace;
    trace.return_path = envelope_.sender;
    if (alone) {
        const auto& first = envelope_.recipients[copy.recipients.front()];
        trace.original_to = first.original.value_or(first.plan.recipient.text());
        trace.delivered_to = copy.place.mailbox;
    }
    if (!envelope_.protocol.empty()) trace.received = received();
    return compose_prefix(trace, header_);
}

ReceivedLine Transaction::received() const {
    ReceivedLine line{.client_name = envelope_.client_name,
                      .peer = envelope_.peer,
                      .host = settings_.hostname,
                      .protocol = envelope_.protocol,
                      .id = envelope_.id,
                      .recipient = {},
                      .when = when_};
    if (envelope_.recipients.size() == 1) line.recipient = envelope_.recipients.front().plan.recipient;
    return line;
}

// ---- forwards

void Transaction::hand_over() {
    for (const auto& injection : plan_.injections)
        submit(injection);
}

void Transaction::submit(const PlannedInjection& injection) {
    Dependents all;
    Submission submission{
        .sender = envelope_.sender, .targets = {}, .body_8bit = envelope_.body_8bit, .smtputf8 = envelope_.smtputf8};
    for (const auto& target : injection.targets) {
        if (!is_wanted(target.recipients)) continue;
        submission.targets.push_back(target.to);
        all.insert(all.end(), target.recipients.begin(), target.recipients.end());
    }
    if (submission.targets.empty()) return;
    const LmtpReply later{451, "4.3.0", "cannot forward now"};
    if (settings_.rewrite_senders) {
        if (!settings_.srs_keys) return fail(all, deferred(later, settings_.srs_keys.error().what));
        const auto today = std::chrono::floor<std::chrono::days>(when_).time_since_epoch().count();
        submission.sender = srs_rewrite(envelope_.sender, *settings_.srs_keys, today);
    }
    const auto head =
        compose_prefix({.return_path = {}, .original_to = {}, .delivered_to = injection.by, .received = received()},
                       header_) +
        without_return_path(header_);
    const auto refused = services_.mailer.submit(submission, {head, content_, header_.size()});
    if (!refused) return fail(all, deferred(later, refused.error().what));
    for (const auto& target : injection.targets) {
        const auto refusal =
            std::find_if(refused->begin(), refused->end(), [&](const Refusal& one) { return one.target == target.to; });
        for (const auto i : target.recipients) {
            if (refusal != refused->end())
                refusals_[i].push_back(*refusal);
            else if (!plan_.verdicts[i])
                served_[i].push_back({"forwarded", target.to.text()});
        }
    }
}

// ---- publishing

void Transaction::publish() {
    // The file that the others link to is named last: until then it can be linked to under one name.
    for (auto& copy : copies_) {
        if (&copy == shared_ || copy.is_full || !is_wanted(copy.plan.recipients)) continue;
        if (const auto done = publish_copy(*store_, copy); !done)
            fail(copy.plan.recipients, deferred(reply_to_store_error(done.error()), done.error().what));
    }
    if (shared_ && is_wanted(shared_->plan.recipients)) {
        if (const auto done = publish_copy(*store_, *shared_); !done)
            fail(shared_->plan.recipients, deferred(reply_to_store_error(done.error()), done.error().what));
    }
}

Status Transaction::publish_copy(const MailStore& store, Copy& copy) {
    const auto& place = copy.plan.place;
    if (copy.staged) {
        TRY(copy.staged->publish());
    } else if (copy.place) {
        TRY(shared_->staged->publish_also(store, std::move(*copy.place)));
    } else {
        TRY(shared_->staged->publish_also(store, place.mailbox));
    }
    const auto& file = copy.staged ? *copy.staged : *shared_->staged;
    if (copy.account) copy.account->charge(file.size());
    for (const auto i : copy.plan.recipients)
        if (!plan_.verdicts[i])
            served_[i].push_back(
                {"delivered", place.mailbox.text() + (place.folder.empty() ? "" : "/" + place.folder)});
    if (copy.staged && when_.time_since_epoch().count() % stale_check_odds == 0)
        remove_stale_files(copy.staged->place(), when_);
    return {};
}

// ---- answers

// Full mailboxes and targets that the next hop refused for good do not stop the others. Where nothing else was served
// the recipient gets their answer; where something was, the sender gets a notice.
void Transaction::settle_refusals() {
    for (std::size_t i = 0; i < served_.size(); ++i) {
        if (plan_.verdicts[i] || !served_[i].empty()) continue;
        if (!full_[i].empty()) {
            plan_.verdicts[i] = full_verdict(full_[i].front());
        } else {
            plan_.verdicts[i] = verdict_of(refusals_[i]);
        }
    }
    send_bounce();
}

Verdict Transaction::verdict_of(const std::vector<Refusal>& refusals) {
    if (refusals.empty()) return deferred({451, "4.3.0", "not delivered"}, "nothing was delivered"); // never 250
    const auto& first = refusals.front();
    const bool bad_address = std::all_of(refusals.begin(), refusals.end(),
                                         [](const Refusal& one) { return one.enhanced.starts_with("5.1."); });
    auto why = fmt::format("{} refused: {} {} {}", first.target.text(), first.code, first.enhanced, first.text);
    if (bad_address) return {{550, "5.1.1", "the address it is forwarded to is unknown"}, "rejected", std::move(why)};
    return deferred({451, "4.3.0", "the address it is forwarded to refuses it"}, std::move(why));
}

void Transaction::send_bounce() {
    if (!envelope_.sender) return;
    BounceNotice notice{.host = settings_.hostname,
                        .id = envelope_.id,
                        .to = *envelope_.sender,
                        .when = when_,
                        .failed = {},
                        .header = header_.text()};
    for (std::size_t i = 0; i < served_.size(); ++i) {
        if (plan_.verdicts[i]) continue;
        const auto& recipient = envelope_.recipients[i].plan.recipient;
        if (!full_[i].empty()) notice.failed.push_back({recipient, 552, "5.2.2"});
        for (const auto& refusal : refusals_[i])
            notice.failed.push_back({recipient, refusal.code, refusal.enhanced});
    }
    if (notice.failed.empty()) return;
    const auto text = compose_bounce(notice);
    const MessageContent nothing(settings_.mail_root);
    // The notice is a courtesy: failing to send it changes no answer, and the journal names the refusals anyway.
    (void)services_.mailer.submit({.sender = {}, .targets = {notice.to}}, {text, nothing, 0});
}

std::vector<LmtpReply> Transaction::finish() {
    std::vector<LmtpReply> replies;
    for (std::size_t i = 0; i < envelope_.recipients.size(); ++i) {
        if (plan_.verdicts[i]) {
            replies.push_back(plan_.verdicts[i]->reply);
            continue;
        }
        const bool forwarded = !served_[i].empty() && served_[i].front().result == "forwarded";
        replies.push_back({250, "2.0.0",
                           fmt::format("<{}> {} {}", envelope_.recipients[i].plan.recipient.text(), envelope_.id,
                                       forwarded ? "forwarded" : "saved")});
    }
    write_journal(replies);
    return replies;
}

JournalEntry Transaction::entry_of(std::size_t recipient, const LmtpReply& reply) const {
    const auto& asked = envelope_.recipients[recipient].plan;
    JournalEntry entry;
    entry.time = when_;
    entry.id = envelope_.id;
    entry.message_id = header_.find("Message-ID").value_or("");
    entry.sender = sender_text(envelope_.sender);
    entry.recipient = asked.recipient.text();
    entry.status = fmt::format("{} {}", reply.code, reply.enhanced);
    entry.size = ByteCount{content_.size()};
    return entry;
}

// One line per thing done, one per target that refused, and one per recipient for whom nothing was done.
void Transaction::write_journal(const std::vector<LmtpReply>& replies) {
    std::vector<JournalEntry> entries;
    for (std::size_t i = 0; i < replies.size(); ++i) {
        auto entry = entry_of(i, replies[i]);
        const auto add = [&](std::string result, std::string where, std::string why) {
            entry.result = std::move(result);
            entry.where = std::move(where);
            entry.why = std::move(why);
            entries.push_back(entry);
        };
        const auto rule = deciding_rule(envelope_.recipients[i].plan);
        for (const auto& done : served_[i])
            add(done.result, done.where, rule);
        for (const auto& full : full_[i])
            add("refused", full.text(), "over quota");
        for (const auto& refusal : refusals_[i])
            add("refused", refusal.target.text(),
                fmt::format("next hop: {} {} {}", refusal.code, refusal.enhanced, refusal.text));
        if (plan_.verdicts[i]) add(plan_.verdicts[i]->result, "", plan_.verdicts[i]->why);
    }
    services_.journal.write(entries);
}

} // namespace

Verdict deferred(LmtpReply reply, std::string why) { return {std::move(reply), "deferred", std::move(why)}; }

LmtpReply reply_to_store_error(const Error& error) {
    switch (error.os_error) {
    case ENOSPC:
        return {452, "4.3.0", "insufficient storage"};
    case EDQUOT:
    case EFBIG:
        return {452, "4.2.2", "mailbox full"};
    default:
        return {451, "4.2.0", "mailbox temporarily not available"};
    }
}

LmtpReply over_quota_reply(OverQuotaAnswer answer) {
    if (answer == OverQuotaAnswer::reject) return {552, "5.2.2", "mailbox full"};
    return {452, "4.2.2", "mailbox full"};
}

std::vector<LmtpReply> deliver(const Envelope& envelope, MessageContent& content, Instant when,
                               const DeliverySettings& settings, const DeliveryServices& services) {
    const LmtpReply later{451, "4.3.0", "internal error, try again later"};
    try {
        Transaction transaction(envelope, content, when, settings, services);
        try {
            if (const auto planned = transaction.plan(); planned) {
                transaction.stage();
                transaction.agree();
                transaction.hand_over();
                transaction.agree();
                transaction.publish();
                transaction.settle_refusals();
            } else {
                transaction.fail_all(reply_to_store_error(planned.error()), planned.error().what);
            }
        } catch (const std::exception& problem) { // std::bad_alloc: no recipient may stay without an answer
            transaction.fail_all(later, problem.what());
        }
        return transaction.finish();
    } catch (const std::exception&) {
        return std::vector<LmtpReply>(envelope.recipients.size(), later);
    }
}

} // namespace mailctl
