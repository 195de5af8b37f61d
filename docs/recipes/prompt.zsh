jit_segment() { psvar[1]=$(jit status --short 2>/dev/null) }
precmd_functions+=(jit_segment)
PROMPT='%(1V.[%1v] .)'$PROMPT
