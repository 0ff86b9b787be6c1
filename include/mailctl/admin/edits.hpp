// How the model's values are written into a domain file: what one would write by hand. Addresses of the file's own
// domain stand as local parts, sizes with their unit, actions and suspensions as inline tables.
#pragma once

#include "mailctl/admin/assignment.hpp"
#include "mailctl/config/edit.hpp"
#include "mailctl/model/domain.hpp"

#include <span>

namespace mailctl {

[[nodiscard]] KeyPath mailbox_key(const std::string& local, std::string key);
[[nodiscard]] std::string target_text(const Address& target, const DomainName& own);
[[nodiscard]] std::vector<std::string> target_texts(std::span<const Address> targets, const DomainName& own);
// The tables of a new mailbox: its own, and its autoreply's if it has one.
[[nodiscard]] std::vector<Edit> mailbox_tables(const Address& address, const Mailbox& mailbox);
[[nodiscard]] InlineTable unknown_value(const UnknownAction& action, const DomainName& own);
[[nodiscard]] InlineTable suspension_value(const Suspension& suspension);

// Edits that take a target out of an array, however it is spelled there.
[[nodiscard]] std::vector<Edit> remove_target(const KeyPath& path, const Address& target, const DomainName& own);
// An assignment to an array of targets whose value is `now`; no edits if it changes nothing.
[[nodiscard]] Result<std::vector<Edit>> assign_targets(const KeyPath& path, const Assignment& assignment,
                                                       std::span<const Address> now, const DomainName& own);
// To a text. An empty value removes the key. usage: += or -=.
[[nodiscard]] Result<std::vector<Edit>> assign_text(const KeyPath& path, const Assignment& assignment,
                                                    std::string_view now);
[[nodiscard]] Result<std::vector<Edit>> assign_size(const KeyPath& path, const Assignment& assignment, ByteCount now);
[[nodiscard]] Status only_set(const Assignment& assignment);
// usage: the key is none of `keys`; the hint names the nearest or lists them.
[[nodiscard]] Error unknown_key(const std::string& key, std::span<const std::string> keys);

} // namespace mailctl
