#pragma once

#include <string>
#include <string_view>

namespace jit::io {

/// Where bytes go: a descriptor of the process, or a string in tests.
class Stream {
public:
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    Stream(Stream&&) = delete;
    Stream& operator=(Stream&&) = delete;
    virtual ~Stream() = default;

    /// Writes all of it. False when that failed; `errno` then says why.
    [[nodiscard]] virtual bool write(std::string_view bytes) = 0;
};

/// Writes straight to a descriptor that somebody else owns, without a buffer.
class FdStream final : public Stream {
public:
    explicit FdStream(int fd) : fd_(fd) {}
    [[nodiscard]] bool write(std::string_view bytes) override;

private:
    int fd_;
};

/// Collects what is written.
class StringStream final : public Stream {
public:
    [[nodiscard]] bool write(std::string_view bytes) override {
        text_ += bytes;
        return true;
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

} // namespace jit::io
