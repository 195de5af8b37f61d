#pragma once

#include "util/error.hpp"
#include "util/exit_code.hpp"

#include <string>

namespace jit::json {

/// The `{…}` alone of what follows.
[[nodiscard]] std::string encode_error_object(const Error& error, ExitCode code);

/// `{"error": {…}}` on one line, as scripts get errors. Safe to show on a terminal. No newline at the end.
[[nodiscard]] std::string encode_error(const Error& error, ExitCode code);

} // namespace jit::json
