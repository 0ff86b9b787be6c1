// SPDX-License-Identifier: Apache-2.0
// Forms are peeled off one by one, because they nest: a tagged sender that was forwarded twice.
#include "mailctl/model/real_sender.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"

#include <algorithm>
#include <optional>

namespace mailctl {
namespace {

bool begins_folded(std::string_view text, std::string_view beginning) {
    return equal_folded(text.substr(0, beginning.size()), beginning);
}

// What follows the next '='.
std::optional<std::string_view> behind_field(std::string_view text) {
    const auto end = text.find('=');
    if (end == text.npos) return std::nullopt;
    return text.substr(end + 1);
}

bool is_srs(std::string_view local) {
    return local.size() > 5 && (begins_folded(local, "srs0") || begins_folded(local, "srs1")) &&
           std::string_view("=+-").contains(local[4]);
}

// "HASH=TT=domain=local" behind the tag of SRS0; of SRS1 behind "HASH=first.forwarder=" and the separator of its SRS0.
std::optional<Address> without_srs(std::string_view local) {
    if (!is_srs(local)) return std::nullopt;
    auto rest = std::optional(local.substr(5));
    if (local[3] == '1') {
        for (int field = 0; field < 2 && rest; ++field)
            rest = behind_field(*rest);
        if (!rest || rest->empty()) return std::nullopt;
        rest->remove_prefix(1);
    }
    for (int field = 0; field < 2 && rest; ++field)
        rest = behind_field(*rest);
    const auto name = rest ? behind_field(*rest) : std::nullopt;
    if (!name) return std::nullopt;
    auto domain = parse_others_domain(rest->substr(0, rest->size() - name->size() - 1));
    if (!domain) return std::nullopt;
    return Address{LocalPart::from_trusted(std::string(*name)), std::move(*domain)};
}

bool is_key(std::string_view text) {
    constexpr std::size_t length = 10;
    return text.size() == length && text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

// BATV: "prvs=TAG=local", as some sign it "prvs=local/TAG", "msprvs1=TAG=local" and "btv1==TAG==local".
std::optional<std::string_view> without_tag(std::string_view local) {
    if (matches_glob("prvs=*=?*", local)) return local.substr(local.find('=', 5) + 1);
    if (matches_glob("prvs=?*/*", local) && is_key(local.substr(local.rfind('/') + 1)))
        return local.substr(5, local.rfind('/') - 5);
    if (matches_glob("msprvs1=*=?*", local)) return local.substr(local.find('=', 8) + 1);
    if (matches_glob("btv1==*==?*", local)) return local.substr(local.find("==", 6) + 2);
    return std::nullopt;
}

std::optional<Address> one_form_less(const Address& sender) {
    if (auto before = without_srs(sender.local.text())) return before;
    const auto local = without_tag(sender.local.text());
    if (!local) return std::nullopt;
    return Address{LocalPart::from_trusted(std::string(*local)), sender.domain};
}

} // namespace

Address real_sender(const Address& sender) {
    constexpr int most_forms = 5;
    Address real = sender;
    for (int i = 0; i < most_forms; ++i) {
        auto before = one_form_less(real);
        if (!before) break;
        real = std::move(*before);
    }
    return real;
}

std::string sender_key(const Address& sender) {
    const Address real = real_sender(sender);
    const auto& local = real.local.text();
    const auto detail = is_srs(local) ? local.npos : local.find('+', 1);
    if (detail == local.npos) return real.key();
    return Address{LocalPart::from_trusted(local.substr(0, detail)), real.domain}.key();
}

} // namespace mailctl
