#include "util/regular_file.hpp"

#include "util/secret.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace jit {

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

Descriptor::~Descriptor() {
    (void)close();
}

int Descriptor::release() noexcept {
    return std::exchange(fd_, -1);
}

bool Descriptor::close() noexcept {
    const int fd = release();
    return fd >= 0 && ::close(fd) == 0;
}

RegularFile::RegularFile(const std::string& path, Links links) {
    if ((links == Links::followed ? stat(path.c_str(), &status_) : lstat(path.c_str(), &status_)) != 0) {
        problem_ = errno;
        return;
    }
    if (S_ISREG(status_.st_mode)) {
        // What has the name may be another file by now: not to wait for the other end of a pipe.
        const int no_links = links == Links::refused ? O_NOFOLLOW : 0;
        file_ = Descriptor(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | no_links));
        if (file_.get() < 0 || fstat(file_.get(), &status_) != 0) {
            problem_ = errno;
            return;
        }
    }
    problem_ = S_ISREG(status_.st_mode) ? 0 : S_ISDIR(status_.st_mode) ? EISDIR : k_not_regular;
}

std::optional<std::string> RegularFile::read(std::size_t most) {
    std::string bytes;
    std::size_t done = 0;
    if (problem_ == 0 && std::cmp_greater(status_.st_size, most)) {
        problem_ = k_too_large;
    }
    while (problem_ == 0) {
        if (done == bytes.size() && !grow(bytes, most)) {
            problem_ = k_too_large;
            break;
        }
        const ssize_t size = ::read(file_.get(), bytes.data() + done, bytes.size() - done);
        if (size == 0) {
            bytes.resize(done);
            return bytes;
        }
        if (size > 0) {
            done += static_cast<std::size_t>(size);
        } else if (errno != EINTR) {
            problem_ = errno;
        }
    }
    wipe(bytes);
    return std::nullopt;
}

/// Makes room for more bytes, one more than the file may have so that its end is seen. The size that the
/// system told is a guess only: files of /proc have none.
bool RegularFile::grow(std::string& bytes, std::size_t most) {
    if (bytes.size() > most) {
        return false;
    }
    const std::size_t guess = bytes.empty() ? static_cast<std::size_t>(status_.st_size) : bytes.size() * 2;
    std::string larger(std::min(guess, most) + 1, '\0');
    std::copy(bytes.begin(), bytes.end(), larger.begin());
    wipe(bytes);
    bytes = std::move(larger);
    return true;
}

std::string RegularFile::reason() const {
    switch (problem_) {
    case EISDIR:
        return "Is a directory, no regular file";
    case k_not_regular:
        return "it is no regular file";
    case k_too_large:
        return "it is too large";
    default:
        return std::generic_category().message(problem_);
    }
}

std::string why_unreadable(const std::string& path, std::size_t most) {
    const RegularFile file(path);
    if (file.problem() != 0) {
        return file.reason();
    }
    return std::cmp_greater(file.status().st_size, most) ? "it is too large" : "";
}

} // namespace jit
