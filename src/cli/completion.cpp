// `mailctl completion`: adaptors that let a shell ask `mailctl __complete`. They hold no knowledge of commands, so an
// old adaptor serves a new mailctl.
#include "mailctl/cli/invocation.hpp"

#include <map>

namespace mailctl {
namespace {

// Bash splits words at '@', '=' and ':' (COMP_WORDBREAKS) and replaces only what stands behind the last of them: the
// pieces are joined again for the question, and what stands before is cut from the answers ('@' itself is replaced,
// too: readline takes it for the beginning of a host name).
constexpr std::string_view bash_script = R"(# bash completion for mailctl: asks the program itself.
_mailctl() {
    local -a words answer
    local rest=$COMP_LINE piece i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if [[ $i -eq 0 || $rest == [[:blank:]]* ]]; then
            words+=("$piece")
            rest=${rest#"${rest%%[![:blank:]]*}"}
        else
            words[-1]+=$piece
        fi
        rest=${rest#"$piece"}
    done
    mapfile -t answer < <("$1" __complete -- "${words[@]:1}" 2>/dev/null)
    COMPREPLY=()
    case ${answer[0]} in
        files) compopt -o default; return ;;
        directories) compopt -o dirnames; return ;;
    esac
    local current=${words[-1]} breaks='' cut='' c
    for c in : = @; do
        [[ $COMP_WORDBREAKS == *"$c"* ]] && breaks+=$c
    done
    [[ -n $breaks ]] && cut=${current%"${current##*[$breaks]}"}
    cut=${cut%@}
    for piece in "${answer[@]:1}"; do
        piece=${piece%%$'\t'*}
        COMPREPLY+=("${piece#"$cut"}")
    done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=@] ]] && compopt -o nospace
}
complete -F _mailctl mailctl
)";

constexpr std::string_view zsh_script = R"(#compdef mailctl
# zsh completion for mailctl: asks the program itself.
_mailctl() {
    local -a answer closed open
    local line value
    answer=("${(@f)$("${(Q)words[1]}" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $answer[1] in
        files) _files; return ;;
        directories) _files -/; return ;;
    esac
    for line in "${(@)answer[2,-1]}"; do
        value=${${line%%$'\t'*}//:/\\:}
        [[ $line == *$'\t'* ]] && value+=":${line#*$'\t'}"
        if [[ ${line%%$'\t'*} == *[=@] ]]; then open+=("$value"); else closed+=("$value"); fi
    done
    (( $#closed )) && _describe mailctl closed
    (( $#open )) && _describe mailctl open -S ''
}
if [[ $funcstack[1] == _mailctl ]]; then _mailctl "$@"; else compdef _mailctl mailctl; fi
)";

constexpr std::string_view fish_script = R"(# fish completion for mailctl: asks the program itself.
function __mailctl_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    set -l answer ($program __complete -- $words "$current" 2>/dev/null)
    switch "$answer[1]"
        case files
            __fish_complete_path $current
        case directories
            __fish_complete_directories $current
        case words
            set -e answer[1]
            string join \n -- $answer
    end
end
complete -c mailctl -f -a '(__mailctl_complete)'
)";

Result<Report> run_completion(Invocation& invocation) {
    static const std::map<std::string, std::string_view> scripts = {
        {"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};
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
