#pragma once

#include "sandbox/tenant.hpp"
#include "util/result.hpp"
#include "util/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace jit::sandbox {

/// An access token that this process issued.
struct Token {
    std::uint64_t ordinal; ///< 1 for the first
    std::size_t identity;  ///< index of the identity whose PAT it was issued for
    TimePoint expires;
};

struct IssuedToken {
    std::string jwt;
    std::string jti;
};

/// Issues and checks access tokens: JWTs (RFC 7519), signed by HMAC-SHA256 with a key of this process alone.
class Tokens {
public:
    explicit Tokens(std::chrono::seconds lifetime);

    [[nodiscard]] IssuedToken issue(const TenantData& tenant, std::size_t identity, TimePoint now);

    /// The token that a JWT is. Fails with the reason that the API's 401 gives.
    [[nodiscard]] Result<Token, std::string_view> verify(std::string_view jwt, TimePoint now) const;

    /// The token that a JWT is, expired or not; nothing when this process did not issue it.
    [[nodiscard]] std::optional<Token> identify(std::string_view jwt) const;

    [[nodiscard]] std::chrono::seconds lifetime() const { return lifetime_; }

private:
    [[nodiscard]] std::string sign(std::string_view text) const;

    std::chrono::seconds lifetime_;
    std::string key_;
    std::unordered_map<std::string, Token> by_signature_;
};

/// Base64 with the URL-safe alphabet and no padding (RFC 4648, 5).
[[nodiscard]] std::string base64url(std::string_view bytes);

/// What comes behind "Bearer " in an Authorization header; nothing when it is of another scheme.
[[nodiscard]] std::optional<std::string_view> bearer_token(std::string_view authorization);

} // namespace jit::sandbox
