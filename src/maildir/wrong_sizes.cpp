// SPDX-License-Identifier: Apache-2.0
// Two readings, so that a delivery under way is not taken for a fault.
#include "mailctl/maildir/wrong_sizes.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/mailbox_quota.hpp"
#include "mailctl/os/cores.hpp"

#include <chrono>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace mailctl {
namespace {

std::optional<Maildir> open_to_measure(int root, const std::string& place) {
    auto directory = open_beneath(root, place, O_PATH | O_DIRECTORY);
    if (!directory) return std::nullopt;
    return Maildir(std::move(*directory), place);
}

bool has_wrong_size(const Maildir& mailbox) {
    const auto file = read_maildirsize(mailbox);
    const auto usage = file ? measure_mailbox(mailbox) : Result<QuotaUsage>(QuotaUsage{});
    return file && usage && file->usage != *usage;
}

std::vector<std::string> those_wrong_now(int root, const std::vector<std::string>& mailboxes) {
    std::vector<char> is_wrong(mailboxes.size(), 0); // a byte of its own each: several threads write
    on_every_core("measuring mailboxes", mailboxes.size(), [&](std::size_t i) {
        const auto mailbox = open_to_measure(root, mailboxes[i]);
        is_wrong[i] = mailbox && has_wrong_size(*mailbox) ? 1 : 0;
    });
    std::vector<std::string> wrong;
    for (std::size_t i = 0; i < mailboxes.size(); ++i)
        if (is_wrong[i] != 0) wrong.push_back(mailboxes[i]);
    return wrong;
}

// A delivery names its message first and counts it then.
constexpr std::chrono::milliseconds longer_than_a_delivery{500};

} // namespace

Result<std::vector<std::string>> find_wrong_sizes(const MailStore& store, const std::vector<std::string>& mailboxes) {
    TRY_ASSIGN(const auto root, store.open_root());
    const auto suspects = those_wrong_now(root.get(), mailboxes);
    if (suspects.empty()) return suspects;
    std::this_thread::sleep_for(longer_than_a_delivery);
    return those_wrong_now(root.get(), suspects);
}

Result<std::size_t> drop_sizes(const MailStore& store, const std::vector<std::string>& mailboxes) {
    TRY_ASSIGN(const auto root, store.open_root());
    std::size_t dropped = 0;
    for (const auto& place : mailboxes) {
        const auto mailbox = open_to_measure(root.get(), place);
        if (mailbox && ::unlinkat(mailbox->directory(), "maildirsize", 0) == 0) ++dropped;
    }
    return dropped;
}

} // namespace mailctl
