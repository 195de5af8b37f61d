#include "commands/output.hpp"
#include "commands/registry.hpp"
#include "sailpoint/codec.hpp"
#include "util/text.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace jit::commands {
namespace {

/// The kind of credentials, and where they came from.
struct SignIn {
    std::string kind;
    std::string where;
};

SignIn sign_in_of(const auth::Credentials& credentials) {
    if (const auto* const pat = std::get_if<auth::Pat>(&credentials)) {
        return {"personal access token", pat->where};
    }
    return {"access token", std::get<config::Setting<Secret>>(credentials).origin.where};
}

Fields fields() {
    return {{{"user"}, {"identityId"}, {"tenant"}, {"environment"}, {"credentials"}, {"from"}, {"expiresAt"}},
            {"user", "tenant", "credentials", "expiresAt"}};
}

Result<void> run(access::Context& context) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    JIT_TRY(const std::string tenant, context.base_url());
    JIT_TRY(const auth::Credentials credentials, context.credentials());
    const SignIn sign_in = sign_in_of(credentials);
    JIT_TRY(const Secret token, context.token());
    const auto claims = sailpoint::decode_claims(token);
    const std::string user = claims ? claims->user_name : "";
    const std::string identity = claims ? claims->identity_id : "";
    const auto expires = claims ? claims->expires : std::nullopt;
    if (settings->output.value == config::OutputFormat::table && context.view().columns.empty()) {
        const std::string who = !user.empty() ? user : !identity.empty() ? identity : "an unknown user";
        const std::string until = expires ? concat({", until ", context.time_text(*expires)}) : "";
        const std::string line =
            concat({who, " at ", tenant, " (", sign_in.kind, " from ", sign_in.where, until, ")"});
        return context.console().result(context.console().safe(line) + "\n");
    }
    Record record{"{}", {}, {}};
    const auto add = [&](const char* key, const std::string& value) {
        record.values.emplace_back(value);
        if (!value.empty()) {
            record.members.push_back({key, value});
        }
    };
    add("user", user);
    add("identityId", identity);
    add("tenant", tenant);
    add("environment", settings->environment.value);
    add("credentials", sign_in.kind);
    add("from", sign_in.where);
    add("expiresAt", expires ? format_rfc3339(*expires) : "");
    return print_one(context, fields(), record);
}

} // namespace

Command whoami() {
    Command command = {
        "whoami",
        "Show who you are, and on which tenant",
        "One line: the user, the tenant, and the credentials that prove it. `jit auth status` shows every "
        "setting, and what the token allows.",
        "",
        "",
        {{"jit whoami", "who you are"}, {"jit whoami -o json | jq -r .user", "for a script"}},
        [](OptionSet&) -> Run {
            return [](access::Context& context, const std::vector<std::string>&) { return run(context); };
        },
        {"The user comes from the access token. jit gets a token where it has none; it sends nothing else. "
         "JSON has `user`, `identityId`, `tenant`, `environment`, `credentials`, `from` and `expiresAt`: "
         "the end of the access token. What the token does not say is left out."},
    };
    command.fields = [] { return names_of(fields()); };
    return command;
}

} // namespace jit::commands
