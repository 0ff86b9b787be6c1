// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dkim_record.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/tags.hpp"

#include <fmt/format.h>

#include <set>

namespace mailctl {
namespace {

// A tag that stands twice, has no '=' or no name makes the whole list mean nothing; v= has to come first.
bool is_dkim_record(const TagList& list) {
    std::set<std::string_view> names;
    for (const auto& [name, value] : list.tags)
        if ((name == "v" && !names.empty()) || !names.insert(name).second) return false;
    return list.well_formed && names.contains("p") && list.value("v", "DKIM1") == "DKIM1";
}

} // namespace

std::string dkim_label(std::string_view selector) { return fmt::format("{}._domainkey", selector); }

std::string dkim_record_text(const DkimSelector& selector) {
    if (selector.state == SelectorState::gone) return {};
    return fmt::format("v=DKIM1; k={}; p={}", algorithm_name(selector.algorithm),
                       selector.state == SelectorState::revoked ? "" : selector.public_key);
}

std::optional<DkimRecord> parse_dkim_record(std::string_view text) {
    const auto tags = parse_tags(text);
    if (!is_dkim_record(tags)) return std::nullopt;
    DkimRecord record;
    record.public_key = without_blanks(tags.value("p"));
    record.algorithm = fold(tags.value("k", "rsa"));
    record.is_test = has_word(tags.value("t"), "y");
    if (const auto* services = tags.find("s"))
        record.signs_mail = has_word(*services, "email") || has_word(*services, "*");
    if (const auto* hashes = tags.find("h")) record.takes_sha256 = has_word(*hashes, "sha256");
    return record;
}

bool is_same_key(const DkimRecord& found, const DkimRecord& wanted) {
    return found.public_key == wanted.public_key && (found.public_key.empty() || found.algorithm == wanted.algorithm);
}

} // namespace mailctl
