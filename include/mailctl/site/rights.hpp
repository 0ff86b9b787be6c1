// SPDX-License-Identifier: Apache-2.0
// Who may do what (specification 5, "Roles"). `--as` drops from the site's administrator to an account, and every
// command is asked about here, by the right its row of the command table states, before it runs. Pure: the facts come
// as values. What is not allowed is an Error of kind denied that says what, and names nothing the role may not see.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/domain.hpp"

#include <string>
#include <variant>
#include <vector>

namespace mailctl {

struct Role {
    enum class Kind { site, owner, postmaster, user };
    Kind kind = Kind::site;
    std::string owner = {};                // of Kind::owner: as `owner` in the domain files names him
    std::optional<DomainName> domain = {}; // of Kind::postmaster and Kind::user
    std::string local = {};                // of Kind::user: his mailbox

    [[nodiscard]] std::string text() const; // "owner:alice", "paul@example.com"; "" for the site's administrator
    [[nodiscard]] bool administers(const Domain& which) const;
    [[nodiscard]] bool may_see(const Domain& which) const; // in a listing, with what is his
};

// What `--as` may say: "owner:NAME", or an address. usage: neither. Whether there is such an account is not asked yet.
[[nodiscard]] Result<std::variant<std::string, Address>> parse_role(std::string_view text); // the string: the owner

// What a command needs. The first is what a row that states nothing has; a test refuses such a table.
enum class Right {
    unstated,  // as site
    everybody, // touches no site
    site,      // the site's administrator alone
    domain,    // and owner or postmaster of every domain that is named
    mailbox,   // and the user of the mailbox, if nothing but his own is named
    listing,   // and a user, who sees what is his in it
};

struct RightTarget {
    std::string named;                // as the command line has it
    std::optional<DomainName> domain; // real name; absent: none of ours
    std::string owner;                // of that domain
    std::optional<std::string> local; // folded; absent: the domain itself is named
};

struct RightRequest {
    std::string command; // "mailbox set"
    Right right = Right::unstated;
    std::vector<RightTarget> targets;
    std::vector<std::string> keys;                  // of its assignments
    std::vector<std::string> owner_keys, user_keys; // those that such a role may assign
    std::vector<std::string> file_options;          // options given that name a file or directory
};

// denied: the role may not.
[[nodiscard]] Status check_right(const Role& role, const RightRequest& request);
// Before any target is known: commands that no target would make permissible.
[[nodiscard]] Status check_command(const Role& role, const std::string& command, Right right);
// What the role sees of a domain that it may see: for a user nothing but his mailbox, without what is the
// administrator's.
[[nodiscard]] Domain seen_by(const Role& role, const Domain& domain);

} // namespace mailctl
