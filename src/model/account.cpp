// SPDX-License-Identifier: Apache-2.0
// The words of the kinds, ours first, then those that other products have for them.
#include "mailctl/model/account.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

struct KindWord {
    std::string_view word;
    AccountKind kind;
};
constexpr std::array type_words{
    KindWord{"mailbox", AccountKind::mailbox},     KindWord{"alias", AccountKind::alias},
    KindWord{"forward", AccountKind::forward},     KindWord{"robot", AccountKind::robot},
    KindWord{"list", AccountKind::list},           KindWord{"banished", AccountKind::banished},
    KindWord{"elsewhere", AccountKind::elsewhere}, KindWord{"account", AccountKind::mailbox},
    KindWord{"user", AccountKind::mailbox},        KindWord{"forwarder", AccountKind::forward},
    KindWord{"redirect", AccountKind::forward},    KindWord{"responder", AccountKind::robot},
    KindWord{"autoresponder", AccountKind::robot}, KindWord{"group", AccountKind::list},
    KindWord{"blocked", AccountKind::banished},
};

} // namespace

std::string_view kind_name(AccountKind kind) { return type_words[static_cast<std::size_t>(kind)].word; }

std::optional<AccountKind> find_kind(std::string_view name) {
    const auto at =
        std::ranges::find_if(type_words, [&](const KindWord& each) { return equal_folded(each.word, name); });
    if (at == type_words.end() || at->kind == AccountKind::elsewhere) return std::nullopt;
    return at->kind;
}

Account empty_account(AccountKind kind) {
    switch (kind) {
    case AccountKind::mailbox:
        return Mailbox{};
    case AccountKind::alias:
        return AliasOf{};
    case AccountKind::forward:
        return Forward{};
    case AccountKind::robot:
        return Robot{};
    case AccountKind::list:
        return List{};
    case AccountKind::elsewhere:
        return Elsewhere{};
    case AccountKind::banished:
        break;
    }
    return Ban{};
}

} // namespace mailctl
