#pragma once

#include "base/exit_code.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace jit {

/// What went wrong, as a value. `message` is one sentence without a full stop that says what happened and,
/// where a request was involved, whether anything was changed; `hint` says what to do next and may be empty.
/// Neither may hold a secret; text of the server in them is made safe for a terminal when it is printed.
struct Error {
    ExitCode code = ExitCode::internal;
    std::string message;
    std::string hint = {};

    /// The HTTP answer behind it, where there was one.
    std::optional<int> http_status = {};
    std::string detail_code = {}; ///< the API's `detailCode`
    std::string tracking_id = {}; ///< the API's `trackingId`, which the vendor's support asks for
    std::optional<std::chrono::seconds> retry_after = {};
    bool may_have_changed = false; ///< a request that changes something was sent, and its fate is not known
};

[[nodiscard]] inline Error usage_error(std::string message, std::string hint = {}) {
    return Error{ExitCode::usage, std::move(message), std::move(hint)};
}

} // namespace jit
