#include "util/process.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <system_error>
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
#elif !defined(JIT_SANITIZED) // whose leak checker traces the process that it is part of
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

void ensure_std_fds_open() noexcept {
    // open() takes the lowest number that is free. Opened for reading, writing fails as on a closed one.
    int opened = STDIN_FILENO;
    while (opened >= 0 && opened <= STDERR_FILENO) {
        opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (opened > STDERR_FILENO) {
        (void)close(opened);
    }
}

std::vector<int> open_descriptors() {
    std::vector<int> open;
    std::error_code problem;
    for (std::filesystem::directory_iterator entry("/dev/fd", problem), end; !problem && entry != end;
         entry.increment(problem)) {
        const auto number = parse_int(entry->path().filename().string(), 0, std::numeric_limits<int>::max());
        if (number) {
            open.push_back(static_cast<int>(*number));
        }
    }
    const auto is_closed = [](int descriptor) { return fcntl(descriptor, F_GETFD) < 0; };
    open.erase(std::remove_if(open.begin(), open.end(), is_closed), open.end()); // that of the reading itself
    return open;
}

void set_cloexec_except(const std::vector<int>& inherited) {
    for (const int descriptor : open_descriptors()) {
        if (std::find(inherited.begin(), inherited.end(), descriptor) == inherited.end()) {
            (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        }
    }
}

} // namespace jit
