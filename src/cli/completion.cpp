// SPDX-License-Identifier: Apache-2.0
// `mailctl completion`: adaptors that let a shell ask `mailctl __complete`, as they stand in completions/. They hold no
// knowledge of commands, so an old adaptor serves a new mailctl.
#include "invocation.hpp"
#include "mailctl/cli/completion_scripts.hpp"

#include <map>

namespace mailctl {
namespace {

Result<Report> run_completion(Invocation& invocation) {
    static const std::map<std::string, std::string_view> scripts = {
        {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};
    const std::string& shell = invocation.words.front();
    Report report;
    report.type = "completion";
    report.layout = Layout::text;
    report.text = scripts.at(shell);
    report.rows = {{{"id", shell, true, true, {}}, {"script", report.text, true, true, {}}}};
    return report;
}

} // namespace

Noun completion_noun() {
    return {.name = "completion",
            .summary = "completion for bash, zsh and fish",
            .commands = {{
                .noun = "completion",
                .verb = "",
                .summary = "print the script that teaches a shell to complete mailctl",
                .positionals = {{"SHELL", Count::one, Values::choice, {"bash", "zsh", "fish"}}},
                .options = {},
                .examples = {{"source <(mailctl completion bash)", "in ~/.bashrc"},
                             {"source <(mailctl completion zsh)", "in ~/.zshrc, after compinit"},
                             {"mailctl completion fish > ~/.config/fish/completions/mailctl.fish", ""}},
                .access = Access::none,
                .right = Right::everybody,
                .run = run_completion,
                .details = {"Installed packages bring these scripts along. They offer commands and options, and the "
                            "domains, addresses, maps and changes of the site."},
            }},
            .also = {}};
}

} // namespace mailctl
