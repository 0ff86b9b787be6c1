// SPDX-License-Identifier: Apache-2.0
// Five words for each mailbox: used bytes, messages ("" where unknown), when mail came last, and what there is.
#include "mailctl/site/mailbox_use.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/last_delivery.hpp"
#include "mailctl/maildir/mailbox_quota.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/site/site_mail.hpp"

#include <charconv>

namespace mailctl {

namespace {

constexpr std::size_t words_of_one = 5;

std::optional<QuotaUsage> measure(const Maildir& maildir, const UseQuestion& question) {
    if (question.count == UseQuestion::Count::nothing) return std::nullopt;
    if (question.count == UseQuestion::Count::quick && question.quota.bytes != 0)
        if (const auto known = read_maildirsize(maildir)) return known->usage;
    const auto counted = measure_mailbox(maildir);
    return counted ? std::optional(*counted) : std::nullopt;
}

MailboxUse look(const MailStore& store, const UseQuestion& question) {
    MailboxUse use;
    const auto maildir = store.find_mailbox(question.mailbox);
    if (!maildir) return use;
    use.known = true;
    use.used = *maildir ? measure(**maildir, question) : QuotaUsage{}; // made with the first message
    if (*maildir && question.delivery) use.last_delivery = newest_message(**maildir);
    if (*maildir && !question.folder.empty()) {
        const auto folder = store.find_folder(**maildir, question.folder);
        use.has_folder = folder && folder->has_value();
    }
    return use;
}

void put(const MailboxUse& use, Words& words) {
    words.push_back(use.used ? std::to_string(use.used->bytes) : "");
    words.push_back(use.used ? std::to_string(use.used->messages) : "");
    words.push_back(use.last_delivery ? std::to_string(use.last_delivery->time_since_epoch().count()) : "");
    words.emplace_back(use.known ? "known" : "");
    words.emplace_back(use.has_folder ? "folder" : "");
}

std::optional<std::int64_t> number_from(const std::string& word) {
    std::int64_t number = 0;
    const auto [end, trouble] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (word.empty() || trouble != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return number;
}

MailboxUse take(const std::string* words) {
    MailboxUse use;
    const auto bytes = number_from(words[0]), messages = number_from(words[1]), last = number_from(words[2]);
    if (bytes && messages) use.used = QuotaUsage{*bytes, *messages};
    if (last) use.last_delivery = Instant(std::chrono::microseconds(*last));
    use.known = !words[3].empty();
    use.has_folder = !words[4].empty();
    return use;
}

} // namespace

std::vector<MailboxUse> look_into_mailboxes(const SiteView& view, const std::vector<UseQuestion>& questions,
                                            const std::string& progress_title) {
    std::vector<MailboxUse> answers(questions.size());
    if (questions.empty()) return answers;
    const auto words = work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        Progress progress(progress_title, questions.size());
        Words found;
        for (const auto& question : questions) {
            put(look(store, question), found);
            if (!progress_title.empty()) progress.step();
        }
        return found;
    });
    if (!words || words->size() != words_of_one * questions.size()) return answers;
    for (std::size_t i = 0; i < questions.size(); ++i)
        answers[i] = take(words->data() + i * words_of_one);
    return answers;
}

} // namespace mailctl
