# bash completion for jit
# shellcheck shell=bash

_jit() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' each
  local global='--env --base-url --config -o --output -q --quiet -v --verbose --debug --color --timeout
    --utc --connect-timeout --retries --max-wait --ca-file --non-interactive --no-cache --version -h --help'
  local names='-e --entitlement' request='--dry-run --request-origin --metadata' waiting='--wait --no-wait --wait-timeout'
  local length='-m --minutes -d --duration --until'
  local commands='activate extend deactivate ensure run list status history policy auth'
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
  --state)
    mapfile -t COMPREPLY < <(compgen -W 'available pending waiting active ending failed' -- "$word")
    return
    ;;
  --status)
    mapfile -t COMPREPLY < <(compgen -W 'ACTIVATING AWAITING_FRICTIONS PROVISIONING PROVISIONED DEPROVISIONING COMPLETE
      CANCELLED ERROR TIMED_OUT REVOKED' -- "$word")
    return
    ;;
  --on-expiry)
    mapfile -t COMPREPLY < <(compgen -W 'warn terminate' -- "$word")
    return
    ;;
  --config | --ca-file)
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
    ;;
  --env | --base-url | --timeout | --connect-timeout | --retries | --max-wait | -e | --entitlement | -m | --minutes | \
    --request-origin | --metadata | --client-id | -d | --duration | --until | --wait-timeout | --min-remaining | --source | \
    --search | --limit | --since | --identity | --warn | --max-total | --end-timeout)
    return
    ;;
  esac
  for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $each in
    activate | extend | deactivate | ensure | run | list | status | history | policy | help | auth)
      if [[ $command == auth ]]; then
        command="auth $each"
      else
        command=$each
      fi
      [[ $command == auth ]] || break
      ;;
    login | logout)
      if [[ $command == auth ]]; then
        command="auth $each"
        break
      fi
      ;;
    esac
  done
  case $command in
  '') mapfile -t COMPREPLY < <(compgen -W "$commands help $global" -- "$word") ;;
  help) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word") ;;
  activate | extend) mapfile -t COMPREPLY < <(compgen -W "$names $length $request $waiting $global" -- "$word") ;;
  deactivate) mapfile -t COMPREPLY < <(compgen -W "$names $request $waiting $global" -- "$word") ;;
  ensure)
    mapfile -t COMPREPLY < <(compgen -W "$names $length --min-remaining $request --wait-timeout $global" -- "$word")
    ;;
  run)
    mapfile -t COMPREPLY < <(compgen -W "$names $length --min-remaining $request --wait-timeout --keep-alive --max-total
      --on-expiry --keep-credentials --leave --end-timeout $global" -- "$word")
    ;;
  list)
    mapfile -t COMPREPLY < <(compgen -W "--source --state --search --all-types --tenant --limit $global" -- "$word")
    ;;
  status) mapfile -t COMPREPLY < <(compgen -W "$names --watch --warn --short $global" -- "$word") ;;
  history)
    mapfile -t COMPREPLY < <(compgen -W "$names --since --until --status --limit --tenant --identity --detail --timeline
      $global" -- "$word")
    ;;
  policy) mapfile -t COMPREPLY < <(compgen -W "$global" -- "$word") ;;
  auth) mapfile -t COMPREPLY < <(compgen -W "login status logout $global" -- "$word") ;;
  'auth login') mapfile -t COMPREPLY < <(compgen -W "--client-id --with-secret-stdin $global" -- "$word") ;;
  'auth status') mapfile -t COMPREPLY < <(compgen -W "--check $global" -- "$word") ;;
  'auth logout') mapfile -t COMPREPLY < <(compgen -W "--all $global" -- "$word") ;;
  esac
}

complete -F _jit jit
