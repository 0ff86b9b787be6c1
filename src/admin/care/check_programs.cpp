// SPDX-License-Identifier: Apache-2.0
// What postconf and doveconf print.
#include "check_facts.hpp"

#include "mailctl/base/text.hpp"

namespace mailctl {

Settings read_postconf(std::string_view text) {
    Settings settings;
    for (const auto line : split(text, '\n')) {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        settings.insert_or_assign(std::string(trim(line.substr(0, equals))),
                                  std::string(trim(line.substr(equals + 1))));
    }
    return settings;
}

// name type private unprivileged chroot wakeup maxproc command...
std::vector<PostfixService> read_master(std::string_view text) {
    std::vector<PostfixService> services;
    constexpr std::size_t command = 7, chroot = 4;
    for (const auto line : split(text, '\n')) {
        const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
        auto words = list_words(line);
        if (words.empty()) continue;
        if (goes_on) {
            if (!services.empty())
                services.back().command.insert(services.back().command.end(), words.begin(), words.end());
            continue;
        }
        if (words.size() <= command) continue;
        PostfixService service{words[0], words[1], words[chroot] == "y", {}};
        service.command.assign(words.begin() + command, words.end());
        services.push_back(std::move(service));
    }
    return services;
}

namespace {

// Calls back for each section as it opens ("passdb", "local_name one.example") and each setting in it.
template <class Open, class Set>
void walk_doveconf(std::string_view text, Open open, Set set) {
    std::vector<std::string> sections; // that are open, each with its parents: "protocol imap/"
    std::map<std::string, int, std::less<>> seen;
    for (const auto raw : split(text, '\n')) {
        const auto line = trim(raw);
        if (line.empty() || line.starts_with('#')) continue;
        const auto above = sections.empty() ? std::string() : sections.back();
        if (line == "}") {
            if (!sections.empty()) sections.pop_back();
        } else if (line.ends_with('{')) {
            const auto path = above + std::string(trim(line.substr(0, line.size() - 1)));
            const int time = ++seen[path];
            sections.push_back(path + (time > 1 ? "#" + std::to_string(time) : std::string()) + "/");
            open(path, sections.back());
        } else if (const auto equals = line.find('='); equals != std::string_view::npos) {
            set(above, trim(line.substr(0, equals)), trim(line.substr(equals + 1)));
        }
    }
}

} // namespace

Settings read_doveconf(std::string_view text) {
    Settings settings;
    walk_doveconf(
        text, [](const std::string&, const std::string&) {},
        [&](const std::string& section, std::string_view name, std::string_view value) {
            settings.insert_or_assign(section + std::string(name), std::string(value));
        });
    return settings;
}

// 2.3 says `passdb { driver = pam }`, 2.4 `passdb pam { }`, where a driver is said if it isn't the name.
std::vector<std::string> read_passdbs(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> found; // section, driver
    walk_doveconf(
        text,
        [&](const std::string& name, const std::string& section) {
            const auto words = list_words(name);
            if (!words.empty() && words.front() == "passdb") found.emplace_back(section, words.back());
        },
        [&](const std::string& section, std::string_view name, std::string_view value) {
            const bool is_its_own = !found.empty() && found.back().first == section;
            if (is_its_own && (name == "driver" || name == "passdb_driver")) found.back().second = value;
        });
    std::vector<std::string> drivers;
    for (auto& [unused, driver] : found)
        drivers.push_back(std::move(driver));
    return drivers;
}

std::vector<std::string> read_local_names(std::string_view text) {
    std::vector<std::string> names;
    walk_doveconf(
        text,
        [&](const std::string& name, const std::string&) {
            auto words = list_words(name);
            if (words.size() < 2 || words.front() != "local_name") return;
            for (auto word = words.begin() + 1; word != words.end(); ++word)
                names.push_back(fold(*word));
        },
        [](const std::string&, std::string_view, std::string_view) {});
    return names;
}

} // namespace mailctl
