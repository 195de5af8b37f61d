#pragma once

#include "sandbox/http_message.hpp"
#include "sandbox/tenant.hpp"
#include "sandbox/tokens.hpp"

namespace jit::sandbox {

/// Answers `POST /oauth/token` (RFC 6749, 4.4): an access token for a PAT, or a 400 or 401 that says why not.
/// The parameters may be in the query, in a urlencoded body, in a multipart one, and some here and some
/// there: the service's own clients do each of these.
[[nodiscard]] Response answer_token_request(const Tenant& tenant, Tokens& tokens, const Request& request,
                                            TimePoint now);

} // namespace jit::sandbox
