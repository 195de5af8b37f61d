# bash completion for jit
# shellcheck shell=bash

# jit itself knows what may stand at the cursor, and quotes it.
_jit() {
  local - IFS=$'\n' answer
  set -o noglob
  answer=$(jit __complete bash "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  COMPREPLY=()
  # shellcheck disable=SC2206 # a word a line; mapfile would read them byte by byte
  case $answer in
  words*) COMPREPLY=(${answer#words}) ;;
  files*) compopt -o default ;;
  programs*) mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}") ;;
  esac
}

complete -o nosort -F _jit jit
