// SPDX-License-Identifier: Apache-2.0
// Puts together what other products keep apart: who has a mailbox, how much may be in it, and where mail for an address
// goes. An address with a mailbox and targets is a mailbox that forwards; with one mailbox of its domain as target it
// is an alias of it; with any other targets a forward; "@domain" is what no other name claims. What is wrong with one
// line about an address fails the address: half of what is said about it would be another account.
#pragma once

#include "foreign_targets.hpp"
#include "mailctl/exchange/transfer/foreign_files.hpp"

#include <map>

namespace mailctl {

class AccountMerger {
  public:
    using Cells = std::vector<std::pair<std::string, std::string>>; // native column and value

    // A second mailbox of the address is refused: the products themselves read the first.
    void add_mailbox(const std::string& address, const TextPlace& place, Cells cells);
    // Only for an address that has a mailbox in the end; otherwise a note.
    void add_quota(const std::string& address, const TextPlace& place, const std::string& size);
    void add_targets(const std::string& address, const TextPlace& place, std::span<const std::string_view> targets,
                     BareNames bare);
    // What is wrong with a line about the address, or with one of which not even that is known.
    void refuse(const std::string& address, const TextPlace& place, const Objection& objection);
    void refuse_line(std::string_view line, const TextPlace& place, const Objection& objection);
    void note(const TextPlace& place, std::string_view what);
    [[nodiscard]] ForeignAccounts finish(std::string name);

  private:
    struct Problem {
        TextPlace place;
        Objection objection;
    };
    struct Entry {
        std::string address;
        std::vector<TextPlace> places = {};
        bool has_mailbox = false, has_targets = false, stays = false;
        Cells cells = {};
        std::vector<std::string> targets = {};
        std::vector<Problem> problems = {};
    };
    Entry& entry(const std::string& address, const TextPlace& place);
    Entry& further_entry(const std::string& address, const TextPlace& place); // one more, apart from what is known
    void settle_quotas();
    [[nodiscard]] bool is_alias(const Entry& entry) const;
    [[nodiscard]] Cells cells_of(const Entry& entry) const;
    [[nodiscard]] static RowOrigin origin_of(const Entry& entry);

    std::map<std::string, Entry> entries_; // by folded address; what cannot be used, by a number
    std::vector<std::string> order_;
    struct Quota {
        std::string address, size;
        TextPlace place;
    };
    std::vector<Quota> quotas_;
    std::vector<LeftOut> notes_;
};

// Lines of a file with their numbers; blank ones and those that begin with '#' are left out.
[[nodiscard]] std::vector<std::pair<std::size_t, std::string_view>> content_lines(std::string_view text);
// What a foreign file says of a password, as native cells; absent: it is neither a hash nor a password.
[[nodiscard]] std::optional<AccountMerger::Cells> password_cells(std::string_view text);
[[nodiscard]] Objection doubtful_password();

} // namespace mailctl
