// SPDX-License-Identifier: Apache-2.0
// DANE for mail (RFC 7672): the keys of the host as TLSA records. Of these only "3 1 1" is written, the SHA-256 of the
// public key: it stays the same when a certificate is renewed for the same key.
#pragma once

#include "mailctl/exchange/dns/record.hpp"

#include <span>
#include <string>
#include <vector>

namespace mailctl {

struct HostKey {
    std::string digest; // 64 hex digits
    std::string file;   // for messages
};
struct HostKeys {
    std::vector<HostKey> in_use; // of the certificates that Postfix serves, each once
    std::vector<HostKey> next;   // that will be
};
// At the host's port 25.
[[nodiscard]] DnsRecord tlsa_record(std::string_view host, const HostKey& key);

// What is wrong with TLSA values that were found, each for a row of its own. Nothing where one of them is of another
// form than "3 1 1": what it fits is not known here.
struct DaneFinding {
    std::string aspect, hint;
    bool is_wrong = false; // else advice
    std::string expected;
};
[[nodiscard]] std::vector<DaneFinding> compare_tlsa(std::span<const std::string> found, const HostKeys& keys);

} // namespace mailctl
