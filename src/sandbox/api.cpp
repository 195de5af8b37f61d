#include "sandbox/api.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/connection_list.hpp"
#include "sandbox/history_list.hpp"
#include "sandbox/inspection.hpp"
#include "sandbox/jit_activations.hpp"
#include "sandbox/oauth.hpp"
#include "sandbox/policy.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>

namespace jit::sandbox {
namespace {

/// One operation of the API behind an access token. Any one of the scopes is enough.
struct Route {
    std::string_view method;
    std::string_view path;                  ///< ends with "/*" where the last part is a parameter
    std::array<std::string_view, 2> scopes; ///< the second may be empty
    std::string_view level;                 ///< the user level that is needed
    bool experimental;                      ///< needs the header X-SailPoint-Experimental
    Response (*run)(State&, const Caller&, const Request&, TimePoint);
};

constexpr std::string_view k_manage_workflows = "idn:jit-activation-workflow:manage";
constexpr std::string_view k_all_scopes = "sp:scopes:all";

constexpr std::string_view k_user = "USER";
constexpr std::string_view k_org_admin = "ORG_ADMIN";
constexpr std::string_view k_policy_admin = "POLICY_ADMIN";

constexpr std::array<Route, 8> k_routes = {{
    {"POST",
     "/jit-activations/v1/activate",
     {"idn:jit-activation-workflow:activate", k_manage_workflows},
     k_user,
     true,
     activate},
    {"POST",
     "/jit-activations/v1/extend",
     {"idn:jit-activation-workflow:extend", k_manage_workflows},
     k_user,
     true,
     extend},
    {"POST",
     "/jit-activations/v1/deactivate",
     {"idn:jit-activation-workflow:deactivate", k_manage_workflows},
     k_user,
     true,
     deactivate},
    {"GET",
     "/entitlement-connections/v1/current-identity",
     {"idn:entitlement-connections:read"},
     k_user,
     false,
     list_my_connections},
    {"GET",
     "/entitlement-connections/v1",
     {"idn:entitlement-connections:list"},
     k_org_admin,
     false,
     list_connections},
    {"GET",
     "/jit-activation-history/v1/current-identity",
     {"idn:jit-activation-history-self:read"},
     k_user,
     true,
     list_my_history},
    {"GET",
     "/jit-activation-history/v1",
     {"idn:jit-activation-history:read"},
     k_org_admin,
     true,
     list_history},
    {"GET",
     "/jit-activation-config/v1/*",
     {"idn:jit-policy:read", "idn:jit-policy:manage"},
     k_policy_admin,
     true,
     get_policy},
}};

bool leads_to(std::string_view path, const Route& route) {
    if (!route.path.ends_with("/*")) {
        return path == route.path;
    }
    const std::string_view before = route.path.substr(0, route.path.size() - 1);
    return path.starts_with(before) && path.size() > before.size() &&
           path.find('/', before.size()) == std::string_view::npos;
}

bool is_own_path(std::string_view path) {
    return path == "/sandbox" || path.starts_with("/sandbox/");
}

bool may(const Identity& identity, const Route& route) {
    return std::any_of(identity.pat.scopes.begin(), identity.pat.scopes.end(), [&](std::string_view scope) {
        return scope == k_all_scopes ||
               std::find(route.scopes.begin(), route.scopes.end(), scope) != route.scopes.end();
    });
}

/// Everybody is a user, whatever else.
bool has_level(const Identity& identity, std::string_view level) {
    return level == k_user ||
           std::find(identity.levels.begin(), identity.levels.end(), level) != identity.levels.end();
}

/// What the gateway and the service check alike for each operation: token, rate, user, scope, user level,
/// header.
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
    if (const auto wait = state.limiter.refuse(token->identity, now)) {
        return rate_limited(*wait);
    }
    const Identity& identity = state.tenant.identity(token->identity);
    if (!identity.pat.user_context) {
        return api_error(ApiError::forbidden, "The access token has no user context.");
    }
    if (!may(identity, route)) {
        return api_error(ApiError::forbidden,
                         route.scopes[1].empty()
                             ? concat({"The access token does not have the scope ", route.scopes[0], "."})
                             : concat({"The access token has none of the scopes ", route.scopes[0], ", ",
                                       route.scopes[1], "."}));
    }
    if (!has_level(identity, route.level)) {
        return api_error(ApiError::forbidden, concat({"The user level ", route.level, " is required."}));
    }
    if (route.experimental &&
        !equal_ignoring_case(request.header("X-SailPoint-Experimental").value_or(""), "true")) {
        return api_error(ApiError::bad_content,
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
        if (!leads_to(request.path, route)) {
            continue;
        }
        if (route.method == request.method) {
            return run_route(state, route, request, now);
        }
        allowed += concat({allowed.empty() ? "" : ", ", route.method});
    }
    return allowed.empty() ? no_such_path(request) : method_not_allowed(request, allowed);
}

} // namespace

Api::Receipt Api::receive(const Request& request, TimePoint now) {
    if (is_own_path(request.path)) {
        return {};
    }
    const std::optional<Fault> fault = state_.faults.on_request(request);
    return {state_.journal.record(request, state_.tokens, fault ? fault->text : "", now), fault};
}

Response Api::apply(const Request& request, TimePoint now) {
    return answer(state_, request, now);
}

void Api::answered(const Receipt& receipt, int status) {
    if (receipt.ticket) {
        state_.journal.answered(*receipt.ticket, status);
    }
}

void Api::refused(const Request& request, int status, TimePoint now) {
    if (!is_own_path(request.path)) {
        state_.journal.answered(state_.journal.record(request, state_.tokens, "", now), status);
    }
}

Response Api::handle(const Request& request, TimePoint now) {
    const Receipt receipt = receive(request, now);
    Response response = apply(request, now);
    answered(receipt, response.status);
    return response;
}

} // namespace jit::sandbox
