#include "base/process.hpp"

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

} // namespace jit
