#include "sailpoint/codec.hpp"

#include "util/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace jit::sailpoint {
namespace {

using json::child;
using json::member;
using json::ObjectDocument;
using json::StringBuffer;
using json::text_of;
using json::Value;
using json::view;
using json::write_member;

/// The texts of `causes` or `messages`, joined by "; ".
std::string texts_of(const Value& object, const char* name) {
    const auto found = object.FindMember(name);
    if (found == object.MemberEnd() || !found->value.IsArray()) {
        return {};
    }
    std::string joined;
    for (const Value& item : found->value.GetArray()) {
        const std::string_view text = item.IsObject() ? member(item, "text") : text_of(item);
        if (!trim(text).empty()) {
            joined += concat({joined.empty() ? "" : "; ", trim(text)});
        }
    }
    return joined;
}

/// A header or form value cannot hold blanks or control characters.
bool is_sendable(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// A member that the document holds as a text, so that it can be overwritten; empty where it is none.
std::string_view secret_member(const Value& object, const char* name) {
    const Value* const value = child(object, name);
    return value != nullptr && value->IsString() ? text_of(*value) : std::string_view();
}

/// Overwrites the copy of a secret that a document or buffer holds, which nobody reads again.
void wipe_document(std::string_view text) {
    wipe(const_cast<char*>(text.data()), text.size());
}

/// Seconds since 1970, up to the year 9999.
std::optional<TimePoint> unix_time(std::string_view text) {
    constexpr long k_max = 253402300799;
    const auto seconds = parse_int(text, 0, k_max);
    return seconds ? std::optional(TimePoint(std::chrono::seconds(*seconds))) : std::nullopt;
}

/// Base64 with the URL-safe alphabet (RFC 4648, 5); padding is left out, or not looked at.
std::optional<std::string> decode_base64url(std::string_view text) {
    constexpr std::string_view k_alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    constexpr unsigned k_bits = 6;
    std::string out;
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char c : text.substr(0, text.find('='))) {
        const std::size_t value = k_alphabet.find(c);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        group = (group << k_bits | static_cast<std::uint32_t>(value)) & 0xFFFFU;
        bits += k_bits;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>(group >> bits & 0xFFU));
        }
    }
    return out;
}

} // namespace

std::string encode_request(const OperationRequest& request) {
    StringBuffer buffer;
    rapidjson::Writer<StringBuffer> writer(buffer);
    writer.StartObject();
    write_member(writer, "connectionId", request.connection.str());
    if (request.operation != Operation::deactivate) {
        writer.Key(request.operation == Operation::activate ? "activationPeriodMins"
                                                            : "activationPeriodExtensionMins");
        writer.Int(request.minutes);
    }
    if (!request.request_origin.empty()) {
        write_member(writer, "requestOrigin", request.request_origin);
    }
    if (!request.metadata.empty()) {
        writer.Key("metaData");
        writer.StartObject();
        for (const auto& [name, value] : request.metadata) {
            write_member(writer, name, value);
        }
        writer.EndObject();
    }
    writer.EndObject();
    return std::string(view(buffer));
}

std::optional<Acceptance> decode_acceptance(std::string_view body, Operation operation) {
    const ObjectDocument document(body);
    if (!document.good()) {
        return std::nullopt;
    }
    const Value& root = document.root();
    Acceptance acceptance;
    acceptance.raw = body;
    acceptance.id = member(root, "id");
    acceptance.activation_id = member(root, "activationId");
    acceptance.connection_id = member(root, "connectionId");
    acceptance.minutes = member(root, operation == Operation::extend ? "activationPeriodExtensionMins"
                                                                     : "activationPeriodMins");
    acceptance.status = member(root, "status");
    acceptance.start_time = member(root, "startTime");
    return acceptance;
}

ApiError decode_error(std::string_view body) {
    ApiError error;
    const ObjectDocument document(body);
    if (!document.good()) {
        return error;
    }
    const Value& root = document.root();
    error.detail_code = member(root, "detailCode");
    error.tracking_id = member(root, "trackingId");
    error.text = texts_of(root, "causes");
    if (error.text.empty()) {
        error.text = texts_of(root, "messages");
    }
    for (const char* const name : {"error_description", "error", "message"}) {
        if (error.text.empty()) {
            error.text = trim(member(root, name));
        }
    }
    return error;
}

std::optional<IssuedToken> decode_token(std::string_view body) {
    const ObjectDocument document(body);
    if (!document.good()) {
        return std::nullopt;
    }
    const std::string_view token = secret_member(document.root(), "access_token");
    std::optional<IssuedToken> issued;
    if (is_sendable(token)) {
        issued = IssuedToken{Secret(token)};
        constexpr long k_longest = 365L * 24 * 3600;
        if (const auto life = parse_int(member(document.root(), "expires_in"), 1, k_longest)) {
            issued->lifetime = std::chrono::seconds(*life);
        }
    }
    wipe_document(token);
    return issued;
}

Secret encode_kept_token(const KeptToken& kept) {
    StringBuffer buffer;
    rapidjson::Writer<StringBuffer> writer(buffer);
    const auto seconds = [&writer](std::string_view name, TimePoint time) {
        writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
        writer.Int64(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    };
    writer.StartObject();
    write_member(writer, "base_url", kept.base_url);
    write_member(writer, "client_id", kept.client_id.reveal());
    write_member(writer, "access_token", kept.token.reveal());
    seconds("issued", kept.issued);
    seconds("expires", kept.expires);
    writer.EndObject();
    Secret text(view(buffer));
    wipe_document(view(buffer));
    return text;
}

std::optional<KeptToken> decode_kept_token(std::string_view text) {
    const ObjectDocument document(text);
    if (!document.good()) {
        return std::nullopt;
    }
    const Value& root = document.root();
    const std::string_view token = secret_member(root, "access_token");
    const auto issued = unix_time(member(root, "issued"));
    const auto expires = unix_time(member(root, "expires"));
    std::optional<KeptToken> kept;
    if (is_sendable(token) && issued && expires) {
        kept = KeptToken{std::string(member(root, "base_url")), Secret(member(root, "client_id")),
                         Secret(token), *issued, *expires};
    }
    wipe_document(token);
    return kept;
}

std::optional<TokenClaims> decode_claims(const Secret& jwt) {
    const std::string_view text = jwt.reveal();
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos) {
        return std::nullopt;
    }
    const auto payload = decode_base64url(text.substr(first + 1, second - first - 1));
    const ObjectDocument document(payload ? *payload : "");
    if (!document.good()) {
        return std::nullopt;
    }
    const Value& root = document.root();
    TokenClaims claims;
    claims.user_name = member(root, "user_name");
    claims.identity_id = member(root, "identity_id");
    claims.org = member(root, "org");
    claims.pod = member(root, "pod");
    claims.expires = unix_time(member(root, "exp"));
    const auto scope = root.FindMember("scope");
    if (scope != root.MemberEnd() && scope->value.IsArray()) {
        for (const Value& item : scope->value.GetArray()) {
            claims.scopes.emplace_back(text_of(item));
        }
    } else {
        std::string_view words = member(root, "scope"); // as OAuth 2.0 has it: separated by spaces
        while (!trim(words).empty()) {
            words = trim(words);
            const std::string_view word = words.substr(0, words.find(' '));
            claims.scopes.emplace_back(word);
            words.remove_prefix(word.size());
        }
    }
    return claims;
}

std::optional<PrintedCredentials> decode_printed_credentials(std::string_view text) {
    const ObjectDocument document(text);
    const std::string_view secret =
        document.good() ? secret_member(document.root(), "client_secret") : std::string_view();
    if (secret.empty()) {
        return std::nullopt;
    }
    PrintedCredentials printed{Secret(member(document.root(), "client_id")), Secret(secret)};
    wipe_document(secret);
    return printed;
}

Result<TargetLine, std::string> decode_target_line(std::string_view text) {
    const ObjectDocument document(text);
    if (!document.good()) {
        return std::string("it is not a JSON object");
    }
    TargetLine line{std::string(member(document.root(), "entitlement"))};
    if (trim(line.entitlement).empty()) {
        return std::string("it has no \"entitlement\", which is a text");
    }
    if (!is_utf8(line.entitlement)) { // an escape may be half of a pair
        return std::string("\"entitlement\" is not Unicode");
    }
    const auto minutes = document.root().FindMember("minutes");
    if (minutes != document.root().MemberEnd() && !minutes->value.IsNull()) {
        const auto number = parse_int(text_of(minutes->value), 1, std::numeric_limits<std::int32_t>::max());
        if (!number) {
            return std::string("\"minutes\" is not a whole number from 1 to 2147483647");
        }
        line.minutes = static_cast<std::int32_t>(*number);
    }
    return line;
}

} // namespace jit::sailpoint
