// SPDX-License-Identifier: Apache-2.0
// A part is an hour up to four days, a day beyond: a plot of a hundred bars can be read.
#include "mailctl/exchange/logs/mail_summary.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t most_parts = 400;

std::chrono::seconds part_of(Instant since, Instant until) {
    using std::chrono::hours;
    const auto whole = until - since;
    if (whole <= hours(3)) return std::chrono::minutes(5);
    if (whole <= hours(96)) return hours(1);
    return whole / hours(24) < static_cast<std::int64_t>(most_parts) ? hours(24) : hours(24 * 30);
}

std::string domain_part(std::string_view address) {
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? std::string() : fold(address.substr(at + 1));
}

bool was_refused(MailStatus status) {
    return status == MailStatus::bounced || status == MailStatus::rejected || status == MailStatus::deferred ||
           status == MailStatus::expired;
}

} // namespace

MailSummary::MailSummary(Instant since, Instant until) : part_(part_of(since, until)) {
    const auto begin = std::chrono::floor<std::chrono::seconds>(since).time_since_epoch() / part_ * part_;
    since_ = Instant(begin);
    until_ = std::max(until, since_ + part_);
    const auto parts = static_cast<std::size_t>((until_ - since_ + part_ - std::chrono::microseconds(1)) / part_);
    volume_.resize(parts);
    slowness_.resize(parts);
}

void MailSummary::add(const MailRow& row, std::string_view sender, std::uint64_t size, std::string_view relay,
                      std::string_view answer, std::optional<double> delay) {
    if (row.status == MailStatus::passed_on || row.time < since_ || row.time >= until_) return;
    const auto status = static_cast<std::size_t>(row.status);
    const auto part = static_cast<std::size_t>((row.time - since_) / part_);
    ++total_;
    bytes_ += size;
    ++statuses_[status];
    ++volume_[part][status];
    const auto count = [&](List list, std::string name) {
        if (!name.empty()) ++counts_[static_cast<std::size_t>(list)][std::move(name)];
    };
    count(List::senders, sender.empty() ? "<>" : fold(sender));
    count(List::recipients, fold(row.recipient));
    if (row.status == MailStatus::sent || was_refused(row.status))
        if (!relay.empty() && relay.find("[/") == std::string_view::npos)
            count(List::domains, domain_part(row.recipient));
    if (was_refused(row.status)) count(List::reasons, reason_of(answer));
    if (!delay || row.status == MailStatus::rejected) return;
    slowness_[part] = std::max(slowness_[part], *delay);
    const auto limit = std::ranges::lower_bound(delay_limits, *delay);
    ++delays_[static_cast<std::size_t>(limit - delay_limits.begin())];
}

std::vector<NamedCount> MailSummary::top(List list, std::size_t count) const {
    std::vector<NamedCount> all;
    for (const auto& [name, number] : counts_[static_cast<std::size_t>(list)])
        all.push_back({name, number});
    const auto larger = [](const NamedCount& a, const NamedCount& b) {
        return a.count != b.count ? a.count > b.count : a.name < b.name;
    };
    const auto shown = static_cast<std::ptrdiff_t>(std::min(count, all.size()));
    std::partial_sort(all.begin(), all.begin() + shown, all.end(), larger);
    all.resize(static_cast<std::size_t>(shown));
    return all;
}

std::string reason_of(std::string_view answer) {
    constexpr std::size_t longest = 160;
    std::string reason;
    std::size_t depth = 0; // in <...> or [...]
    for (const char c : answer) {
        if (c == '<' || c == '[') {
            if (depth++ == 0) reason += c == '<' ? "<...>" : "[...]";
        } else if ((c == '>' || c == ']') && depth > 0) {
            --depth;
        } else if (depth == 0) {
            reason += c;
        }
        if (reason.size() >= longest) return reason + "...";
    }
    return std::string(trim(reason));
}

} // namespace mailctl
