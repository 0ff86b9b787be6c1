// SPDX-License-Identifier: Apache-2.0
// Where mail and its traces lie: what Dovecot and the host make of the places that the agent uses.
#include "check_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string dovecot_says(const SiteFacts& facts, std::string_view name) {
    if (!facts.dovecot) return {};
    const auto found = facts.dovecot->settings.find(name);
    return found == facts.dovecot->settings.end() ? std::string() : found->second;
}

bool has_settings(const SiteFacts& facts) { return facts.dovecot && !facts.dovecot->settings.empty(); }
bool is_dovecot_24(const SiteFacts& facts) { return !facts.dovecot->version.starts_with("2.3"); }

void other_mail_path(const SiteFacts& facts, Sayings& say) {
    if (!has_settings(facts)) return;
    const std::string name = is_dovecot_24(facts) ? "mail_path" : "mail_location";
    auto location = dovecot_says(facts, name);
    const auto told = location;
    if (location.starts_with("maildir:")) location.erase(0, std::string_view("maildir:").size());
    while (location.ends_with('/'))
        location.pop_back();
    const std::vector<std::string> right{"~",
                                         "%h",
                                         "%{home}",
                                         facts.paths.mail + "/%d/%n",
                                         facts.paths.mail + "/%Ld/%Ln",
                                         facts.paths.mail + "/%{user | domain}/%{user | username}"};
    if (std::ranges::find(right, location) == right.end())
        say(name, fmt::format("{} is '{}', and the agent delivers to the home itself", name, printable(told)));
}

void sieve_as_folder(const SiteFacts& facts, Sayings& say) {
    const auto is_sieving = [&](std::string_view protocol) {
        return dovecot_says(facts, fmt::format("protocol {}/mail_plugins", protocol)).find("sieve") !=
               std::string::npos;
    };
    const auto place = dovecot_says(facts, "plugin/sieve");
    if ((is_sieving("lmtp") || is_sieving("lda")) && place.find("active=~/.") != std::string::npos)
        say("plugin/sieve", fmt::format("'{}' lies in the Maildir, where its name is that of a mail folder", place));
}

// Indexes that two machines map into memory at once are spoilt.
void mail_on_a_network(const SiteFacts& facts, Sayings& say) {
    if (!has_settings(facts) || dovecot_says(facts, "mmap_disable") == "yes") return;
    for (const auto& disk : facts.disks)
        if (disk.is_network && disk.path == facts.paths.mail)
            say(disk.path, "mail lies on a network file system, and Dovecot maps its indexes into memory");
}

void endless_journal(const SiteFacts& facts, Sayings& say) {
    constexpr std::uint64_t too_much = std::uint64_t{1} << 30;
    if (facts.journal && facts.journal->second > too_much)
        say(facts.journal->first, fmt::format("the journal holds {}, and nothing rotates it",
                                              format_size_rounded(ByteCount{facts.journal->second})));
}

// Over a limit a name is unknown, and its mail is refused: nobody is told then.
void full_candidates(const SiteFacts& facts, Sayings& say) {
    constexpr std::uint64_t nearly = 90, whole = 100;
    const auto& limits = facts.site.candidates;
    const auto is_near = [&](std::uint64_t used, std::uint64_t limit) { return used * whole >= limit * nearly; };
    for (const auto& held : facts.held)
        if (is_near(held.names, limits.names) || is_near(held.bytes, limits.bytes.bytes))
            say(held.domain,
                fmt::format("{} of {} candidates and {} of {} are held", held.names, limits.names,
                            format_size_rounded(ByteCount{held.bytes}), format_size_rounded(limits.bytes)));
}

const Check checks_of_places[] = {
    {"mail.candidates-full", 82, Weight::warning, false, "held mail of candidates is near its limits",
     "mailctl candidate list; or raise candidates.names and candidates.bytes", full_candidates},
    {"dovecot.mail-path", 59, Weight::error, false, "Dovecot looks for mail elsewhere than the agent delivers",
     "take the line of maps/dovecot.conf over", other_mail_path},
    {"dovecot.sieve-folder", 60, Weight::warning, false, "the Sieve script appears as a mail folder",
     "sieve = file:~/sieve;active=~/dovecot.sieve", sieve_as_folder},
    {"dovecot.network-mail", 76, Weight::warning, false,
     "mail on a network file system, and Dovecot is not set up for one",
     "mmap_disable = yes, and one server for each user", mail_on_a_network},
    {"files.journal", 83, Weight::warning, false, "a journal file that nothing rotates", "rotate it: logrotate(8)",
     endless_journal},
};

} // namespace

std::span<const Check> place_checks() { return checks_of_places; }

} // namespace mailctl
