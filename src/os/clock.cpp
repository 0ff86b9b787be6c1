// SPDX-License-Identifier: Apache-2.0
// Calendar days by our own reading of TZif files (RFC 8536): localtime and TZ are process-wide and would race between
// delivery threads. A zone is read once and kept. Debian's files spell every change out until 2037; what follows the
// last one is taken to stay as it is.
#include "mailctl/os/clock.hpp"

#include "mailctl/os/files.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

// Offsets from UTC: `first` until the first change, then that of the last change passed.
struct Zone {
    struct Change {
        sys_seconds at;
        seconds offset;
    };
    seconds first{0};
    std::vector<Change> changes;
};

// Big-endian numbers of a TZif file; past the end everything is zero and good() false.
class ZoneReader {
  public:
    explicit ZoneReader(std::string_view bytes) : rest_(bytes) {}
    [[nodiscard]] bool good() const { return good_; }
    std::string_view take(std::size_t size) {
        good_ = good_ && size <= rest_.size();
        if (!good_) return {};
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::int64_t number(std::size_t size) {
        const std::string_view bytes = take(size);
        std::uint64_t value = !bytes.empty() && (bytes[0] & 0x80) ? ~std::uint64_t{0} : 0;
        for (const char byte : bytes)
            value = value << 8 | static_cast<unsigned char>(byte);
        return static_cast<std::int64_t>(value);
    }

  private:
    std::string_view rest_;
    bool good_ = true;
};

struct ZoneCounts { // in the order of the header
    std::size_t utc_flags, standard_flags, leaps, changes, types, characters;
};

ZoneCounts read_counts(ZoneReader& reader) {
    ZoneCounts counts{};
    for (std::size_t* count :
         {&counts.utc_flags, &counts.standard_flags, &counts.leaps, &counts.changes, &counts.types, &counts.characters})
        *count = static_cast<std::size_t>(reader.number(4)) & 0xffffff; // a file of gigabytes is none
    return counts;
}

std::size_t body_size(const ZoneCounts& counts, std::size_t time_size) {
    return counts.changes * (time_size + 1) + counts.types * 6 + counts.characters + counts.leaps * (time_size + 4) +
           counts.standard_flags + counts.utc_flags;
}

// Version 2 and later: the first body, with 32-bit times, is skipped.
std::optional<Zone> parse_zone(std::string_view file) {
    constexpr std::size_t magic_size = 4, reserved_size = 15, time_size = 8;
    ZoneReader reader(file);
    for (const std::size_t skipped_time_size : {std::size_t{4}, std::size_t{0}}) {
        if (reader.take(magic_size) != "TZif" || reader.take(1) < "2") return std::nullopt;
        reader.take(reserved_size);
        if (skipped_time_size != 0) reader.take(body_size(read_counts(reader), skipped_time_size));
    }
    const ZoneCounts counts = read_counts(reader);
    ZoneReader times(reader.take(counts.changes * time_size));
    const std::string_view kinds = reader.take(counts.changes);
    std::vector<seconds> offsets;
    for (std::size_t i = 0; i < counts.types && reader.good(); ++i) {
        offsets.emplace_back(reader.number(4));
        reader.take(2); // daylight saving flag, abbreviation
    }
    if (!reader.good() || offsets.empty()) return std::nullopt;
    Zone zone{offsets[0], {}};
    for (const char kind : kinds) {
        const auto index = static_cast<unsigned char>(kind);
        if (index >= offsets.size()) return std::nullopt;
        zone.changes.push_back({sys_seconds(seconds(times.number(time_size))), offsets[index]});
    }
    return zone;
}

// "Area/City": nothing that leaves the directory of zones.
bool is_zone_name(std::string_view name) {
    return !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos &&
           name.find('\0') == std::string_view::npos;
}

std::optional<Zone> find_zone(const std::string& name) {
    if (name == "UTC") return Zone{};
    if (!is_zone_name(name)) return std::nullopt;
    const auto file = load_file("/usr/share/zoneinfo/" + name);
    return file ? parse_zone(*file) : std::nullopt;
}

Zone load_zone(const std::string& name) { return find_zone(name).value_or(Zone{}); }

const Zone& zone_named(const std::string& name) {
    static std::mutex mutex;
    static std::map<std::string, Zone> zones; // never erased from: references stay good
    const std::lock_guard guard(mutex);
    const auto found = zones.find(name);
    return found != zones.end() ? found->second : zones.emplace(name, load_zone(name)).first->second;
}

seconds offset_at(const Zone& zone, sys_seconds time) {
    const auto next = std::ranges::upper_bound(zone.changes, time, {}, &Zone::Change::at);
    return next == zone.changes.begin() ? zone.first : std::prev(next)->offset;
}

} // namespace

Instant now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

std::chrono::seconds system_zone_offset(std::chrono::sys_seconds time) {
    const std::time_t instant = time.time_since_epoch().count();
    std::tm local{};
    if (::localtime_r(&instant, &local) == nullptr) return seconds(0);
    return seconds(local.tm_gmtoff);
}

bool is_time_zone(const std::string& name) { return find_zone(name).has_value(); }

Date day_in_zone(Instant instant, const std::string& time_zone) {
    return std::chrono::floor<std::chrono::days>(instant + offset_of_zone(instant, time_zone));
}

seconds offset_of_zone(Instant instant, const std::string& time_zone) {
    return offset_at(zone_named(time_zone), std::chrono::floor<seconds>(instant));
}

std::string minute_in_zone(Instant instant, const std::string& time_zone) {
    return format_minute(instant, offset_of_zone(instant, time_zone));
}

} // namespace mailctl
