#include "commands/properties.hpp"
#include "commands/registry.hpp"
#include "sailpoint/client.hpp"
#include "sailpoint/codec.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace jit::commands {
namespace {

using json::Property;

struct Options {
    bool check = false;
};

/// Commands and the scopes of which each needs one.
struct Need {
    std::string_view command;
    std::array<std::string_view, 2> scopes;
};
constexpr std::array<Need, 5> k_needs = {{
    {"activate", {"idn:jit-activation-workflow:activate", "idn:jit-activation-workflow:manage"}},
    {"extend", {"idn:jit-activation-workflow:extend", "idn:jit-activation-workflow:manage"}},
    {"deactivate", {"idn:jit-activation-workflow:deactivate", "idn:jit-activation-workflow:manage"}},
    {"list", {"idn:entitlement-connections:read", ""}}, // and with it names, status and ensure
    {"history", {"idn:jit-activation-history-self:read", ""}},
}};

std::vector<std::string> allowed_commands(const sailpoint::TokenClaims& claims) {
    std::vector<std::string> commands;
    for (const Need& need : k_needs) {
        const auto has = [&claims](std::string_view scope) {
            return std::find(claims.scopes.begin(), claims.scopes.end(), scope) != claims.scopes.end();
        };
        const bool all = has("sp:scopes:all");
        if (!claims.user_name.empty() && (all || std::any_of(need.scopes.begin(), need.scopes.end(), has))) {
            commands.emplace_back(need.command);
        }
    }
    return commands;
}

std::string_view format_name(config::OutputFormat format) {
    constexpr std::array<std::string_view, 4> k_names = {"table", "json", "jsonl", "csv"};
    return k_names.at(static_cast<std::size_t>(format));
}

void add_settings(const config::Settings& settings, const access::Context& context,
                  std::vector<Property>& facts) {
    facts.push_back({"environment", settings.environment.value, settings.environment.origin.where});
    if (settings.base_url) {
        facts.push_back({"tenant", settings.base_url->value, settings.base_url->origin.where});
    }
    facts.push_back(
        {"output", std::string(format_name(settings.output.value)), settings.output.origin.where});
    if (settings.default_minutes) {
        facts.push_back({"minutes", std::int64_t{settings.default_minutes->value},
                         settings.default_minutes->origin.where});
    }
    if (settings.client_cert) {
        facts.push_back({"clientCert", settings.client_cert->value, settings.client_cert->origin.where});
    }
    for (const char* const name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}) {
        if (const auto proxy = context.environment()(name)) {
            const std::size_t at = proxy->rfind('@'); // the password before it is nobody's business
            facts.push_back({"proxy", at == std::string::npos ? *proxy : "…" + proxy->substr(at), name});
            break;
        }
    }
}

/// What the token says of itself, and how long it lives by the machine's clock.
void add_token(const Secret& token, std::optional<TimePoint> expires, const std::string& from, TimePoint now,
               std::vector<Property>& facts) {
    const auto claims = sailpoint::decode_claims(token);
    if (!expires && claims) {
        expires = claims->expires;
    }
    if (expires) {
        facts.push_back({"tokenExpires", format_rfc3339(*expires), from});
        facts.push_back(
            {"tokenLife", *expires > now ? relative_words(*expires, now) : std::string("expired")});
    } else {
        facts.push_back({"tokenLife", std::string("unknown"), from});
    }
    if (!claims) {
        return;
    }
    facts.push_back({"user", claims->user_name, "the token"});
    if (!claims->identity_id.empty()) {
        facts.push_back({"identity", claims->identity_id, "the token"});
    }
    facts.push_back({"org", claims->org, "the token"});
    facts.push_back({"pod", claims->pod, "the token"});
    facts.push_back({"scopes", claims->scopes, "the token"});
    facts.push_back({"commands", allowed_commands(*claims), "scopes and user of the token"});
}

void add_clock(std::optional<TimePoint> server, TimePoint before, TimePoint after,
               std::vector<Property>& facts) {
    if (!server) {
        return;
    }
    // The server's time has whole seconds, and was told somewhere between the two.
    const auto ahead = std::chrono::floor<std::chrono::seconds>(before) - *server;
    const auto behind = *server - after;
    std::int64_t seconds = 0;
    if (ahead > std::chrono::seconds(1)) {
        seconds = std::chrono::duration_cast<std::chrono::seconds>(ahead).count();
    } else if (behind > std::chrono::seconds(1)) {
        seconds = -std::chrono::ceil<std::chrono::seconds>(behind).count();
    }
    facts.push_back({"clockAhead", seconds, "seconds; the machine against the server's answer"});
}

/// Asks the tenant for a token, or with the one that was given.
Result<void> check(access::Context& context, const auth::Credentials& credentials,
                   const std::string& base_url, std::vector<Property>& facts) {
    JIT_TRY(http::Transport* const transport, context.transport());
    const TimePoint before = context.now();
    if (const auto* const pat = std::get_if<auth::Pat>(&credentials)) {
        JIT_TRY(const Secret secret, pat->client_secret());
        context.console().redactor().add(secret, "client secret");
        JIT_TRY(const sailpoint::IssuedToken issued,
                sailpoint::request_token(*transport, base_url, pat->client_id, secret, context.clock()));
        context.console().redactor().add(issued.token, "token");
        const auto cache = context.token_cache(base_url, pat->client_id);
        if (cache) {
            auto kept = *cache;
            kept.keep(issued, before);
        }
        add_token(issued.token,
                  issued.lifetime ? std::optional<TimePoint>(before + *issued.lifetime) : std::nullopt,
                  "the tenant, now", context.now(), facts);
        add_clock(issued.server_time, before, context.now(), facts);
        return {};
    }
    const auto& token = std::get<config::Setting<Secret>>(credentials);
    JIT_TRY(const auto server, sailpoint::check_token(*transport, base_url, token.value, context.clock()));
    add_token(token.value, std::nullopt, token.origin.where, context.now(), facts);
    add_clock(server, before, context.now(), facts);
    return {};
}

/// The same without any request.
void add_token_facts(access::Context& context, const auth::Credentials& credentials,
                     const std::string& base_url, std::vector<Property>& facts) {
    if (const auto* const token = std::get_if<config::Setting<Secret>>(&credentials)) {
        add_token(token->value, std::nullopt, token->origin.where, context.now(), facts);
        return;
    }
    const auto cache = context.token_cache(base_url, std::get<auth::Pat>(credentials).client_id);
    const auto kept = cache ? cache->find() : std::nullopt;
    if (!kept) {
        facts.push_back({"tokenLife", std::string("none yet: the first command that needs one gets it")});
        return;
    }
    context.console().redactor().add(kept->token, "token");
    add_token(kept->token, kept->expires, cache->path(), context.now(), facts);
}

Result<void> run(access::Context& context, const Options& options) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    std::vector<Property> facts;
    add_settings(*settings, context, facts);
    const auto work = [&]() -> Result<void> {
        JIT_TRY(const std::string base_url, context.base_url());
        JIT_TRY(const auth::Credentials credentials, context.credentials());
        if (const auto* const pat = std::get_if<auth::Pat>(&credentials)) {
            context.console().redactor().add(pat->client_id, "client ID");
            facts.push_back({"credentials", std::string("personal access token"), pat->where});
        } else {
            const auto& token = std::get<config::Setting<Secret>>(credentials);
            context.console().redactor().add(token.value, "token");
            facts.push_back({"credentials", std::string("access token"), token.origin.where});
        }
        if (!options.check) {
            add_token_facts(context, credentials, base_url, facts);
            return {};
        }
        auto checked = check(context, credentials, base_url, facts);
        facts.push_back({"accepted", checked.has_value(), base_url});
        return checked;
    };
    auto done = work();
    // What is known is shown in any case; the error says what is missing.
    if (auto printed = print_properties(context, facts); !printed) {
        return printed;
    }
    return done;
}

} // namespace

Command auth_status() {
    return {
        "auth status",
        "Show settings, credentials and their sources",
        "Who you are, for which tenant, how long the access token lives, which scopes it has and which "
        "commands they allow. Makes no request, unless --check is given. Ends with code 0 where there are "
        "credentials (with --check: and the tenant accepts them), with 2 where there are none, with 3 "
        "where they are refused.",
        "",
        "",
        {{"jit auth status", "which settings are used, and where they come from"},
         {"jit auth status --check", "whether the tenant accepts it"},
         {"jit auth status -o json | jq -r .tenant.value", "one of them, for a script"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<Options>();
            set.flag("--check", options->check, "check the credentials with the tenant").in("Credentials");
            return [options](access::Context& context, const std::vector<std::string>& /*words*/) {
                return run(context, *options);
            };
        },
        {"With `--check`, it also shows how the machine's clock differs from the server's."},
    };
}

} // namespace jit::commands
