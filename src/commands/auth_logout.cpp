#include "auth/token_cache.hpp"
#include "commands/properties.hpp"
#include "commands/registry.hpp"
#include "config/edit.hpp"
#include "util/text.hpp"

#include <memory>

namespace jit::commands {
namespace {

struct Options {
    bool all = false;
};

/// Takes the PAT of the environment out of `jit`'s own file. Whether there was one.
Result<bool> forget_in_file(access::Context& context, const std::string& environment) {
    const auto path = config::own_file(context.overrides(), context.environment());
    JIT_TRY(auto text, path ? config::read_text(*path) : std::optional<std::string>());
    if (!text) {
        return false;
    }
    JIT_TRY(const std::string changed, config::without_pat(*text, *path, environment));
    const bool had = changed != *text;
    wipe(*text);
    if (had) {
        if (auto done = config::write_text(*path, changed); !done) {
            return std::move(done).error();
        }
    }
    return had;
}

Result<bool> forget_in_keyring(auth::Keyring& keyring, const std::string& environment) {
    bool had = false;
    for (const char* const service : {auth::k_client_id_service, auth::k_client_secret_service}) {
        JIT_TRY(const bool removed, keyring.remove(service, environment));
        had = had || removed;
    }
    return had;
}

Result<void> run(access::Context& context, const Options& options) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    const std::string environment = settings->environment.value;
    int tokens = 0;
    if (settings->base_url) {
        JIT_TRY(tokens, auth::forget_tokens(context.environment(), settings->base_url->value));
    } else if (!options.all) {
        return config::require_base_url(*settings).error();
    }
    std::vector<json::Property> facts = {{"environment", environment, settings->environment.origin.where},
                                         {"cachedTokensRemoved", std::int64_t{tokens}}};
    if (const auto path = config::own_file(context.overrides(), context.environment())) {
        config::remove_leftovers(*path);
    }
    std::optional<Error> problem;
    if (options.all) {
        JIT_TRY(const bool in_file, forget_in_file(context, environment));
        const auto in_keyring = forget_in_keyring(context.keyring(), environment);
        if (!in_keyring) {
            problem = in_keyring.error();
            problem->message = concat({"the keyring may still have credentials: ", problem->message});
        }
        facts.push_back({"removedFromFile", in_file});
        facts.push_back({"removedFromKeyring", in_keyring ? *in_keyring : false});
    }
    if (auto printed = print_properties(context, facts); !printed) {
        return printed;
    }
    for (const char* const name : {"SAIL_ACCESS_TOKEN", "SAIL_CLIENT_SECRET"}) {
        if (context.environment()(name)) {
            context.log().warn(concat({name, " is still set"}));
        }
    }
    if (options.all && settings->file_pat && *settings->file_pat) {
        const std::string& where = (**settings->file_pat).origin.where;
        if (where.find("/.sailpoint/") != std::string::npos) {
            context.log().warn(concat({where, " still has credentials: that file is the vendor tool's"}));
        }
    }
    return problem ? Result<void>(*std::move(problem)) : Result<void>();
}

} // namespace

Command auth_logout() {
    Command command = {
        "auth logout",
        "Remove cached tokens, and stored credentials",
        "The next command that needs a token gets a new one. With --all, jit also removes the credentials "
        "of the environment from the keyring (the vendor's tool keeps them there as well) and from the "
        "configuration file. The personal access token itself stays valid: to end it, delete it in "
        "SailPoint.",
        "",
        "",
        {{"jit auth logout", "forget the cached token"},
         {"jit auth logout --all", "forget the credentials as well"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<Options>();
            set.flag("--all", options->all, "remove the stored credentials as well").in("Credentials");
            return [options](access::Context& context, const std::vector<std::string>& /*words*/) {
                return run(context, *options);
            };
        },
    };
    command.changes = true;
    return command;
}

} // namespace jit::commands
