#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace jit::sandbox {

/// Random bytes of cryptographic quality.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// A random seed.
[[nodiscard]] std::uint32_t random_seed();

/// That many random lower-case hexadecimal digits.
[[nodiscard]] std::string random_hex(std::size_t digits);

/// A random UUID (version 4), lower case, with hyphens.
[[nodiscard]] std::string random_uuid();

} // namespace jit::sandbox
