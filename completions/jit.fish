# fish completion for jit
set -l commands activate deactivate extend auth help
set -l work activate deactivate extend

complete -c jit -f
complete -c jit -n "not __fish_seen_subcommand_from $commands" -a activate -d 'Start just-in-time access'
complete -c jit -n "not __fish_seen_subcommand_from $commands" -a deactivate -d 'End access now'
complete -c jit -n "not __fish_seen_subcommand_from $commands" -a extend -d 'Add minutes to access that is active'
complete -c jit -n "not __fish_seen_subcommand_from $commands" -a auth -d 'Set credentials up, look at them, remove them'
complete -c jit -n "not __fish_seen_subcommand_from $commands" -a help -d 'Print the help of a command'
complete -c jit -n '__fish_seen_subcommand_from help' -a 'activate deactivate extend auth'

complete -c jit -n "__fish_seen_subcommand_from $work" -s e -l entitlement -x -d 'Connection ID'
complete -c jit -n '__fish_seen_subcommand_from activate extend' -s m -l minutes -x -d 'How long, in minutes'
complete -c jit -n "__fish_seen_subcommand_from $work" -l dry-run -d 'Print the request, send nothing'
complete -c jit -n "__fish_seen_subcommand_from $work" -l request-origin -x -d 'Where the request comes from'
complete -c jit -n "__fish_seen_subcommand_from $work" -l metadata -x -d 'KEY=VALUE, passed on in metaData'

set -l of_auth '__fish_seen_subcommand_from auth; and not __fish_seen_subcommand_from login status logout'
complete -c jit -n $of_auth -a login -d 'Check credentials and keep them'
complete -c jit -n $of_auth -a status -d 'Show the settings and credentials that count'
complete -c jit -n $of_auth -a logout -d 'Remove the cached token'
complete -c jit -n '__fish_seen_subcommand_from login' -l client-id -x -d 'The client ID'
complete -c jit -n '__fish_seen_subcommand_from login' -l with-secret-stdin -d 'Read the secret from standard input'
complete -c jit -n '__fish_seen_subcommand_from auth; and __fish_seen_subcommand_from status' -l check -d 'Ask the tenant'
complete -c jit -n '__fish_seen_subcommand_from logout' -l all -d 'Remove the stored credentials, too'

complete -c jit -l env -x -d 'Environment of the configuration'
complete -c jit -l base-url -x -d 'The tenant'
complete -c jit -l config -r -F -d 'Configuration file'
complete -c jit -s o -l output -x -a 'table json jsonl csv' -d 'Output format'
complete -c jit -s q -l quiet -d 'No messages but errors'
complete -c jit -s v -l verbose -d 'Tell each step on stderr'
complete -c jit -l debug -d 'Show the HTTP exchange, secrets replaced'
complete -c jit -l color -x -a 'auto always never' -d 'Colour'
complete -c jit -l timeout -x -d 'The most that one request may take, in seconds'
complete -c jit -l connect-timeout -x -d 'The most that connecting may take, in seconds'
complete -c jit -l retries -x -d 'Tries again after one that was not carried out'
complete -c jit -l max-wait -x -d 'The longest to sit out rate limiting, in seconds'
complete -c jit -l ca-file -r -F -d 'Trust the CAs in this PEM file only'
complete -c jit -l non-interactive -d 'Never ask anything'
complete -c jit -l no-cache -d 'Neither use nor keep a token of another run'
complete -c jit -l version -d 'Print the version'
complete -c jit -s h -l help -d 'Print the help'
