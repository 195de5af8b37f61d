#include "util/uuid.hpp"

#include <array>
#include <cstddef>

namespace jit {
namespace {

constexpr std::size_t k_digits = 32;
constexpr std::size_t k_hyphenated = 36;

constexpr bool is_hyphen_place(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

} // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != k_digits && text.size() != k_hyphenated) {
        return std::nullopt;
    }
    std::string canonical;
    canonical.reserve(k_hyphenated);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (text.size() == k_hyphenated && is_hyphen_place(i)) {
            if (c != '-') {
                return std::nullopt;
            }
            continue; // put back below, by place
        }
        const bool digit = c >= '0' && c <= '9';
        const bool lower = c >= 'a' && c <= 'f';
        const bool upper = c >= 'A' && c <= 'F';
        if (!digit && !lower && !upper) {
            return std::nullopt;
        }
        if (is_hyphen_place(canonical.size())) {
            canonical.push_back('-');
        }
        canonical.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return Uuid(std::move(canonical));
}

Uuid::Bits Uuid::bits() const {
    const auto value = [](char digit) {
        return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    };
    Bits bits{};
    std::size_t i = 0;
    for (const char c : text_) {
        if (c != '-') {
            bits.at(i / 2) = static_cast<unsigned char>(unsigned{bits.at(i / 2)} << 4U | value(c));
            ++i;
        }
    }
    return bits;
}

Uuid Uuid::of(const Bits& bits) {
    constexpr std::string_view k_hex = "0123456789abcdef";
    std::string text;
    text.reserve(k_hyphenated);
    for (const unsigned char byte : bits) {
        if (is_hyphen_place(text.size())) {
            text.push_back('-');
        }
        text.push_back(k_hex[byte >> 4U]);
        text.push_back(k_hex[byte & 15U]);
    }
    return Uuid(std::move(text));
}

std::string hyphenated(const std::string& id) {
    const auto uuid = Uuid::parse(id);
    return uuid ? uuid->str() : id;
}

} // namespace jit
