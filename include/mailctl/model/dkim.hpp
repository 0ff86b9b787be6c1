// SPDX-License-Identifier: Apache-2.0
// DKIM keys of a domain (RFC 6376): which selectors there are, what each is good for now, and the public half of its
// key. A selector goes new -> active -> retiring -> revoked -> gone and never back; its name is never used again.
#pragma once

#include "mailctl/base/units.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

enum class DkimAlgorithm { rsa, ed25519 };
enum class SelectorState {
    fresh,    // "new": published, nothing is signed with it yet
    active,   // mail is signed with it
    retiring, // no longer, but signed mail is on its way still: the record stays
    revoked,  // the record says that the key is void (an empty p=)
    gone      // no record and no key; the name stays taken
};
enum class DkimSigner { none, opendkim, rspamd };

struct DkimSelector {
    std::string name;
    DkimAlgorithm algorithm = DkimAlgorithm::rsa;
    SelectorState state = SelectorState::fresh;
    Instant since;          // when it came to this state
    std::string public_key; // base64, as in p=
    bool operator==(const DkimSelector&) const = default;
};

[[nodiscard]] std::string_view algorithm_name(DkimAlgorithm algorithm); // "rsa", "ed25519": k= of the record
[[nodiscard]] std::optional<DkimAlgorithm> find_algorithm(std::string_view name);
[[nodiscard]] std::string_view state_name(SelectorState state); // "new", "active", ...
[[nodiscard]] std::optional<SelectorState> find_selector_state(std::string_view name);
[[nodiscard]] std::string_view signer_name(DkimSigner signer);
// Labels of letters, digits, '-' and '_' with dots between them (RFC 6376 3.1), at most 63 characters in lower case: it
// is a file's name too.
[[nodiscard]] bool is_selector_name(std::string_view name);
[[nodiscard]] const DkimSelector* find_selector(std::span<const DkimSelector> selectors, std::string_view name);

} // namespace mailctl
