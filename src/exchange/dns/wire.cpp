// SPDX-License-Identifier: Apache-2.0
// A reader that never looks behind the end, and the form of each type.
#include "mailctl/exchange/dns/wire.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <vector>

namespace mailctl {
namespace {

struct TypeNumber {
    std::string_view type;
    std::uint16_t number;
};
constexpr std::array type_numbers{
    TypeNumber{"A", 1},     TypeNumber{"NS", 2},  TypeNumber{"CNAME", 5}, TypeNumber{"SOA", 6},
    TypeNumber{"PTR", 12},  TypeNumber{"MX", 15}, TypeNumber{"TXT", 16},  TypeNumber{"AAAA", 28},
    TypeNumber{"SRV", 33},  TypeNumber{"DS", 43}, TypeNumber{"TLSA", 52}, TypeNumber{"DNSKEY", 48},
    TypeNumber{"CAA", 257},
};
constexpr std::uint16_t rrsig_type = 46;
constexpr std::array<std::string_view, 6> rcode_words{"NOERROR",  "FORMERR", "SERVFAIL",
                                                      "NXDOMAIN", "NOTIMP",  "REFUSED"};

class WireReader {
  public:
    explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

    unsigned long number(std::size_t count) {
        unsigned long value = 0;
        for (const char c : take(count))
            value = (value << 8) | static_cast<unsigned char>(c);
        return value;
    }
    std::string_view take(std::size_t count) {
        if (bytes_.size() - at_ < count) good_ = false;
        if (!good_) return {};
        at_ += count;
        return bytes_.substr(at_ - count, count);
    }
    std::string_view rest() { return take(bytes_.size() - at_); }
    std::string counted() { return std::string(take(number(1))); }

    // An uncompressed name with its last dot. Bytes that no host name holds are written as \DDD.
    std::string name() {
        std::string text;
        for (std::size_t length = number(1); good_ && length > 0; length = number(1)) {
            if (length > 63) good_ = false;
            for (const char c : take(length))
                text += is_plain(c) ? std::string(1, c) : fmt::format("\\{:03}", static_cast<unsigned char>(c));
            text += '.';
        }
        return text.empty() ? "." : fold(text);
    }
    // A name in a message, which may point elsewhere: it is passed over only.
    void pass_name() {
        for (std::size_t length = number(1); good_ && length > 0; length = number(1)) {
            if (length >= 0xc0) {
                take(1);
                return;
            }
            take(length);
        }
    }
    [[nodiscard]] bool is_good() const { return good_; }
    [[nodiscard]] bool is_at_end() const { return at_ == bytes_.size(); }

  private:
    static bool is_plain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '*';
    }
    std::string_view bytes_;
    std::size_t at_ = 0;
    bool good_ = true;
};

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char c : bytes)
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::string address_of(std::string_view bytes, int family) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (bytes.size() != (family == AF_INET ? 4U : 16U)) return {};
    return ::inet_ntop(family, bytes.data(), text.data(), text.size()) ? text.data() : "";
}

std::string read_value(std::string_view type, WireReader& reader) {
    const auto number = [&](std::size_t count) { return std::to_string(reader.number(count)); };
    if (type == "A") return address_of(reader.rest(), AF_INET);
    if (type == "AAAA") return address_of(reader.rest(), AF_INET6);
    if (type == "MX") {
        const auto preference = number(2);
        return preference + ' ' + reader.name();
    }
    if (type == "TXT") {
        std::string text;
        while (reader.is_good() && !reader.is_at_end())
            text += reader.counted();
        return text;
    }
    if (type == "SRV") {
        const auto priority = number(2), weight = number(2), port = number(2);
        return fmt::format("{} {} {} {}", priority, weight, port, reader.name());
    }
    if (type == "CAA") {
        const auto flags = number(1);
        const auto tag = fold(reader.counted());
        return fmt::format("{} {} \"{}\"", flags, tag, reader.rest());
    }
    if (type == "TLSA" || type == "DS") {
        const bool is_ds = type == "DS";
        const auto first = number(is_ds ? 2 : 1), second = number(1), third = number(1);
        return fmt::format("{} {} {} {}", first, second, third, hexadecimal(reader.rest()));
    }
    if (type == "DNSKEY") {
        const auto flags = number(2), protocol = number(1), algorithm = number(1);
        return fmt::format("{} {} {} {}", flags, protocol, algorithm, hexadecimal(reader.rest()));
    }
    if (type == "SOA") {
        const auto primary = reader.name(), person = reader.name(), serial = number(4);
        const auto refresh = number(4), retry = number(4), expire = number(4), least = number(4);
        return fmt::format("{} {} {} {} {} {} {}", primary, person, serial, refresh, retry, expire, least);
    }
    return reader.name(); // NS, CNAME, PTR
}

} // namespace

std::optional<std::uint16_t> dns_type_number(std::string_view type) {
    const auto found = std::ranges::find(type_numbers, type, &TypeNumber::type);
    return found == type_numbers.end() ? std::nullopt : std::optional(found->number);
}

std::string dns_rcode_word(int rcode) {
    const auto index = static_cast<std::size_t>(rcode);
    return rcode >= 0 && index < rcode_words.size() ? std::string(rcode_words[index]) : fmt::format("RCODE{}", rcode);
}

std::string value_of_rdata(std::string_view type, std::string_view bytes) {
    WireReader reader(bytes);
    auto value = read_value(type, reader);
    if (!reader.is_good() || !reader.is_at_end()) return {};
    return value;
}

std::optional<Instant> first_signature_end(std::string_view message) {
    WireReader reader(message);
    reader.take(4);
    const auto questions = reader.number(2), answers = reader.number(2);
    reader.take(4);
    for (unsigned long i = 0; i < questions && reader.is_good(); ++i) {
        reader.pass_name();
        reader.take(4);
    }
    std::optional<Instant> first;
    for (unsigned long i = 0; i < answers && reader.is_good(); ++i) {
        reader.pass_name();
        const auto type = reader.number(2);
        reader.take(6);
        WireReader data(reader.take(reader.number(2)));
        if (type != rrsig_type) continue;
        data.take(8); // type covered, algorithm, labels, TTL
        const Instant end{std::chrono::seconds(data.number(4))};
        if (data.is_good() && (!first || end < *first)) first = end;
    }
    return first;
}

} // namespace mailctl
