// SPDX-License-Identifier: Apache-2.0
// How the values of [dns] in mailctl.toml are read and written. Each reader leaves the value as it is and reports what
// it found when the text is wrong.
#pragma once

#include "fields.hpp"
#include "mailctl/model/site.hpp"

namespace mailctl {

inline constexpr std::chrono::seconds longest_ttl{0x7fffffff};       // RFC 2181 8
inline constexpr std::chrono::seconds longest_policy{31'557'600};    // RFC 8461 3.2
inline constexpr std::chrono::seconds longest_rotation{315'576'000}; // ten years

void read_mx(Fields& fields, std::string_view key, Site& site); // "10 mx1.example.net"
[[nodiscard]] std::vector<std::string> mx_texts(const Site& site);
void read_ip_addresses(Fields& fields, std::string_view key, std::vector<std::string>& out);
void read_domain_names(Fields& fields, std::string_view key, std::vector<DomainName>& out);
[[nodiscard]] std::vector<std::string> name_texts(const std::vector<DomainName>& names);
// "1h", or a number of seconds as in a zone.
void read_seconds(Fields& fields, std::string_view key, std::chrono::seconds& out, std::chrono::seconds most);
void read_report_uri(Fields& fields, std::string_view key, std::string& out);
void read_caa(Fields& fields, std::string_view key, Site& site);
void read_resolvers(Fields& fields, std::string_view key, std::vector<std::string>& out);
void read_mta_sts_mode(Fields& fields, std::string_view key, Site& site);

} // namespace mailctl
