// SPDX-License-Identifier: Apache-2.0
// doveadm(1) and postfix(1).
#include "service_control.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/maps/postmap.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>

namespace mailctl {
namespace {

// The file may stay behind, and its number be another's by now.
bool is_process_of(pid_t pid, std::string_view program) {
    const auto stat = find_file(fmt::format("/proc/{}/stat", pid));
    if (!stat || !*stat) return true; // nothing better is known
    const auto name = fmt::format("({}) ", program);
    return (*stat)->contains(name) && !(*stat)->contains(name + 'Z');
}

bool runs_by(const std::string& pid_file, std::string_view program) {
    const auto text = find_file(pid_file);
    if (!text) return true; // it is there, and not for us to read: its tool will say what it thinks of us
    if (!*text) return false;
    const auto digits = trim(**text);
    pid_t pid = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
    if (problem != std::errc{} || pid <= 0) return false;
    return (::kill(pid, 0) == 0 || errno == EPERM) && is_process_of(pid, program);
}

std::string complaint(std::string_view program, const Result<ProcessResult>& done) {
    if (!done) return done.error().what;
    if (done->status == 0) return {};
    const auto said = printable(trim(done->error_output));
    return said.empty() ? fmt::format("{} ended with {}", program, done->status) : said;
}

} // namespace

DovecotControl::DovecotControl(const Paths& paths, const Site& site)
    : configuration_(site.maps.dovecot_config), is_ours_(paths.root.empty() || !configuration_.empty()) {}

bool DovecotControl::is_running() const {
    if (!is_ours_) return false;
    const auto base = run(argv("doveconf", {"-h", "base_dir"}));
    return base && base->status == 0 && runs_by(std::string(trim(base->output)) + "/master.pid", "dovecot");
}

std::string DovecotControl::doveadm(std::vector<std::string> arguments) const {
    constexpr int no_such_session = 68; // none to end is none
    const auto done = run(argv("doveadm", std::move(arguments)));
    return done && done->status == no_such_session ? std::string() : complaint("doveadm", done);
}

std::vector<std::string> DovecotControl::certificate_files() const {
    std::vector<std::string> files;
    if (!is_ours_) return files;
    for (const auto* setting : {"ssl_cert", "ssl_server_cert_file"}) { // 2.3 and 2.4
        const auto asked = run(argv("doveconf", {"-h", setting}));
        if (!asked || asked->status != 0) continue;
        auto value = trim(asked->output);
        if (value.starts_with('<')) value.remove_prefix(1); // the text of a file is the value
        if (value.starts_with('/')) files.emplace_back(value);
    }
    return files;
}

std::vector<std::string> DovecotControl::argv(std::string program, std::vector<std::string> arguments) const {
    std::vector<std::string> words{std::move(program)};
    if (!configuration_.empty()) words.insert(words.end(), {"-c", configuration_});
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

PostfixControl::PostfixControl(const Paths& paths, const Site& site)
    : maps_(site.maps), is_ours_(paths.root.empty() || !maps_.postfix_config_directory.empty()) {}

bool PostfixControl::is_running() const {
    if (!is_ours_) return false;
    const auto queue = run_postfix_tool("postconf", maps_, {"-xh", "queue_directory"});
    return queue && queue->status == 0 && runs_by(std::string(trim(queue->output)) + "/pid/master.pid", "master");
}

std::vector<std::string> PostfixControl::values_of(const std::string& setting) const {
    std::vector<std::string> values;
    if (!is_ours_) return values;
    const auto said = run_postfix_tool("postconf", maps_, {"-h", "-x", setting});
    if (!said || said->status != 0) return values;
    auto text = said->output;
    std::ranges::replace_if(
        text, [](char c) { return c == ',' || c == '\n' || c == '\t'; }, ' ');
    for (const auto word : split(std::string_view(text), ' '))
        if (!word.empty()) values.emplace_back(word);
    return values;
}

std::string PostfixControl::reload() const {
    return complaint("postfix reload", run_postfix_tool("postfix", maps_, {"reload"}));
}

} // namespace mailctl
