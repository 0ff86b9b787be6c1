// SPDX-License-Identifier: Apache-2.0
#include "dovecot_fields.hpp"

#include "dovecot_quota.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::string_view rule_field = "userdb_quota_rule";

using Fields = std::vector<std::pair<std::string_view, std::string_view>>; // in their order, each once

// Of a field that stands there twice Dovecot keeps the last value.
Fields fields_of(std::string_view extra) {
    Fields fields;
    for (const auto words : split(extra, ' ')) {
        for (const auto word : split(words, '\t')) {
            const auto name = word.substr(0, word.find('='));
            if (trim(name).empty()) continue;
            const auto value = word.substr(std::min(name.size() + 1, word.size()));
            const auto known = std::ranges::find(fields, name, &Fields::value_type::first);
            if (known == fields.end())
                fields.emplace_back(name, value);
            else
                known->second = value;
        }
    }
    return fields;
}

// The rules that Dovecot reads: userdb_quota_rule, userdb_quota_rule2 and so on up to the first that is missing. They
// are taken out of the fields.
std::vector<std::string_view> take_rules(Fields& fields) {
    std::vector<std::string_view> rules;
    for (std::size_t number = 1;; ++number) {
        const auto name = std::string(rule_field) + (number == 1 ? "" : std::to_string(number));
        const auto found = std::ranges::find(fields, name, &Fields::value_type::first);
        if (found == fields.end()) return rules;
        rules.push_back(found->second);
        fields.erase(found);
    }
}

void take_storage_size(std::string_view value, DovecotFields& read) {
    if (equal_folded(value, "unlimited")) return read.cells.emplace_back("quota", "0"), void();
    if (auto size = dovecot_size(value, QuotaUnit::bytes))
        read.cells.emplace_back("quota", std::move(*size));
    else
        read.problem =
            Objection{fmt::format("'userdb_quota_storage_size={}' is not a size of Dovecot", printable(value)),
                      "write a size such as 2G"};
}

void take_field(std::string_view name, std::string_view value, DovecotFields& read) {
    if (name == "userdb_quota_storage_size") return take_storage_size(value, read);
    if (name == "nologin") { // whatever its value
        read.cells.emplace_back("suspend_login", "true");
        read.cells.emplace_back("suspend_receive", "accept");
        read.cells.emplace_back("suspend_reason", "no login");
    } else if (name.starts_with(rule_field)) {
        read.left_out.push_back(fmt::format(
            "the field '{}' is left out: Dovecot reads no rule behind a number that is missing", printable(name)));
    } else if (name.starts_with("quota_")) {
        read.left_out.push_back(
            fmt::format("the field '{}' is left out: without 'userdb_' Dovecot does not read it", printable(name)));
    } else {
        read.left_out.push_back(fmt::format("the field '{}' is left out", printable(name)));
    }
}

} // namespace

DovecotFields read_dovecot_fields(std::string_view extra) {
    DovecotFields read;
    auto fields = fields_of(extra);
    auto quota = read_quota_rules(take_rules(fields));
    read.left_out = std::move(quota.left_out);
    read.problem = std::move(quota.problem);
    if (!quota.size.empty()) read.cells.emplace_back("quota", std::move(quota.size));
    for (const auto& [name, value] : fields)
        take_field(name, value, read);
    return read;
}

} // namespace mailctl
