#!/usr/bin/env bash
# Fails where the sources use what only Linux or only glibc has, outside src/util and the platform folder of a module; and
# where the part of a source that other systems get in its place does not even compile.
set -euo pipefail
cd "$(dirname "$0")/.."

words='prctl|pipe2|dup3|accept4|mkostemps?|execvpe|epoll_\w+|inotify_\w+|signalfd|eventfd|timerfd_\w+|memfd_create|pidfd_\w+'
words+='|close_range|renameat2|ppoll|sendfile|splice|getrandom|gettid|strerror_r|strerrorname_np|strerrordesc_np|secure_getenv'
words+='|get_current_dir_name|program_invocation_(short_)?name|strchrnul|memrchr|mempcpy|asprintf|vasprintf|qsort_r|TEMP_FAILURE_RETRY'
words+='|O_TMPFILE|O_PATH|SOCK_CLOEXEC|SOCK_NONBLOCK|MSG_NOSIGNAL|POLLRDHUP|F_OFD_\w+|CLOCK_BOOTTIME|CLOCK_\w+_COARSE|AT_EMPTY_PATH'
words+='|__linux__|__GLIBC__|_GNU_SOURCE'
headers='linux/[^>]*|asm/[^>]*|sys/(prctl|epoll|inotify|signalfd|eventfd|timerfd|sendfile|random|syscall|auxv)\.h|malloc\.h|endian\.h|byteswap\.h'
found=$(git ls-files --cached --others --exclude-standard 'src/*.cpp' 'src/*.hpp' ':!src/util/*' ':!src/*/platform/*' |
  xargs grep -nP "^(?!\s*//).*?(\b($words)\b|<($headers)>|\"/(proc|sys|run)/)" || true)
if [[ $found ]]; then
  printf '%s\n' "$found" "Only for Linux: it belongs into src/util, or into the platform folder of a module." >&2
  exit 1
fi

git ls-files --cached --others --exclude-standard 'src/util/*.cpp' | xargs grep -l '__linux__' |
  xargs g++ -std=c++20 -Wall -Wextra -Werror -Isrc -U__linux__ -fsyntax-only
