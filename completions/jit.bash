# bash completion for jit
# shellcheck shell=bash

_jit() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' each
  local global='--env --base-url --config -o --output -q --quiet -v --verbose --debug --color --timeout
    --connect-timeout --retries --max-wait --ca-file --non-interactive --no-cache --version -h --help'
  local target='-e --entitlement --dry-run --request-origin --metadata'
  COMPREPLY=()
  case $before in
  -o | --output)
    mapfile -t COMPREPLY < <(compgen -W 'table json jsonl csv' -- "$word")
    return
    ;;
  --color)
    mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$word")
    return
    ;;
  --config | --ca-file)
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
    ;;
  --env | --base-url | --timeout | --connect-timeout | --retries | --max-wait | -e | --entitlement | -m | --minutes | \
    --request-origin | --metadata | --client-id)
    return
    ;;
  esac
  for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $each in
    login | status | logout)
      if [[ $command == auth ]]; then
        command="auth $each"
        break
      fi
      ;;
    activate | deactivate | extend | help | auth)
      [[ -n $command ]] || command=$each
      [[ $command == auth ]] || break
      ;;
    esac
  done
  case $command in
  '') mapfile -t COMPREPLY < <(compgen -W "activate deactivate extend auth help $global" -- "$word") ;;
  help) mapfile -t COMPREPLY < <(compgen -W 'activate deactivate extend auth' -- "$word") ;;
  activate | extend) mapfile -t COMPREPLY < <(compgen -W "-m --minutes $target $global" -- "$word") ;;
  auth) mapfile -t COMPREPLY < <(compgen -W "login status logout $global" -- "$word") ;;
  'auth login') mapfile -t COMPREPLY < <(compgen -W "--client-id --with-secret-stdin $global" -- "$word") ;;
  'auth status') mapfile -t COMPREPLY < <(compgen -W "--check $global" -- "$word") ;;
  'auth logout') mapfile -t COMPREPLY < <(compgen -W "--all $global" -- "$word") ;;
  deactivate) mapfile -t COMPREPLY < <(compgen -W "$target $global" -- "$word") ;;
  esac
}

complete -F _jit jit
