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
    any_password,  // plain, or a hash
    hash_function, // of what stands under `password`; nothing there: it is plain
    quota_bytes,   // a number; 0 = no limit
    quota_mib,     // a number of MiB, or with a unit
    active,        // no, false, 0, suspended: the account is suspended
    blocked,       // yes, true, 1: the account is suspended
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
    std::string_view type = {};            // of the account; "" = the row is about no account and is left out
    std::vector<ProfileField> fields = {}; // by position; the last one takes all further cells
};
struct Profile {
    std::string_view name;
    std::string_view says;                   // whose files, for the manual
    std::vector<ProfileField> fields = {};   // of a file with a header line
    std::vector<ProfileRecord> records = {}; // of one without
};

[[nodiscard]] std::span<const Profile> csv_profiles();
[[nodiscard]] const Profile* find_profile(std::string_view name); // nullptr = none
// "Email Address [Required]" and "email_address" become "email address".
[[nodiscard]] std::string plain_heading(std::string_view heading);
// The profile whose headings these are, for a hint; nullptr = none for sure.
[[nodiscard]] const Profile* guess_profile(std::span<const std::string> headings);

} // namespace mailctl
