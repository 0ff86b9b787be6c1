// Puts together what other products keep apart: who has a mailbox, how much may be in it, and where mail for an address
// goes. An address with a mailbox and targets is a mailbox that forwards; with one mailbox of its domain as target it
// is an alias of it; with any other targets a forward; "@domain" is what no other name claims.
#pragma once

#include "mailctl/exchange/foreign_files.hpp"

#include <map>

namespace mailctl {

class AccountMerger {
  public:
    using Cells = std::vector<std::pair<std::string, std::string>>; // native column and value

    // `cells` of an address that was given before are added to it.
    void add_mailbox(const std::string& address, TextPlace place, Cells cells);
    // Only for an address that has a mailbox in the end; otherwise a note.
    void add_quota(const std::string& address, const TextPlace& place, const std::string& size);
    void add_targets(const std::string& address, TextPlace place, const std::vector<std::string>& targets);
    void note(const TextPlace& place, std::string_view what);
    [[nodiscard]] ForeignAccounts finish(std::string name);

  private:
    struct Entry {
        TextPlace place;
        bool has_mailbox = false;
        Cells cells;
        std::vector<std::string> targets;
    };
    Entry& entry(const std::string& address, TextPlace place);
    [[nodiscard]] Cells cells_of(const std::string& address, const Entry& entry) const;

    std::map<std::string, Entry> entries_; // by folded address
    std::vector<std::string> order_;
    struct Quota {
        std::string address, size;
        TextPlace place;
    };
    std::vector<Quota> quotas_;
    std::vector<std::string> notes_;
};

// Lines of a file with their numbers; blank ones and those that begin with '#' are left out.
[[nodiscard]] std::vector<std::pair<std::size_t, std::string_view>> content_lines(std::string_view text);

} // namespace mailctl
