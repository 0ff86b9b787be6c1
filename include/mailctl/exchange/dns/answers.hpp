// SPDX-License-Identifier: Apache-2.0
// What the DNS answered, as values: asked for by rules that are pure. A rule asks the book; what the book does not know
// yet it takes down as open, and the rule goes on as if nobody had answered. Whoever holds the book has the open
// questions answered, by the net or by a file, and lets the rules run again until none is open.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/base/units.hpp"

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct DnsQuestion {
    std::string name, type;  // lower case without the last dot; "MX"
    std::string server = {}; // "192.0.2.1:53": that one alone; "" = the resolver
    auto operator<=>(const DnsQuestion&) const = default;
};

struct DnsAnswer {
    std::string rcode;               // "NOERROR", "NXDOMAIN"; anything else, and "", is no answer
    bool secure = false;             // validated by DNSSEC
    bool bogus = false;              // it did not validate
    std::string trouble;             // for people: why there is no answer, or why it is bogus
    std::vector<std::string> values; // as DnsRecord has them, sorted
    unsigned ttl = 0;
    std::optional<Instant> signed_until; // when the first signature runs out

    [[nodiscard]] bool is_known() const { return !bogus && (rcode == "NOERROR" || rcode == "NXDOMAIN"); }
    [[nodiscard]] bool is_void() const { return is_known() && values.empty(); }
};

class DnsBook {
  public:
    // Valid until the next put().
    const DnsAnswer& ask(const DnsQuestion& question);
    const DnsAnswer& ask(std::string_view name, std::string_view type) {
        return ask(DnsQuestion{std::string(name), std::string(type)});
    }
    void put(const DnsQuestion& question, DnsAnswer answer);
    [[nodiscard]] bool has_open() const { return !open_.empty(); }
    [[nodiscard]] std::vector<DnsQuestion> take_open(); // each once
    [[nodiscard]] const std::map<DnsQuestion, DnsAnswer>& answers() const { return answers_; }

  private:
    std::map<DnsQuestion, DnsAnswer> answers_;
    std::set<DnsQuestion> open_, taken_;
};

using DnsAnswers = std::map<DnsQuestion, DnsAnswer>;

// A file of answers: {"NAME TYPE": {"rcode": "NOERROR", "secure": false, "answers": ["..."]}}; a third word of the key
// is the server that was asked. Values may have the last dot of names and quotes round strings, or not. Further keys:
// bogus, trouble, ttl. invalid: no JSON, a key of another form, a type we do not know.
[[nodiscard]] Result<DnsAnswers> parse_dns_answers(std::string_view text);
// One entry of such a file, as `"KEY": {...}` without a comma.
[[nodiscard]] std::string format_dns_answer(const DnsQuestion& question, const DnsAnswer& answer);

// A value in the form that records have here, from one as people and zones write it. "" where it is not of that type.
[[nodiscard]] std::string canonical_value(std::string_view type, std::string_view text);

} // namespace mailctl
