#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace jit::fuzz {

/// Ends the program with what is broken, so that libFuzzer keeps the input.
inline void promise(bool kept, const char* words) {
    if (!kept) {
        (void)std::fprintf(stderr, "broken promise: %s\n", words);
        std::abort();
    }
}

/// Whether a terminal shows the bytes and does nothing else: UTF-8 without control characters, without what
/// reorders or hides text. Says so by ranges of characters, as `printable` does not.
inline bool is_safe(std::string_view text) {
    struct Range {
        std::uint32_t first;
        std::uint32_t last;
    };
    constexpr Range k_unsafe[] = {{0, 0x1F},         {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},
                                  {0x180E, 0x180E},  {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x2064},
                                  {0x2066, 0x206F},  {0xD800, 0xDFFF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
                                  {0xE0000, 0xE007F}};
    while (!text.empty()) {
        const auto byte = [text](std::size_t i) {
            return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
        };
        const std::size_t size = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
        std::uint32_t c = size == 1 ? byte(0) : byte(0) & (0x7FU >> size);
        for (std::size_t i = 1; i < size; ++i) {
            if ((byte(i) & 0xC0U) != 0x80U) {
                return false;
            }
            c = c << 6U | (byte(i) & 0x3FU);
        }
        constexpr std::uint32_t k_least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (byte(0) >= 0xF8 || (byte(0) & 0xC0U) == 0x80U || c < k_least[size] || c > 0x10FFFF) {
            return false;
        }
        for (const Range& range : k_unsafe) {
            if (c >= range.first && c <= range.last) {
                return false;
            }
        }
        text.remove_prefix(size);
    }
    return true;
}

/// The input as text.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// The input up to the first newline, and what follows it.
struct TwoParts {
    std::string_view line;
    std::string_view rest;
};
inline TwoParts two_parts(std::string_view text) {
    const std::size_t end = text.find('\n');
    return {text.substr(0, end), end == std::string_view::npos ? "" : text.substr(end + 1)};
}

} // namespace jit::fuzz

/// What libFuzzer calls with every input.
extern "C" int LLVMFuzzerTestOneInput( // NOLINT(readability-identifier-naming): libFuzzer's name
    const std::uint8_t* data, std::size_t size);
