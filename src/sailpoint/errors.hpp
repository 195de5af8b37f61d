#pragma once

#include "http/message.hpp"
#include "util/error.hpp"
#include "util/time.hpp"

#include <string>

namespace jit::sailpoint {

/// What a request is for, as errors name it, and what it may have done.
struct RequestInfo {
    std::string what;                  ///< "activate of 3f0c…", "the token request"
    bool changes = false;              ///< whether the service may have changed something
    std::string if_forbidden = {};     ///< hint for 403
    std::string if_missing = {};       ///< hint for 404
    std::string if_refused = {};       ///< hint for 400 and the like
    std::string if_token_refused = {}; ///< hint for 401
    bool reads = false;                ///< a mere reading: that nothing was changed goes without saying
    std::string reconcile = {};        ///< hint where nobody knows whether it was carried out
};

/// The error for a request that got no usable response.
[[nodiscard]] Error failure_error(const http::Failure& failure, const RequestInfo& purpose);

/// The error for a response whose status is not the expected one. `now` is for a Retry-After that is a date.
[[nodiscard]] Error response_error(const http::Response& response, const RequestInfo& purpose, TimePoint now);

/// The error for a response with the expected status and a body that is not the API's.
[[nodiscard]] Error body_error(const http::Response& response, const RequestInfo& purpose,
                               std::string_view why);

} // namespace jit::sailpoint
