// SPDX-License-Identifier: Apache-2.0
// Macros of SPF (RFC 7208 7): "%{ir}.%{v}._spf.%{d2}".
#pragma once

#include <string>
#include <string_view>

namespace mailctl {

struct SpfMacroValues {
    std::string sender_domain; // of postmaster@, the sender
    std::string domain;        // whose record is walked
    std::string address;
};
// What is not a macro stays as it is.
[[nodiscard]] std::string expand_spf_macros(std::string_view text, const SpfMacroValues& values);

} // namespace mailctl
