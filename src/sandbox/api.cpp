#include "sandbox/api.hpp"

#include "base/text.hpp"
#include "sandbox/api_error.hpp"
#include "sandbox/inspection.hpp"
#include "sandbox/jit_activations.hpp"
#include "sandbox/oauth.hpp"

#include <algorithm>
#include <array>

namespace jit::sandbox {
namespace {

/// One operation of the API behind an access token. Any one of the scopes is enough.
struct Route {
    std::string_view method;
    std::string_view path;
    std::array<std::string_view, 2> scopes;
    bool experimental; ///< needs the header X-SailPoint-Experimental
    Response (*run)(State&, const Caller&, const Request&, TimePoint);
};

constexpr std::string_view k_manage_workflows = "idn:jit-activation-workflow:manage";
constexpr std::string_view k_all_scopes = "sp:scopes:all";

constexpr std::array<Route, 3> k_routes = {{
    {"POST",
     "/jit-activations/v1/activate",
     {"idn:jit-activation-workflow:activate", k_manage_workflows},
     true,
     activate},
    {"POST",
     "/jit-activations/v1/extend",
     {"idn:jit-activation-workflow:extend", k_manage_workflows},
     true,
     extend},
    {"POST",
     "/jit-activations/v1/deactivate",
     {"idn:jit-activation-workflow:deactivate", k_manage_workflows},
     true,
     deactivate},
}};

bool is_own_path(std::string_view path) {
    return path == "/sandbox" || path.starts_with("/sandbox/");
}

bool may(const Identity& identity, const Route& route) {
    return std::any_of(identity.pat.scopes.begin(), identity.pat.scopes.end(), [&](std::string_view scope) {
        return scope == k_all_scopes ||
               std::find(route.scopes.begin(), route.scopes.end(), scope) != route.scopes.end();
    });
}

/// What the gateway and the service check alike for each operation: token, rate, user, scope, header.
Response run_route(State& state, const Route& route, const Request& request, TimePoint now) {
    const std::optional<std::string_view> authorization = request.header("Authorization");
    const std::optional<std::string_view> jwt =
        authorization ? bearer_token(*authorization) : std::optional<std::string_view>();
    if (!jwt) {
        return unauthorized("JWT is missing");
    }
    const auto token = state.tokens.verify(*jwt, now);
    if (!token) {
        return unauthorized(token.error());
    }
    if (const auto wait = state.limiter.refuse(token->ordinal, now)) {
        return rate_limited(*wait);
    }
    const Identity& identity = state.tenant.identity(token->identity);
    if (!identity.pat.user_context) {
        return api_error(Fault::forbidden, "The access token has no user context.");
    }
    if (!may(identity, route)) {
        return api_error(Fault::forbidden, cat({"The access token has none of the scopes ", route.scopes[0],
                                                ", ", route.scopes[1], "."}));
    }
    if (route.experimental &&
        !equal_ignoring_case(request.header("X-SailPoint-Experimental").value_or(""), "true")) {
        return api_error(Fault::bad_content,
                         "The header X-SailPoint-Experimental: true is required for this experimental API.");
    }
    return route.run(state, Caller{token->identity}, request, now);
}

Response answer(State& state, const Request& request, TimePoint now) {
    if (is_own_path(request.path)) {
        return inspect(state, request, now);
    }
    if (request.path == "/oauth/token") {
        return request.method == "POST" ? answer_token_request(state.tenant, state.tokens, request, now)
                                        : method_not_allowed(request, "POST");
    }
    std::string allowed;
    for (const Route& route : k_routes) {
        if (route.path != request.path) {
            continue;
        }
        if (route.method == request.method) {
            return run_route(state, route, request, now);
        }
        allowed += cat({allowed.empty() ? "" : ", ", route.method});
    }
    return allowed.empty() ? no_such_path(request) : method_not_allowed(request, allowed);
}

} // namespace

Api::Receipt Api::receive(const Request& request, TimePoint now) {
    if (is_own_path(request.path)) {
        return std::nullopt;
    }
    return state_.journal.record(request, state_.tokens, now);
}

Response Api::apply(const Receipt& receipt, const Request& request, TimePoint now) {
    Response response = answer(state_, request, now);
    answered(receipt, response.status);
    return response;
}

void Api::answered(const Receipt& receipt, int status) {
    if (receipt) {
        state_.journal.answered(*receipt, status);
    }
}

} // namespace jit::sandbox
