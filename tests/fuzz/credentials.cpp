// What holds a secret: tokens as the service, the cache and a JWT have them, and printed credentials.

#include "io/redactor.hpp"
#include "json.hpp"
#include "promise.hpp"
#include "sailpoint/codec.hpp"
#include "util/text.hpp"

#include <algorithm>

using namespace jit;
using namespace jit::fuzz;
using namespace jit::sailpoint;

namespace {

bool is_sendable(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

/// The payload of a JWT that says `text` (RFC 4648, 5; without padding).
Secret jwt_with(std::string_view text) {
    constexpr std::string_view k_alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string bits;
    for (const char c : text) {
        for (int i = 7; i >= 0; --i) {
            bits.push_back((static_cast<unsigned char>(c) >> static_cast<unsigned>(i) & 1U) != 0 ? '1' : '0');
        }
    }
    bits.append((6 - bits.size() % 6) % 6, '0');
    std::string jwt = "e30.";
    for (std::size_t i = 0; i < bits.size(); i += 6) {
        jwt.push_back(k_alphabet[std::stoul(bits.substr(i, 6), nullptr, 2)]);
    }
    return Secret(jwt + ".c2ln");
}

void check_kept(const KeptToken& kept) {
    const auto again = decode_kept_token(encode_kept_token(kept).reveal());
    promise(again && again->base_url == kept.base_url &&
                again->client_id.reveal() == kept.client_id.reveal() &&
                again->token.reveal() == kept.token.reveal() && again->issued == kept.issued &&
                again->expires == kept.expires,
            "a token that was kept is found again");
}

void check_tokens(std::string_view text) {
    if (const auto issued = decode_token(text)) {
        promise(is_sendable(issued->token.reveal()), "a token can be sent in a header");
        promise(!issued->lifetime || issued->lifetime->count() >= 1, "a token lives at least a second");
    }
    if (const auto kept = decode_kept_token(text)) {
        promise(is_sendable(kept->token.reveal()), "a token from the cache can be sent in a header");
        if (is_utf8(kept->base_url) && is_utf8(kept->client_id.reveal())) { // no lone surrogates
            check_kept(*kept);
        }
    }
    if (is_sendable(text)) {
        check_kept(
            {std::string(text), Secret(text), Secret(text), TimePoint(), TimePoint(std::chrono::hours(1))});
    }
    if (const auto printed = decode_printed_credentials(text)) {
        promise(!printed->client_secret.empty(), "printed credentials have a secret");
    }
}

void check_claims(std::string_view text) {
    const auto claims = decode_claims(jwt_with(text));
    const auto object = decode_acceptance(text, Operation::activate);
    promise(claims.has_value() == object.has_value(), "a JWT's payload is any JSON object");
    if (claims && claims->expires) {
        promise(parse_rfc3339(format_rfc3339(*claims->expires)) == claims->expires,
                "a token's end is an RFC 3339 time");
    }
    (void)decode_claims(Secret(text));
}

void check_redactor(std::string_view line, std::string_view rest) {
    // Brackets are the redactor's own, and real secrets are of printable ASCII.
    if (!is_sendable(line) || line.find_first_of("[]") != std::string_view::npos) {
        return;
    }
    io::Redactor redactor;
    redactor.add(Secret(line), "x");
    const std::string encoded = percent_encode(line);
    const std::string quoted = quote(line);
    const std::string text =
        concat({rest, " ", line, " ", rest, " ", encoded, " ", rest, " ", quoted, " ", rest});
    const std::string shown = redactor.apply(text);
    if (line.size() < 8) {
        promise(shown == text, "what is too short for a secret is shown");
        return;
    }
    for (const std::string_view form : {line, std::string_view(encoded), std::string_view(quoted)}) {
        promise(shown.find(form) == std::string::npos, "a secret is not shown");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    check_tokens(text);
    check_claims(text);
    const TwoParts parts = two_parts(text);
    check_redactor(parts.line, parts.rest);
    return 0;
}
