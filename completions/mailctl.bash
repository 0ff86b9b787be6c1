# bash completion for mailctl: asks the program itself.
#
# Bash splits words at '@', '=' and ':' (COMP_WORDBREAKS) and replaces only what stands behind the last of them: the
# pieces are joined again for the question, and what stands before is cut from the answers ('@' itself is replaced,
# too: readline takes it for the beginning of a host name).
# shellcheck shell=bash
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
    piece=${current##*["$breaks"]}
    [[ -n $breaks ]] && cut=${current%"$piece"}
    cut=${cut%@}
    for piece in "${answer[@]:1}"; do
        piece=${piece%%$'\t'*}
        COMPREPLY+=("${piece#"$cut"}")
    done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=@:] ]] && compopt -o nospace
}
complete -F _mailctl mailctl
