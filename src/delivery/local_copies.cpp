// SPDX-License-Identifier: Apache-2.0
// A copy that shares the file of another opens its directory only when it is published: staging a message for a
// thousand mailboxes writes one file.
#include "local_copies.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t named_at_once = 64; // each holds a descriptor until it is synced
constexpr auto stale_check_odds = 256;    // tmp/ is looked through at one delivery in so many

std::string group_of(const PlannedCopy& copy) { return copy.place.list ? copy.place.list->key() : std::string(); }

} // namespace

void LocalCopies::stage(std::vector<PlannedCopy> plan) {
    if (plan.empty()) return;
    auto& ledger = transaction_.ledger;
    const auto& settings = transaction_.settings;
    auto store = MailStore::open(settings.mail_root, settings.hostname.text(), settings.owner);
    if (!store) {
        for (const auto& copy : plan)
            ledger.settle(copy.recipients, deferred_by_store(store.error()));
        return;
    }
    store_ = std::move(*store);
    store_->confirm_new(transaction_.services.confirm_mailbox);
    settle_folders(plan);
    std::map<std::string, std::size_t> sizes;
    for (const auto& planned : plan)
        ++sizes[group_of(planned)];
    for (auto& planned : plan) {
        if (!is_wanted(planned)) continue;
        const bool alone = sizes[group_of(planned)] == 1 || !settings.single_instance;
        auto& copy = copies_.emplace_back(std::move(planned));
        if (const auto staged = stage_copy(copy, alone); !staged) {
            copy.given_up = true;
            fail_copy(copy.plan, deferred_by_store(staged.error()));
        }
    }
}

bool LocalCopies::is_wanted(const PlannedCopy& copy) const {
    return transaction_.ledger.is_open(copy.recipients) || transaction_.ledger.is_open(copy.content);
}

void LocalCopies::fail_copy(const PlannedCopy& copy, const Verdict& verdict) {
    const auto& mailbox = copy.place.mailbox;
    const auto& list = copy.place.list;
    if (!list) return transaction_.ledger.settle(copy.recipients, verdict);
    transaction_.ledger.note(copy.recipients, {"deferred", mailbox.text(), verdict.why});
    auto known = std::ranges::find_if(unplaced_, [&](const auto& one) { return one.list->key() == list->key(); });
    if (known == unplaced_.end()) known = unplaced_.insert(known, PlannedInjection{*list, list, {}});
    known->targets.push_back({mailbox, copy.recipients});
}

void LocalCopies::find_full(Copy& copy) {
    const auto& mailbox = copy.plan.place.mailbox;
    copy.given_up = true;
    if (copy.plan.place.list)
        fail_copy(copy.plan, deferred({452, "4.2.2", "mailbox full"}, "over quota"));
    else
        transaction_.ledger.find_full(copy.plan.recipients, mailbox);
}

// A detail is a folder if that folder exists.
void LocalCopies::settle_folders(std::vector<PlannedCopy>& plan) {
    for (auto& copy : plan) {
        if (copy.place.folder.empty()) continue;
        const auto mailbox = store_->find_mailbox(copy.place.mailbox);
        if (mailbox && *mailbox) {
            const auto folder = store_->find_folder(**mailbox, copy.place.folder);
            if (!folder) {
                fail_copy(copy, deferred_by_store(folder.error()));
                copy.recipients.clear();
            }
            if (!folder || *folder) continue;
        }
        become_inbox_copy(copy, plan);
    }
    std::erase_if(plan, [](const PlannedCopy& copy) { return copy.recipients.empty(); });
}

// Where the same mailbox gets one already, that one serves both.
void LocalCopies::become_inbox_copy(PlannedCopy& copy, std::vector<PlannedCopy>& plan) {
    copy.place.folder.clear();
    const auto same = std::find_if(plan.begin(), plan.end(), [&](const PlannedCopy& other) {
        return &other != &copy && other.place.folder.empty() && other.place.mailbox.key() == copy.place.mailbox.key();
    });
    if (same == plan.end()) return;
    same->recipients.insert(same->recipients.end(), copy.recipients.begin(), copy.recipients.end());
    same->content.insert(same->content.end(), copy.content.begin(), copy.content.end());
    copy.recipients.clear();
}

Status LocalCopies::stage_copy(Copy& copy, bool alone) {
    const auto& place = copy.plan.place;
    copy.pass = transaction_.services.gate.enter(place.mailbox.key());
    if (!copy.pass) {
        copy.given_up = true;
        fail_copy(copy.plan, deferred({451, "4.3.0", "too many concurrent deliveries"}, "mailbox is stuck"));
        return {};
    }
    const auto shared = shared_.find(group_of(copy.plan));
    const bool links = !alone && shared != shared_.end();
    if (links) copy.shared = shared->second;
    const auto prefix = links ? std::string() : prefix_of(copy.plan, alone);
    const auto size = links ? copy.shared->staged->size() : ByteCount{prefix.size() + transaction_.content.size()};
    TRY_ASSIGN(const bool fitting, fits(copy, size));
    if (!fitting) {
        find_full(copy);
        return {};
    }
    if (links && place.folder.empty()) return {};
    TRY(open_place(copy));
    if (links) return {};
    TRY_ASSIGN(auto staged,
               StagedMessage::stage(*store_, std::move(*copy.place), prefix, transaction_.content, transaction_.when));
    copy.staged.emplace(std::move(staged));
    if (!alone) shared_.emplace(group_of(copy.plan), &copy);
    return {};
}

Status LocalCopies::open_place(Copy& copy) {
    const auto& place = copy.plan.place;
    TRY_ASSIGN(copy.place, store_->open_mailbox(place.mailbox));
    if (place.folder.empty()) return {};
    TRY_ASSIGN(auto folder, store_->find_folder(*copy.place, place.folder));
    if (folder) copy.place = std::move(folder);
    return {};
}

Result<bool> LocalCopies::fits(Copy& copy, ByteCount size) {
    const auto& place = copy.plan.place;
    if (place.quota.bytes == 0) return true;
    TRY_ASSIGN(auto mailbox, store_->open_mailbox(place.mailbox));
    copy.account.emplace(*store_, std::move(mailbox), QuotaLimits{place.quota, 0});
    return copy.account->fits(size, transaction_.when);
}

// Copies that share one file say nothing of their recipients (delivery B33).
std::string LocalCopies::prefix_of(const PlannedCopy& copy, bool alone) const {
    const auto& envelope = transaction_.envelope;
    Trace trace;
    trace.return_path = copy.place.list ? Sender(owner_of(*copy.place.list)) : envelope.sender;
    if (alone) {
        const auto& first = envelope.recipients[copy.recipients.front()];
        trace.original_to = first.original.value_or(first.plan.recipient.text());
        trace.delivered_to = copy.place.mailbox;
    }
    if (!envelope.protocol.empty()) trace.received = received_line(transaction_);
    return compose_head(trace, copy.place.list, transaction_.header);
}

void LocalCopies::publish() {
    std::vector<Copy*> wanted;
    for (auto& copy : copies_)
        if (!copy.given_up && is_wanted(copy.plan)) wanted.push_back(&copy);
    // A file that others link to is named last: until then it can be linked to under one name.
    std::stable_partition(wanted.begin(), wanted.end(), [&](const Copy* copy) {
        const auto shared = shared_.find(group_of(copy->plan));
        return shared == shared_.end() || shared->second != copy;
    });
    for (std::size_t at = 0; at < wanted.size(); at += named_at_once)
        publish_together(std::span(wanted).subspan(at, std::min(named_at_once, wanted.size() - at)));
}

// All named, then all synced: after the first sync the file system has little left to do for the others.
void LocalCopies::publish_together(std::span<Copy* const> copies) {
    std::vector<Result<NamedMessage>> named;
    for (Copy* copy : copies)
        named.push_back(name_copy(*copy));
    for (std::size_t i = 0; i < copies.size(); ++i) {
        const auto synced = named[i] ? named[i]->sync() : Status(fail(named[i].error()));
        if (synced)
            finish_copy(*copies[i]);
        else
            fail_copy(copies[i]->plan, deferred_by_store(synced.error()));
    }
}

Result<NamedMessage> LocalCopies::name_copy(Copy& copy) {
    if (copy.staged) return copy.staged->name();
    if (copy.place) return copy.shared->staged->name_also(*store_, std::move(*copy.place));
    return copy.shared->staged->name_also(*store_, copy.plan.place.mailbox);
}

void LocalCopies::finish_copy(Copy& copy) {
    const auto& [place, recipients, content] = copy.plan;
    if (copy.account) {
        const auto size = (copy.staged ? copy.staged : copy.shared->staged)->size();
        const auto before = copy.account->used();
        copy.account->charge(size);
        transaction_.services.note_growth({place.mailbox, before, ByteCount{before.bytes + size.bytes}, place.quota});
    }
    const Service done{"delivered", place.mailbox.text() + (place.folder.empty() ? "" : "/" + place.folder)};
    transaction_.ledger.serve(recipients, done);
    transaction_.ledger.serve(content, done);
    if (copy.staged && transaction_.when.time_since_epoch().count() % stale_check_odds == 0)
        remove_stale_files(copy.staged->place(), transaction_.when);
}

} // namespace mailctl
