# fish completion for jit

# jit itself knows what may stand at the cursor.
function __jit_complete
    set -l typed "$(commandline -ct)"
    set -l answer (jit __complete fish (commandline -opc)[2..] $typed 2>/dev/null)
    switch "$answer[1]"
        case words
            string join -- \n $answer[2..]
        case files
            set -l option (string match -r -- '^--[^=]*=' $typed)
            string replace -r -- '^' "$option" (__fish_complete_path (string replace -- "$option" '' $typed))
        case programs
            complete -C $typed
    end
end

complete -c jit -f -k -a '(__jit_complete)'
