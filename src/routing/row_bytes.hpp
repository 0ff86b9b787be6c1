// SPDX-License-Identifier: Apache-2.0
// The bytes of a row of the compiled directory. Integers are LEB128 (seven bits a byte, low end first), strings and
// lists carry their count before them, and the first byte says what the row is. A row must be used up exactly.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/address.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailctl {

enum class RowKind : unsigned char {
    domain = 'D',
    mailbox = 'M',
    forward = 'F',
    robot = 'R',
    list = 'L',
    elsewhere = 'E',
    responder = 'A',
    ban = 'B',
    mentions = 'N',
    site = 'S'
};

// Dates count from here, so that none that can be written in TOML is negative.
inline constexpr std::chrono::sys_days year_zero{std::chrono::year{0} / std::chrono::January / 1};

class RowBytes {
  public:
    explicit RowBytes(RowKind kind) { row_ += static_cast<char>(kind); }
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7)
            row_ += static_cast<char>((value & 0x7f) | 0x80);
        row_ += static_cast<char>(value);
    }
    void flag(bool value) { number(value ? 1 : 0); }
    template <class Enum>
    void choice(Enum value) {
        number(static_cast<std::uint64_t>(value));
    }
    void text(std::string_view value) {
        number(value.size());
        row_ += value;
    }
    void address(const Address& value) {
        text(value.local.text());
        text(value.domain.text());
    }
    template <class Value, class Write>
    void optional(const std::optional<Value>& value, Write write) {
        flag(value.has_value());
        if (value) write(*value);
    }
    template <class Values, class Write>
    void list(const Values& values, Write write) {
        number(values.size());
        for (const auto& value : values)
            write(value);
    }
    void addresses(const std::vector<Address>& values) {
        list(values, [this](const Address& value) { address(value); });
    }
    void texts(const std::vector<std::string>& values) {
        list(values, [this](const std::string& value) { text(value); });
    }
    void date(Date value) { number(static_cast<std::uint64_t>((std::chrono::sys_days(value) - year_zero).count())); }
    std::string take() { return std::move(row_); }

  private:
    std::string row_;
};

// After the first thing that does not fit everything reads as empty; whole() at the end tells.
class RowReading {
  public:
    RowReading(std::string_view row, RowKind kind) : rest_(row) { good_ = byte() == static_cast<unsigned char>(kind); }
    [[nodiscard]] bool whole() const { return good_ && rest_.empty(); }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const unsigned bits = byte();
            value |= std::uint64_t{bits & 0x7f} << shift;
            if (shift == 63 && bits > 1) break; // would not fit 64 bits
            if (bits < 0x80) return good_ ? value : 0;
        }
        good_ = false;
        return 0;
    }
    std::int64_t seconds() { return bounded<std::int64_t>(0x7fffffffffffffffU); }
    unsigned small_number() { return bounded<unsigned>(0xffffffffU); }
    bool flag() { return bounded<unsigned>(1) == 1; }
    template <class Enum>
    Enum choice(Enum last) {
        return static_cast<Enum>(bounded<std::uint64_t>(static_cast<std::uint64_t>(last)));
    }
    std::string text() {
        const std::uint64_t size = number();
        good_ = good_ && size <= rest_.size();
        if (!good_) return {};
        std::string value(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return value;
    }
    std::string clean_text() {
        std::string value = text();
        good_ = good_ && is_clean(value);
        return value;
    }
    DomainName domain() {
        std::string name = clean_text();
        good_ = good_ && !name.empty() && name.find_first_of(" /") == std::string::npos;
        return DomainName::from_trusted(good_ ? std::move(name) : "invalid");
    }
    Address address() {
        std::string local = clean_text();
        return {LocalPart::from_trusted(std::move(local)), domain()};
    }
    template <class Read>
    auto optional(Read read) {
        using Value = decltype(read());
        return flag() ? std::optional<Value>(read()) : std::nullopt;
    }
    template <class Read>
    auto list(Read read) {
        std::vector<decltype(read())> values;
        // Never reserved by the count: a damaged one must not take memory. Each element uses a byte or spoils good_.
        for (std::uint64_t left = number(); left > 0 && good_; --left)
            values.push_back(read());
        return values;
    }
    std::vector<Address> addresses() {
        return list([this] { return address(); });
    }
    std::vector<std::string> texts() {
        return list([this] { return text(); });
    }
    Date date() {
        const auto days = static_cast<int>(bounded<unsigned>(12'000'000)); // year_month_day ends with the year 32767
        return std::chrono::sys_days(year_zero + std::chrono::days(days));
    }

  private:
    unsigned byte() {
        good_ = good_ && !rest_.empty();
        if (!good_) return 0;
        const auto value = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    template <class Number>
    Number bounded(std::uint64_t last) {
        const std::uint64_t value = number();
        good_ = good_ && value <= last;
        return good_ ? static_cast<Number>(value) : Number{};
    }
    static bool is_clean(std::string_view bytes) {
        return std::ranges::none_of(bytes, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    }
    std::string_view rest_;
    bool good_ = true;
};

} // namespace mailctl
