#include "sandbox/random.hpp"

#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace jit::sandbox {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
        std::abort(); // the machine has no randomness: nothing that needs it may go on
    }
    return bytes;
}

std::uint32_t random_seed() {
    std::uint32_t seed = 0;
    std::memcpy(&seed, random_bytes(sizeof seed).data(), sizeof seed);
    return seed;
}

std::string random_hex(std::size_t digits) {
    constexpr std::string_view k_hex = "0123456789abcdef";
    std::string text = random_bytes(digits);
    for (char& c : text) {
        c = k_hex[static_cast<unsigned char>(c) & 0xFU];
    }
    return text;
}

std::string random_uuid() {
    constexpr std::string_view k_variants = "89ab";
    std::string text = random_hex(32);
    text[12] = '4';
    text[16] = k_variants[static_cast<unsigned char>(text[16]) & 3U];
    for (const std::size_t place : {20U, 16U, 12U, 8U}) {
        text.insert(place, 1, '-');
    }
    return text;
}

} // namespace jit::sandbox
