#include "sailpoint/errors.hpp"

#include "http/retry_after.hpp"
#include "sailpoint/codec.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>

namespace jit::sailpoint {
namespace {

constexpr std::string_view k_unknown = "; it may or may not have been carried out";
constexpr std::string_view k_wrong_host = "check the base URL: does it name the tenant's API host?";

constexpr std::string_view k_redirected = "check the base URL: it must be the tenant's API host and nothing "
                                          "more, like https://TENANT.api.identitynow.com";

/// What a server says, as far as one wants to read it.
std::string shortened(std::string_view text) {
    constexpr std::size_t k_max = 200;
    const std::string safe = sanitize(text);
    return safe.size() <= k_max ? safe : sanitize(safe.substr(0, k_max)) + "…";
}

/// That nothing was changed, where that has to be said.
std::string_view unchanged(const RequestInfo& purpose) {
    return purpose.reads ? "" : "; nothing was changed";
}

ErrorKind code_of(int status) {
    switch (status) {
    case 401:
        return ErrorKind::unauthenticated;
    case 403:
        return ErrorKind::forbidden;
    case 429:
        return ErrorKind::rate_limited;
    default:
        return status >= 400 && status < 500 ? ErrorKind::refused : ErrorKind::server;
    }
}

std::optional<Refusal> refusal_of(int status) {
    switch (status) {
    case 400:
        return Refusal::invalid;
    case 401:
        return Refusal::unauthenticated;
    case 403:
        return Refusal::forbidden;
    case 404:
        return Refusal::missing;
    case 412:
        return Refusal::not_enabled;
    case 429:
        return std::nullopt;
    default:
        return status >= 400 && status < 500 ? std::optional(Refusal::other) : std::nullopt;
    }
}

std::string hint_for(int status, const Error& error, const RequestInfo& purpose) {
    switch (status) {
    case 401:
        return purpose.if_token_refused;
    case 403:
        return purpose.if_forbidden;
    case 404:
        return purpose.if_missing;
    case 412:
        return "ask an administrator whether the feature is enabled for the tenant";
    case 429:
        return error.retry_after ? concat({"try again in ", std::to_string(error.retry_after->count()),
                                           " s, or raise --max-wait and --retries"})
                                 : "try again later, or raise --max-wait and --retries";
    default:
        break;
    }
    if (status >= 300 && status < 400) {
        return std::string(k_wrong_host);
    }
    return status >= 500 ? "try again later" : purpose.if_refused;
}

/// "HTTP 400, 400.1 Bad Request Content"; "HTTP 404 Not found" where the detail code begins with the status.
std::string status_words(const Error& error) {
    const std::string status = std::to_string(*error.http_status);
    const std::string& detail = error.detail_code;
    if (detail.empty() || detail == status || detail.rfind(status + " ", 0) == 0) {
        return concat({"HTTP ", detail.empty() ? status : detail});
    }
    return concat({"HTTP ", status, ", ", detail});
}

/// Whether the words of a refusal say that what is asked for is under way already. The API publishes no code
/// for that.
bool says_already_under_way(std::string_view words) {
    constexpr std::array<std::string_view, 8> k_states = {
        "under way", "underway", "active", "activated", "running", "exist", "in progress", "provision"};
    const std::string text = to_lower(words);
    const std::size_t already = text.find("already");
    return already != std::string::npos &&
           std::any_of(k_states.begin(), k_states.end(), [&text, already](std::string_view state) {
               return text.find(state, already) != std::string::npos;
           });
}

/// Without the full stop at its end, since our own words follow.
std::string_view without_stop(std::string_view text) {
    return !text.empty() && text.back() == '.' ? text.substr(0, text.size() - 1) : text;
}

} // namespace

Error failure_error(const http::Failure& failure, const RequestInfo& purpose) {
    using Kind = http::Failure::Kind;
    if (failure.kind == Kind::interrupted) {
        // `cli` turns the code into that of the signal.
        if (!failure.sent) {
            return {ErrorKind::interrupted,
                    concat({"interrupted before ", purpose.what,
                            failure.status ? " was carried out" : " was sent", unchanged(purpose)})};
        }
        Error error{ErrorKind::interrupted,
                    concat({"interrupted after ", purpose.what, " was sent",
                            purpose.changes ? k_unknown : unchanged(purpose)}),
                    purpose.reconcile};
        error.uncertain = purpose.changes;
        return error;
    }
    if (!failure.sent) {
        return {ErrorKind::unreachable,
                concat({purpose.what, " was not sent: ", failure.message, unchanged(purpose)}), failure.hint};
    }
    const bool earlier = failure.kind == Kind::unreachable || failure.kind == Kind::permanent;
    Error error{ErrorKind::server,
                concat({purpose.what, " was sent, but ", earlier ? "its answer was lost, and then " : "",
                        failure.message})};
    error.http_status = failure.status;
    error.refusal = refusal_of(failure.status.value_or(0));
    if (failure.status && error.message.find("HTTP") == std::string::npos) {
        error.message += concat({" (HTTP ", std::to_string(*failure.status), ")"});
    }
    if (!purpose.changes) {
        error.message += unchanged(purpose);
        error.hint = "try again";
        return error;
    }
    if (failure.kind != Kind::bad_answer) {
        error.kind = ErrorKind::unknown_outcome;
    }
    error.message += k_unknown;
    error.hint = purpose.reconcile;
    error.uncertain = true;
    return error;
}

Error response_error(const http::Response& response, const RequestInfo& purpose, TimePoint now) {
    const ApiError api = decode_error(response.body);
    Error error{code_of(response.status), {}};
    error.http_status = response.status;
    error.refusal = refusal_of(response.status);
    error.detail_code = api.detail_code;
    error.tracking_id = api.tracking_id;
    error.retry_after = http::retry_after(response, now);
    // Only what begins with 5 leaves open what the service did. A redirect, or success where none belongs, is
    // from something else than the API.
    const bool server_fault = response.status >= 500;
    const bool not_the_api = response.status < 400;
    if (not_the_api) {
        error.message = concat({"the answer to ", purpose.what, " is not the API's: "});
    } else {
        error.message = concat({purpose.what, server_fault ? " failed: " : " was refused: "});
    }
    error.message += status_words(error);
    const auto location = response.header("location");
    const bool redirect = response.status >= 300 && response.status < 400 && location;
    if (redirect) {
        error.message += concat({", which points to ", shortened(*location), " and was not followed"});
    }
    if (!api.text.empty()) {
        error.message += concat({": ", without_stop(api.text)});
    }
    if (!api.tracking_id.empty()) {
        error.message += concat({" (tracking ID ", api.tracking_id, ")"});
    }
    error.already_under_way = error.kind == ErrorKind::refused && says_already_under_way(api.text);
    error.hint = hint_for(response.status, error, purpose);
    if (api.text.empty() && api.detail_code.empty() && response.status < 500 && response.status != 429) {
        error.hint = k_wrong_host; // the API would say why
    }
    if (redirect) {
        error.hint = k_redirected;
    }
    if (purpose.changes && (server_fault || not_the_api || response.after_ambiguous_attempt)) {
        error.kind = not_the_api ? ErrorKind::server : ErrorKind::unknown_outcome;
        error.message += concat({server_fault || not_the_api ? "" : ", after an answer was lost", k_unknown});
        error.uncertain = true;
        error.hint = not_the_api
                         ? concat({redirect ? k_redirected : k_wrong_host, " If so, ", purpose.reconcile})
                         : purpose.reconcile;
    } else {
        error.message += unchanged(purpose);
    }
    return error;
}

Error body_error(const http::Response& response, const RequestInfo& purpose, std::string_view why) {
    Error error{
        ErrorKind::server,
        concat({"the answer to ", purpose.what, " is not the API's: HTTP ", std::to_string(response.status),
                ", ", why, purpose.changes ? k_unknown : unchanged(purpose)}),
        purpose.changes ? concat({k_wrong_host, " If so, ", purpose.reconcile}) : std::string(k_wrong_host)};
    error.http_status = response.status;
    error.uncertain = purpose.changes;
    return error;
}

} // namespace jit::sailpoint
