#include "base/process.hpp"

#include <fcntl.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#else
#include <sys/resource.h>
#endif

namespace jit {

void forbid_core_dumps() noexcept {
#ifndef __linux__
    const rlimit none{0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#elif !defined(__SANITIZE_ADDRESS__) // whose leak checker traces the process that it is part of
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

void occupy_standard_streams() noexcept {
    // open() takes the lowest number that is free. Opened for reading, writing fails as on a closed one.
    int opened = STDIN_FILENO;
    while (opened >= 0 && opened <= STDERR_FILENO) {
        opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (opened > STDERR_FILENO) {
        (void)close(opened);
    }
}

} // namespace jit
