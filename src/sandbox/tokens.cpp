#include "sandbox/tokens.hpp"

#include "sandbox/http_message.hpp"
#include "sandbox/json.hpp"
#include "sandbox/random.hpp"
#include "util/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace jit::sandbox {
namespace {

std::string claims(const TenantData& tenant, const Identity& identity, std::string_view jti, TimePoint now,
                   TimePoint expires) {
    const auto unix_time = [](TimePoint time) {
        return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    };
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    put(writer, "org", tenant.org);
    put(writer, "pod", tenant.pod);
    if (identity.pat.user_context) {
        put(writer, "user_name", identity.alias);
        put(writer, "identity_id", identity.id);
    }
    put(writer, "client_id", identity.pat.client_id);
    put_key(writer, "scope");
    writer.StartArray();
    for (const std::string& scope : identity.pat.scopes) {
        put(writer, scope);
    }
    writer.EndArray();
    put_key(writer, "iat");
    writer.Int64(unix_time(now));
    put_key(writer, "exp");
    writer.Int64(unix_time(expires));
    put(writer, "jti", jti);
    writer.EndObject();
    return text_of(buffer);
}

} // namespace

std::string base64url(std::string_view bytes) {
    constexpr std::string_view k_alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    while (!bytes.empty()) {
        const std::size_t count = std::min<std::size_t>(bytes.size(), 3);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = group << 8U | (i < count ? static_cast<unsigned char>(bytes[i]) : 0U);
        }
        for (std::size_t i = 0; i <= count; ++i) {
            out.push_back(k_alphabet[group >> (18U - 6U * i) & 0x3FU]);
        }
        bytes.remove_prefix(count);
    }
    return out;
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
    constexpr std::string_view k_scheme = "Bearer ";
    if (!equal_ignoring_case(authorization.substr(0, k_scheme.size()), k_scheme)) {
        return std::nullopt;
    }
    return trim(authorization.substr(k_scheme.size()));
}

Tokens::Tokens(std::chrono::seconds lifetime) : lifetime_(lifetime), key_(random_bytes(32)) {}

std::string Tokens::sign(std::string_view text) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    return base64url({reinterpret_cast<const char*>(digest.data()), size});
}

IssuedToken Tokens::issue(const TenantData& tenant, std::size_t identity, TimePoint now) {
    const std::string jti = random_uuid();
    const TimePoint expires = now + lifetime_;
    const std::string content =
        concat({base64url(R"({"alg":"HS256","typ":"JWT"})"), ".",
                base64url(claims(tenant, tenant.identities[identity], jti, now, expires))});
    const std::string signature = sign(content);
    by_signature_.emplace(signature, Token{by_signature_.size() + 1, identity, expires});
    return {concat({content, ".", signature}), jti};
}

std::optional<Token> Tokens::identify(std::string_view jwt) const {
    const std::size_t dot = jwt.rfind('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    const auto found = by_signature_.find(std::string(jwt.substr(dot + 1)));
    if (found == by_signature_.end() || sign(jwt.substr(0, dot)) != found->first) {
        return std::nullopt;
    }
    return found->second;
}

Result<Token, std::string_view> Tokens::verify(std::string_view jwt, TimePoint now) const {
    using Verified = Result<Token, std::string_view>;
    if (std::count(jwt.begin(), jwt.end(), '.') != 2) {
        return Verified("JWT is malformed");
    }
    const std::optional<Token> token = identify(jwt);
    if (!token) {
        return Verified("JWT signature is invalid");
    }
    if (now >= token->expires) {
        return Verified("JWT is expired");
    }
    return *token;
}

} // namespace jit::sandbox
