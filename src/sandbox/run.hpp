#pragma once

namespace jit::sandbox {

/// The program jit-sandbox; returns its exit code.
[[nodiscard]] int run(int argc, const char* const* argv);

} // namespace jit::sandbox
