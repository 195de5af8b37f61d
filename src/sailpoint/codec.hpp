#pragma once

#include "sailpoint/model.hpp"
#include "util/error.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace jit::sailpoint {

// The API's JSON, both ways. What is read is bounded and checked as json/reader.hpp says.

/// The body of one of the three POSTs.
[[nodiscard]] std::string encode_request(const OperationRequest& request);

/// Reads the answer to one of the three POSTs. Empty where the text is not a JSON object.
[[nodiscard]] std::optional<Acceptance> decode_acceptance(std::string_view body, Operation operation);

/// Reads an error body in any of the API's shapes: `detailCode`/`causes`/`messages`, `error` (with
/// `error_description`), `message`. Empty parts where it is none of these.
[[nodiscard]] ApiError decode_error(std::string_view body);

/// The answer of the token endpoint, without the server's time. Empty where it holds no access token that can
/// be sent in a header.
[[nodiscard]] std::optional<IssuedToken> decode_token(std::string_view body);

/// A token as a file holds it, both ways. Empty where the text is anything else, or the token could not be
/// sent in a header.
[[nodiscard]] Secret encode_kept_token(const KeptToken& kept);
[[nodiscard]] std::optional<KeptToken> decode_kept_token(std::string_view text);

/// The payload of a JWT. Empty where the token is none; what it leaves out, or has of another type, is empty.
[[nodiscard]] std::optional<TokenClaims> decode_claims(const Secret& jwt);

/// What a credential command may print instead of a bare secret: `{"client_id": …, "client_secret": …}`.
/// Empty where the text has no `client_secret`; the ID may be empty.
struct PrintedCredentials {
    Secret client_id;
    Secret client_secret;
};
[[nodiscard]] std::optional<PrintedCredentials> decode_printed_credentials(std::string_view text);

/// A JSON line of a file of targets: `{"entitlement": …, "minutes": …}`, whatever else is in it. Minutes are
/// a whole number, at least 1. What is wrong with the text otherwise.
struct TargetLine {
    std::string entitlement;
    std::optional<std::int32_t> minutes = {};
};
[[nodiscard]] Result<TargetLine, std::string> decode_target_line(std::string_view text);

} // namespace jit::sailpoint
