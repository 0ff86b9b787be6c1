# fish completion for mailctl: asks the program itself.
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
