jit_segment() {
  local active
  active=$(jit status --short 2>/dev/null)
  [[ -z $active ]] || printf '[%s] ' "$active"
}
PS1='$(jit_segment)'$PS1
