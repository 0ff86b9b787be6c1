// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/wrong_sizes.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/mailbox_quota.hpp"
#include "mailctl/os/cores.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace mailctl {
namespace {

std::optional<Maildir> open_to_measure(int root, const std::string& place) {
    auto directory = open_beneath(root, place, O_PATH | O_DIRECTORY);
    if (!directory) return std::nullopt;
    return Maildir(std::move(*directory), place);
}

// A delivery between the two readings changes both; so it is wrong only if it is so twice.
bool has_wrong_size(const Maildir& mailbox) {
    for (int round = 0; round < 2; ++round) {
        const auto file = read_maildirsize(mailbox);
        if (!file) return false;
        const auto usage = measure_mailbox(mailbox);
        if (!usage || file->usage == *usage) return false;
    }
    return true;
}

} // namespace

Result<std::vector<std::string>> find_wrong_sizes(const MailStore& store, const std::vector<std::string>& mailboxes) {
    TRY_ASSIGN(const auto root, store.open_root());
    std::vector<char> is_wrong(mailboxes.size(), 0); // of its own byte each: several threads write
    on_every_core("measuring mailboxes", mailboxes.size(), [&](std::size_t i) {
        const auto mailbox = open_to_measure(root.get(), mailboxes[i]);
        is_wrong[i] = mailbox && has_wrong_size(*mailbox) ? 1 : 0;
    });
    std::vector<std::string> wrong;
    for (std::size_t i = 0; i < mailboxes.size(); ++i)
        if (is_wrong[i] != 0) wrong.push_back(mailboxes[i]);
    return wrong;
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
