#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace jit {

/// Overwrites memory in a way that the optimiser may not leave out.
void wipe(void* data, std::size_t size) noexcept;

/// Overwrites a string's whole buffer, its spare capacity too, and empties it.
void wipe(std::string& text) noexcept;

/// Text that must not get out: a client secret, an access token, a request body that holds one. It has no
/// operator<<, no conversion to a string and no formatter, so it cannot be printed by accident; its memory is
/// overwritten when it goes. It is never reallocated in place, so no copy stays behind.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string_view text);

    /// Takes the text over and wipes the string it came in.
    [[nodiscard]] static Secret take(std::string& text);

    Secret(const Secret& other) : Secret(other.reveal()) {}
    Secret(Secret&& other) noexcept;
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    /// The text itself, NUL-terminated, valid as long as this object. Every call is a place to look at in
    /// review.
    [[nodiscard]] std::string_view reveal() const { return {data_ ? data_.get() : "", size_}; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    std::unique_ptr<char[]> data_;
    std::size_t size_ = 0;
};

} // namespace jit
