#include "io/line_reader.hpp"

#include "util/text.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <system_error>
#include <unistd.h>

namespace jit::io {

Result<bool> LineReader::next(std::string& line) {
    constexpr std::size_t k_longest = 65536;
    for (std::size_t searched = begin_;;) {
        const std::size_t end = buffer_.find('\n', searched);
        if (end != std::string::npos) {
            line.assign(buffer_, begin_, end - begin_);
            begin_ = end + 1;
            return true;
        }
        if (buffer_.size() - begin_ > k_longest) {
            return usage_error("a line is longer than 64 KiB");
        }
        buffer_.erase(0, begin_);
        begin_ = 0;
        searched = buffer_.size();
        JIT_TRY(const bool more, fill());
        if (!more) {
            line = std::exchange(buffer_, {});
            return !line.empty();
        }
    }
}

Result<bool> LineReader::fill() {
    constexpr std::size_t k_piece = 16384;
    std::array<char, k_piece> piece{};
    while (!ended_) {
        std::array<pollfd, 2> ready = {{{fd_, POLLIN, 0}, {interrupt_.wake_fd(), POLLIN, 0}}};
        (void)poll(ready.data(), ready.size(), -1);
        if (interrupt_.signal() != 0) {
            return Error{ErrorKind::interrupted, "interrupted while reading the targets; nothing was sent"};
        }
        if (ready[0].revents == 0) {
            continue; // a pipe that nobody has opened for writing yet reads like one that has ended
        }
        const ssize_t size = read(fd_, piece.data(), piece.size());
        if (size > 0) {
            buffer_.append(piece.data(), static_cast<std::size_t>(size));
            return true;
        }
        ended_ = size == 0;
        if (size < 0 && errno != EINTR && errno != EAGAIN) {
            return usage_error(concat({"cannot be read: ", std::generic_category().message(errno)}));
        }
    }
    return false;
}

} // namespace jit::io
