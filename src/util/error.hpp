#pragma once

#include "util/exit_code.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jit {

/// An entitlement connection that a name may mean, with what tells it apart.
struct Candidate {
    std::string connection_id;
    std::string name;
    std::string source;
    std::string account;
    std::string value;
};

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

    std::vector<Candidate> candidates = {}; ///< where a name means several
    std::vector<std::string> warnings = {}; ///< what was to be said before, one line each: in JSON only

    bool of_token = false;          ///< it is about getting a token, and not about what was asked for
    bool uncertain = false;         ///< whether something was changed that nobody can tell from the answer
    bool already_under_way = false; ///< an activate was refused because one is under way, or active, there
};

[[nodiscard]] inline Error usage_error(std::string message, std::string hint = {}) {
    return Error{ExitCode::usage, std::move(message), std::move(hint)};
}

} // namespace jit
