#include "sailpoint/client.hpp"

#include "base/text.hpp"
#include "http/retry_after.hpp"
#include "sailpoint/codec.hpp"
#include "sailpoint/errors.hpp"

namespace jit::sailpoint {
namespace {

constexpr int k_ok = 200;
constexpr int k_accepted = 202;
constexpr int k_unauthorized = 401;

Purpose purpose_of(const OperationRequest& request) {
    const std::string name(operation_name(request.operation));
    Purpose purpose{cat({name, " of ", request.connection.str()}), true};
    purpose.if_forbidden = cat({"it takes the scope idn:jit-activation-workflow:", name,
                                " (or :manage), and a token that belongs to a user"});
    if (request.operation == Operation::activate) {
        purpose.if_missing = "check the connection ID: it must be one of your own JIT connections";
        purpose.if_refused = "correct what the reason names; the tenant's policy sets the most minutes";
    } else {
        purpose.if_missing = cat({"if nothing is active there, start it: jit activate -e ",
                                  request.connection.str(), " -m MINUTES"});
        purpose.if_refused = purpose.if_missing;
        if (request.operation == Operation::extend) {
            purpose.if_refused = "it must be active, and the tenant's policy sets the most minutes";
        }
    }
    return purpose;
}

} // namespace

http::Request operation_request(const std::string& base_url, const OperationRequest& request) {
    http::Request out;
    out.method = http::Method::post;
    out.url = cat({base_url, "/jit-activations/v1/", operation_name(request.operation)});
    out.headers = {{"Accept", "application/json"},
                   {"Content-Type", "application/json"},
                   {"X-SailPoint-Experimental", "true"}};
    out.body = Secret(encode_request(request));
    return out;
}

Result<IssuedToken> request_token(http::Transport& transport, const std::string& base_url,
                                  const Secret& client_id, const Secret& client_secret, const Clock& clock) {
    Purpose purpose{"the token request", false};
    purpose.if_token_refused = purpose.if_refused = purpose.if_forbidden =
        "check the client ID and secret: are they of this tenant, and is the personal access token still "
        "there?";
    purpose.if_missing = "check the base URL: does it name the tenant's API host?";

    http::Request request;
    request.method = http::Method::post;
    request.url = base_url + "/oauth/token";
    request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
    request.confidential = true;
    std::string id = percent_encode(client_id.reveal());
    std::string secret = percent_encode(client_secret.reveal());
    std::string form = cat({"grant_type=client_credentials&client_id=", id, "&client_secret=", secret});
    request.body = Secret::take(form);
    wipe(id);
    wipe(secret);

    http::Outcome outcome = transport.send(request);
    if (!outcome) {
        return failure_error(outcome.error(), purpose);
    }
    if (outcome->status != k_ok) {
        Error error = response_error(*outcome, purpose, clock.now());
        if (outcome->status == 400) {
            error.code = ExitCode::unauthenticated; // how OAuth 2.0 (RFC 6749, 5.2) refuses credentials
        }
        return error;
    }
    std::optional<IssuedToken> issued = decode_token(outcome->body);
    wipe(outcome->body);
    if (!issued) {
        return body_error(*outcome, purpose, "without an access token");
    }
    if (const auto date = outcome->header("date")) {
        issued->server_time = http::parse_http_date(*date);
    }
    return *std::move(issued);
}

Result<std::optional<TimePoint>> check_token(http::Transport& transport, const std::string& base_url,
                                             const Secret& token, const Clock& clock) {
    Purpose purpose{"the check of the access token", false};
    purpose.if_token_refused = "get a new token: this one has expired or is of another tenant";
    http::Request request;
    request.url = base_url + "/entitlement-connections/v1/current-identity?limit=1";
    request.headers = {{"Accept", "application/json"}, {"X-SailPoint-Experimental", "true"}};
    request.bearer = token;
    const http::Outcome outcome = transport.send(request);
    if (!outcome) {
        return failure_error(outcome.error(), purpose);
    }
    // Whoever is forbidden something, or is told that a feature is off, is known.
    constexpr int k_forbidden = 403;
    constexpr int k_not_enabled = 412;
    const int status = outcome->status;
    if (status != k_ok && status != k_forbidden && status != k_not_enabled) {
        return response_error(*outcome, purpose, clock.now());
    }
    const auto date = outcome->header("date");
    return date ? http::parse_http_date(*date) : std::nullopt;
}

Result<http::Response> Client::send(http::Request request, const Purpose& purpose) {
    for (bool again = true;; again = false) {
        JIT_TRY(request.bearer, tokens_.token());
        http::Outcome outcome = transport_.send(request);
        if (!outcome) {
            return failure_error(outcome.error(), purpose);
        }
        if (outcome->status != k_unauthorized || !again || !tokens_.renew(request.bearer)) {
            return *std::move(outcome);
        }
    }
}

Result<Acceptance> Client::start(const OperationRequest& operation) {
    Purpose purpose = purpose_of(operation);
    purpose.if_token_refused = tokens_.when_refused();
    const Result<http::Response> outcome = send(operation_request(base_url_, operation), purpose);
    if (!outcome) {
        return outcome.error();
    }
    if (outcome->status != k_accepted) {
        return response_error(*outcome, purpose, clock_.now());
    }
    std::optional<Acceptance> acceptance = decode_acceptance(outcome->body, operation.operation);
    if (!acceptance) {
        return body_error(*outcome, purpose, "without a JSON object in it");
    }
    // An answer that names another connection is not one to what was asked.
    if (!acceptance->connection_id.empty() &&
        Uuid::parse(acceptance->connection_id) != operation.connection) {
        return body_error(*outcome, purpose, cat({"for another connection, ", acceptance->connection_id}));
    }
    return *std::move(acceptance);
}

} // namespace jit::sailpoint
