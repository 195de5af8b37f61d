# bash completion for jit
# shellcheck shell=bash

_jit() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' each
  local global='--env --base-url --config -o --output -q --quiet -v --verbose --debug --color --timeout
    --connect-timeout --retries --max-wait --ca-file --non-interactive --version -h --help'
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
    --request-origin | --metadata)
    return
    ;;
  esac
  for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $each in
    activate | deactivate | extend | help)
      command=$each
      break
      ;;
    esac
  done
  case $command in
  '') mapfile -t COMPREPLY < <(compgen -W "activate deactivate extend help $global" -- "$word") ;;
  help) mapfile -t COMPREPLY < <(compgen -W 'activate deactivate extend' -- "$word") ;;
  activate | extend) mapfile -t COMPREPLY < <(compgen -W "-m --minutes $target $global" -- "$word") ;;
  deactivate) mapfile -t COMPREPLY < <(compgen -W "$target $global" -- "$word") ;;
  esac
}

complete -F _jit jit
