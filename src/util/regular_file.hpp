#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <sys/stat.h>

namespace jit {

/// A file descriptor that is closed with its owner. Negative: none.
class Descriptor {
public:
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] int release() noexcept;
    [[nodiscard]] bool close() noexcept; ///< false where the system says that bytes were lost

private:
    int fd_;
};

/// A regular file that is open for reading. What is none (a pipe, a device, a socket, a directory) is not
/// even opened: that may wait for somebody, or do something to the device.
class RegularFile {
public:
    static constexpr int k_not_regular = -1;
    static constexpr int k_too_large = -2;
    enum class Links { followed, refused }; ///< what to do where the name itself is a symbolic link

    explicit RegularFile(const std::string& path, Links links = Links::followed);

    /// Reads all of it. Empty, with a `problem`, where it has more than `most` bytes or cannot be read; no
    /// copy of the bytes stays behind then.
    [[nodiscard]] std::optional<std::string> read(std::size_t most);

    /// Why the file could not be opened or read: `errno`, or one of the two above; 0 where all went well.
    [[nodiscard]] int problem() const noexcept { return problem_; }
    /// The same in words: "it is no regular file".
    [[nodiscard]] std::string reason() const;

    [[nodiscard]] const struct stat& status() const noexcept { return status_; }

private:
    [[nodiscard]] bool grow(std::string& bytes, std::size_t most);

    struct stat status_ = {};
    int problem_ = 0;
    Descriptor file_{-1};
};

/// Why a library must not be told to read a file of at most `most` bytes, in words; empty where it may.
[[nodiscard]] std::string why_unreadable(const std::string& path, std::size_t most);

} // namespace jit
