// SPDX-License-Identifier: Apache-2.0
// "file inode size mtime ctime path", "absent path", "services DIGEST".
#include "inputs.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

constexpr std::string_view services_word = "services ";

// nullopt: it can't be examined.
std::optional<std::string> input_line(const std::string& path) {
    const auto stamp = find_stamp(path);
    if (!stamp) return std::nullopt;
    return *stamp ? fmt::format("file {} {}", stamp_text(**stamp), path) : fmt::format("absent {}", path);
}

std::string_view path_of(std::string_view line) {
    if (line.starts_with("absent ")) return line.substr(line.find(' ') + 1);
    constexpr int words_before_path = 5;
    for (int i = 0; i < words_before_path; ++i)
        line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    return line;
}

} // namespace

MapInputs::MapInputs(const MapContext& context, const Site& site) {
    if (site.dkim.signer == DkimSigner::none) return;
    keys_ = context.dkim_directory;
    add_file(keys_);
}

void MapInputs::add_file(const std::string& path) {
    const auto line = input_line(path);
    if (!line || path.find('\n') != std::string::npos)
        is_doubtful_ = true;
    else
        text_.append(*line).append(1, '\n');
}

// A domain that has no directory of keys has one later only if its parent changes.
void MapInputs::add_domain(const Domain& domain) {
    if (domain.tls) {
        add_file(domain.tls->certificate);
        add_file(domain.tls->key);
    }
    if (keys_.empty()) return;
    const auto directory = fmt::format("{}/{}", keys_, domain.name.text());
    const auto there = find_stamp(directory);
    if (there && !*there) return;
    add_file(directory);
    add_file(directory + "/selectors.toml");
}

std::optional<std::string> MapInputs::take(const std::string& services) && {
    if (is_doubtful_) return std::nullopt;
    return text_ + services;
}

std::string services_line(const std::optional<std::set<std::string>>& services) {
    if (!services) return fmt::format("{}unknown\n", services_word);
    std::string names;
    for (const auto& name : *services)
        names.append(name).append(1, '\n');
    return fmt::format("{}{}\n", services_word, digest(names));
}

bool inputs_hold(std::string_view text, const MapContext& context) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.starts_with(services_word)) {
            if (!context.find_services || services_line(context.find_services()) != fmt::format("{}\n", line))
                return false;
        } else if (input_line(std::string(path_of(line))) != line) {
            return false;
        }
    }
    return true;
}

} // namespace mailctl
