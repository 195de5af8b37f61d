# bash completion for jit
# shellcheck shell=bash

# jit itself knows what may stand at the cursor, and quotes it.
_jit() {
  local -a answer=()
  COMPREPLY=()
  mapfile -t answer < <(jit __complete bash "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case ${answer[0]-} in
  words) COMPREPLY=("${answer[@]:1}") ;;
  files) compopt -o default ;;
  programs) mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}") ;;
  esac
}

complete -o nosort -F _jit jit
