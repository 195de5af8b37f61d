function fish_right_prompt
    set -l active (jit status --short 2>/dev/null)
    test -z "$active" || echo -n "[$active]"
end
