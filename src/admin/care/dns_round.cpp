// SPDX-License-Identifier: Apache-2.0
// Items come and go; an answer for one that is over is dropped.
#include "dns_round.hpp"

namespace mailctl {
namespace {

constexpr std::size_t most_items = 64;

DnsAnswer late_answer() {
    DnsAnswer answer;
    answer.trouble = "the domain took too long";
    return answer;
}

} // namespace

Status DnsRound::run(const Next& next, const Done& done) {
    for (;;) {
        TRY(fill(next, done));
        if (items_.empty()) {
            if (exhausted_) return {};
            continue;
        }
        TRY(take_answers(done));
        TRY(end_late_items(done));
    }
}

Status DnsRound::fill(const Next& next, const Done& done) {
    while (!exhausted_ && items_.size() < most_items) {
        TRY_ASSIGN(auto task, next());
        if (!task) {
            exhausted_ = true;
            break;
        }
        const auto number = next_item_++;
        items_.emplace(number, Item{std::move(*task), {}, 0, std::chrono::steady_clock::now() + patience_});
        TRY(look(number, done));
    }
    return {};
}

// Lets the rules run; asks what they ask, or hands the rows on.
Status DnsRound::look(std::uint64_t number, const Done& done) {
    auto& item = items_.at(number);
    for (;;) {
        const auto rows = item.task.check(item.book);
        const auto questions = item.book.take_open();
        if (questions.empty()) {
            TRY(done(item.task, rows, item.book));
            items_.erase(number);
            return {};
        }
        if (std::chrono::steady_clock::now() < item.until) {
            ask_all(number, item, questions);
            return {};
        }
        for (const auto& question : questions)
            item.book.put(question, late_answer());
    }
}

void DnsRound::ask_all(std::uint64_t number, Item& item, const std::vector<DnsQuestion>& questions) {
    for (const auto& question : questions) {
        const auto ticket = next_ticket_++;
        tickets_.emplace(ticket, std::pair(number, question));
        ++item.open;
        source_.ask(ticket, question);
    }
}

Status DnsRound::take_answers(const Done& done) {
    for (auto& [ticket, answer] : source_.take()) {
        const auto asked = tickets_.extract(ticket);
        const auto& [number, question] = asked.mapped();
        const auto found = items_.find(number);
        if (found == items_.end()) continue;
        found->second.book.put(question, std::move(answer));
        if (--found->second.open > 0) continue;
        TRY(look(number, done));
    }
    return {};
}

Status DnsRound::end_late_items(const Done& done) {
    const auto now = std::chrono::steady_clock::now();
    std::vector<std::uint64_t> late;
    for (const auto& [number, item] : items_)
        if (item.until <= now) late.push_back(number);
    for (const auto number : late) {
        for (const auto& [unused, asked] : tickets_)
            if (asked.first == number && !items_.at(number).book.answers().contains(asked.second))
                items_.at(number).book.put(asked.second, late_answer());
        TRY(look(number, done));
    }
    return {};
}

} // namespace mailctl
