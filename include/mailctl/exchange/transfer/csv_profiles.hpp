// SPDX-License-Identifier: Apache-2.0
// Profiles: what the CSV files of other products have under which heading (`import --profile`). A profile is a table;
// what the headings mean together (first and last name, local part and domain, a hash and its function) is put into
// native cells by row_mapping.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

enum class Use {
    ignored,
    column,        // a native column, by its name
    address,       // a full address, or a local part
    domain,        // of a local part
    type,          // of the account
    first_name,    // together with last_name
    last_name,     // the same
    password,      // plain
    any_password,  // plain, or a hash; in the product's own table a hash
    hash_function, // of what stands under `password`; nothing there: it is plain
    quota_bytes,   // a number; 0 = no limit
    quota_mib,     // a number of MiB, or with a unit
    active,        // no, false, 0, suspended: the account neither takes mail nor logs in
    blocked,       // yes, true, 1: nobody logs in, mail still comes
    login,         // what a person logs in with: the address, where there is no other and the role is a user's
    role,          // of that login; who is no user may have no mailbox
    proxies,       // Microsoft's addresses: "SMTP:" the first one, "smtp:" the others
    targets,       // where an alias of that product leads; with itself among them it is a mailbox that forwards
    renaming,      // refused where it is filled
};

struct ProfileField {
    std::string_view heading; // folded, words separated by one blank, without "[Required]"
    Use use = Use::ignored;
    std::string_view column = {}; // of Use::column
};
// Rows without a header line: the first cell says which of these a row is.
struct ProfileRecord {
    std::string_view word;                 // "" = every row
    std::vector<ProfileField> fields = {}; // by position; the last one takes all further cells; none: no account
    std::size_t least_cells = 0;           // a shorter row was cut off
    std::string_view remedy = {};          // of a row about no account: the command that does the same
};
// Of an address that stands in several rows. Two accounts are one too many in any case.
enum class Joining { none, with_account, all }; // no rows; those with targets to that of the account; all with targets
// What a forward is whose name has a mailbox on the site.
enum class OnMailbox {
    refused,
    forwards, // the mailbox passes mail on and keeps it
    replaced  // the targets get its mail, and nothing is kept
};
struct Profile {
    std::string_view name;
    std::string_view says;                   // whose files, for the manual
    std::vector<ProfileField> fields = {};   // of a file with a header line
    std::vector<ProfileRecord> records = {}; // of one without
    std::string_view table_heading = {};     // of the product's own table, which has hashes for passwords
    Joining joining = Joining::none;
    OnMailbox on_mailbox = OnMailbox::refused;
};

[[nodiscard]] std::span<const Profile> csv_profiles();
[[nodiscard]] const Profile* find_profile(std::string_view name); // nullptr = none
// "Email Address [Required]" and "email_address" become "email address".
[[nodiscard]] std::string plain_heading(std::string_view heading);
// The profile whose headings these are, for a hint; nullptr = none for sure.
[[nodiscard]] const Profile* guess_profile(std::span<const std::string> headings);

} // namespace mailctl
