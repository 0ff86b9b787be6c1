// SPDX-License-Identifier: Apache-2.0
// Arguments: the words of a command line, divided into options and the rest. Options may stand anywhere, before the
// noun too; that works because an option name takes a value everywhere or nowhere (a test over the table holds that).
// Abbreviated options are refused: a script that uses one breaks with the next option that begins alike.
#pragma once

#include "command.hpp"

#include <map>
#include <optional>

namespace mailctl {

struct Arguments {
    std::vector<std::string> words; // noun and verb first, options taken out, all behind "--" included
    std::map<std::string, std::vector<std::string>> options; // by Option::key(); a switch has one "" per occurrence

    [[nodiscard]] bool has(const std::string& key) const { return options.contains(key); }
    [[nodiscard]] std::optional<std::string> find(const std::string& key) const; // the value, if given
    [[nodiscard]] std::vector<std::string> all(const std::string& key) const;
};

// usage: an option no command has (with the nearest as hint), a value missing, a switch given a value.
[[nodiscard]] Result<Arguments> parse_arguments(std::span<const std::string> words);
// Whether `command` takes these options and this many words. usage: it does not, a second value for an option that
// holds one, two options that exclude one another, a word that is none of the choices.
[[nodiscard]] Status check_arguments(const Command& command, const Arguments& arguments);
// Every option of the table, each name once.
[[nodiscard]] const std::vector<Option>& all_options();

} // namespace mailctl
