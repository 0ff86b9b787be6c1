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

Settings read_doveconf(std::string_view text) {
    Settings settings;
    std::vector<std::string> sections;
    for (const auto raw : split(text, '\n')) {
        const auto line = trim(raw);
        if (line.empty() || line.starts_with('#')) continue;
        if (line == "}") {
            if (!sections.empty()) sections.pop_back();
        } else if (line.ends_with('{')) {
            sections.emplace_back(trim(line.substr(0, line.size() - 1)));
        } else if (const auto equals = line.find('='); equals != std::string_view::npos) {
            std::string path;
            for (const auto& section : sections)
                path += section + "/";
            settings.insert_or_assign(path + std::string(trim(line.substr(0, equals))),
                                      std::string(trim(line.substr(equals + 1))));
        }
    }
    return settings;
}

} // namespace mailctl
