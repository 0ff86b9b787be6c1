// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/held_texts.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/mail_transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr std::size_t most_of_a_head = std::size_t{64} << 10;

Result<std::string> read_beginning(const FileDescriptor& file, const std::string& path) {
    std::string head(most_of_a_head, '\0');
    std::size_t filled = 0;
    while (filled < head.size()) {
        const auto got = ::read(file.get(), head.data() + filled, head.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(system_error(errno, "cannot read", path));
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    head.resize(filled);
    return head;
}

Status add_texts(const FileDescriptor& directory, const std::string& path, std::vector<HeldText>& texts) {
    TRY_ASSIGN(const auto names, entries_of(directory, path));
    for (const auto& name : names) {
        auto file = open_beneath(directory.get(), name, O_RDONLY);
        if (!file) continue; // no file, a link, or gone
        struct stat about {};
        if (::fstat(file->get(), &about) != 0) return fail(system_error(errno, "cannot examine", path + '/' + name));
        TRY_ASSIGN(auto head, read_beginning(*file, path + '/' + name));
        texts.push_back({message_id_of_file(name), Instant{std::chrono::seconds{about.st_mtim.tv_sec}},
                         ByteCount{static_cast<std::uint64_t>(about.st_size)}, std::move(head)});
    }
    return {};
}

} // namespace

Result<std::vector<HeldText>> held_texts(const MailStore& store, HeldFor why, const Address& name) {
    std::vector<HeldText> texts;
    TRY_ASSIGN(const auto held, find_held(store, why, name));
    if (!held) return texts;
    for (const char* part : {"new", "cur"}) {
        TRY_ASSIGN(const auto directory, find_directory_beneath(held->directory(), part));
        if (!directory) continue;
        TRY(add_texts(*directory, held->path() + '/' + part, texts));
    }
    std::ranges::sort(texts, {}, [](const HeldText& text) { return std::pair(text.arrived, text.id); });
    return texts;
}

Result<bool> release_one_held(const MailStore& store, HeldFor why, const Address& name, const std::string& id,
                              const Address& mailbox) {
    TRY_ASSIGN(const auto held, find_held(store, why, name));
    if (!held) return false;
    TRY_ASSIGN(const Maildir place, store.open_mailbox(mailbox));
    return move_one_message(store, *held, place, id);
}

} // namespace mailctl
