#pragma once

#include <cstddef>
#include <cstdlib>

namespace jit::test {

/// Tests of very many cases try only some of them, so that all unit tests take no longer than a moment; with
/// JIT_TEST_THOROUGH set, as in CI, they try all.
inline bool is_thorough() {
    return std::getenv("JIT_TEST_THOROUGH") != nullptr;
}

} // namespace jit::test
