#include "util/secret.hpp"

#include <cstring>
#include <utility>

namespace jit {

void wipe(void* data, std::size_t size) noexcept {
    if (size == 0) {
        return;
    }
    std::memset(data, 0, size);
    // The compiler must assume that this reads the memory, so the memset above stays.
    asm volatile("" : : "r"(data) : "memory");
}

void wipe(std::string& text) noexcept {
    text.resize(text.capacity());
    wipe(text.data(), text.size());
    text.clear();
}

Secret::Secret(std::string_view text) : data_(new char[text.size() + 1]), size_(text.size()) {
    if (!text.empty()) { // whose data may be null
        std::memcpy(data_.get(), text.data(), text.size());
    }
    data_[size_] = '\0';
}

Secret Secret::take(std::string& text) {
    Secret secret(text);
    wipe(text);
    return secret;
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        *this = Secret(other);
    }
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

Secret::~Secret() {
    if (data_) {
        wipe(data_.get(), size_);
    }
}

} // namespace jit
