#include "commands/properties.hpp"
#include "commands/registry.hpp"
#include "config/base_url.hpp"
#include "config/destination.hpp"
#include "config/edit.hpp"
#include "io/prompt.hpp"
#include "sailpoint/client.hpp"
#include "sailpoint/codec.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <memory>

namespace jit::commands {
namespace {

struct Options {
    std::string client_id;
    bool secret_on_stdin = false;
    std::optional<bool> activate; ///< --activate, --no-activate
};

/// Who is to be logged in, and where to.
struct ResolveOptions {
    std::string environment;
    std::string base_url;
    config::ClientCredentials pat;
    bool says_pat = false; ///< the environment's people sign in otherwise, by a file
    std::optional<config::Setting<std::string>> active = {}; ///< the active environment, where there is one
};

/// A name for the environment: the tenant's, or "default" for a host that has none.
std::string name_of(const std::string& base_url) {
    std::string host = base_url.substr(base_url.find("://") + 3);
    host = host.substr(0, host.find_first_of(":/"));
    const std::string label = host.substr(0, host.find('.'));
    const bool is_name = label != "localhost" && label.find_first_not_of("0123456789[") != std::string::npos;
    return is_name ? label : "default";
}

bool is_environment_name(const std::string& name) {
    constexpr std::size_t k_longest = 64;
    return !name.empty() && name.size() <= k_longest && is_utf8(name) && sanitize(name) == name &&
           std::all_of(name.begin(), name.end(), [](char c) {
               const bool ascii = static_cast<unsigned char>(c) < 0x80U; // letters of all languages will do
               return !ascii || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                      c == '-';
           });
}

Result<std::string> ask_base_url(access::Context& context, const config::Settings& settings) {
    const std::string known = settings.base_url ? settings.base_url->value : "";
    JIT_TRY(const Secret answer, io::ask(context.console(), context.interrupt(),
                                         concat({"Tenant name or base URL",
                                                 known.empty() ? "" : concat({" [", known, "]"}), ": "})));
    const std::string_view text = trim(answer.reveal());
    return config::parse_base_url(text.empty() ? known : text, "the base URL");
}

Result<std::string> choose_environment(access::Context& context, const config::Settings& settings,
                                       const std::string& base_url) {
    using Kind = config::Origin::Kind;
    const bool asked = settings.environment.origin.kind == Kind::option ||
                       settings.environment.origin.kind == Kind::environment;
    // The active one, where that is of this tenant already.
    const bool same = settings.base_url && settings.base_url->value == base_url && !settings.keyring_refused;
    const std::string name = asked || same ? settings.environment.value : name_of(base_url);
    if (!is_environment_name(name)) {
        return usage_error("the name of an environment has letters, digits, '.', '_' and '-' only");
    }
    // The keyring knows environments by their name alone: that of the vendor's tool must stay that tenant's.
    JIT_TRY(const auto theirs, config::vendor_base_url(context.environment(), name));
    if (theirs && theirs->value != base_url) {
        return usage_error(concat({"environment ", name, " is ", theirs->value, " (", theirs->origin.where,
                                   "), not ", base_url, "; nothing was stored"}),
                           "choose another name: --env NAME");
    }
    return name;
}

Result<ResolveOptions> reconcile(access::Context& context, const Options& options) {
    config::Overrides& overrides = context.overrides();
    const bool url_given = overrides.base_url.has_value();
    JIT_TRY(const config::Settings* const settings, context.settings());
    const bool may_ask = context.interactive() && !options.secret_on_stdin;

    ResolveOptions wanted;
    JIT_TRY(wanted.base_url,
            may_ask && !url_given ? ask_base_url(context, *settings) : config::require_base_url(*settings));
    JIT_TRY(wanted.environment, choose_environment(context, *settings, wanted.base_url));
    overrides.environment = wanted.environment;
    JIT_TRY(const config::Settings own, config::load(overrides, context.environment()));
    if (own.active_in_files && config::has_environment(own, own.active_in_files->value)) {
        wanted.active = own.active_in_files;
    }
    wanted.says_pat = own.no_pat && own.auth_type->origin.kind == config::Origin::Kind::file;
    if (own.command) {
        const std::string where = *own.command ? (**own.command).origin.where : "its file";
        return usage_error(concat({"environment ", wanted.environment, " has a credential_command (", where,
                                   "), which comes before what is stored; nothing was stored"}),
                           "remove that, or choose another name: --env NAME");
    }

    const std::string where = "what was entered";
    wanted.pat.origin.where = where;
    wanted.pat.client_id = Secret(trim(options.client_id));
    if (wanted.pat.client_id.empty() && may_ask) {
        JIT_TRY(const Secret answer, io::ask(context.console(), context.interrupt(), "Client ID: "));
        wanted.pat.client_id = Secret(trim(answer.reveal()));
    } else if (wanted.pat.client_id.empty() && (own.client_id || own.environment_pat)) {
        wanted.pat.client_id = own.environment_pat ? own.environment_pat->client_id : own.client_id->value;
    }
    if (wanted.pat.client_id.empty()) {
        return usage_error("no client ID is given", "add --client-id ID");
    }
    if (options.secret_on_stdin) {
        constexpr std::size_t k_max = 4096;
        JIT_TRY(wanted.pat.client_secret, io::read_input(context.interrupt(), k_max));
    } else if (may_ask) {
        JIT_TRY(wanted.pat.client_secret,
                io::ask_secret(context.console(), context.interrupt(), "Client secret (it is not shown): "));
    } else {
        return usage_error("cannot ask for the client secret: there is no terminal",
                           "give it on standard input, with --with-secret-stdin");
    }
    wanted.pat.client_secret = Secret(trim(wanted.pat.client_secret.reveal()));
    context.console().redactor().add(wanted.pat.client_secret, "client secret");
    context.console().redactor().add(wanted.pat.client_id, "client ID");
    if (wanted.pat.client_secret.empty()) {
        return usage_error("no client secret is given");
    }
    JIT_TRY(wanted.pat.client_id, auth::sendable(wanted.pat.client_id, where));
    JIT_TRY(wanted.pat.client_secret, auth::sendable(wanted.pat.client_secret, where));
    return wanted;
}

/// Both or none: half a pair, or the half of an old one, would come before what is kept elsewhere.
Result<void> store_in_keyring(auth::Keyring& keyring, const ResolveOptions& wanted) {
    auto done = keyring.store(auth::k_client_secret_service, wanted.environment, wanted.pat.client_secret);
    if (done) {
        done = keyring.store(auth::k_client_id_service, wanted.environment, wanted.pat.client_id);
        if (!done) {
            (void)keyring.remove(auth::k_client_secret_service, wanted.environment);
        }
    }
    return done;
}

/// What comes before the stored credentials when they are looked for.
void warn_of_variables(access::Context& context, const std::string& environment) {
    for (const char* const name : {"SAIL_ACCESS_TOKEN", "SAIL_CLIENT_SECRET", "SAIL_BASE_URL"}) {
        if (context.environment()(name)) {
            context.log().warn(concat({name, " is set and comes before what was stored now"}));
        }
    }
    if (const auto auth_type = context.environment()("SAIL_AUTHTYPE");
        auth_type && to_lower(*auth_type) != "pat") {
        context.log().warn("SAIL_AUTHTYPE is set to another way to sign in than what was stored now");
    }
    const auto active = context.environment()("SAIL_ACTIVEENVIRONMENT");
    if (active && fold_case(*active) != fold_case(environment)) {
        context.log().warn(
            concat({"SAIL_ACTIVEENVIRONMENT is set to another environment than ", environment}));
    }
}

/// Says what a link leads to, and what may become of it, before anybody enters a secret.
void tell_of(access::Context& context, const std::string& path, const config::Destination& file) {
    if (file.is_link) {
        context.log().note(concat({path, " is a link to ", file.path, ", where the environment is written"}));
    }
    if (file.work_tree) {
        context.log().warn(concat({file.path, " is in the git work tree ", *file.work_tree,
                                   ": a secret that is kept in it as text may be published"}));
    }
}

bool is_active(const ResolveOptions& wanted) {
    return wanted.active && fold_case(wanted.active->value) == fold_case(wanted.environment);
}

/// Says which environment is the active one now, where that was another before.
void tell_active(access::Context& context, const ResolveOptions& wanted, bool activated) {
    if (!wanted.active || is_active(wanted)) {
        return;
    }
    const std::string& other = wanted.active->value;
    context.log().note(
        activated ? concat({"the active environment is ", wanted.environment, " now; it was ", other})
                  : concat({"the active environment is still ", other, " (", wanted.active->origin.where,
                            "); for this one: --env ", wanted.environment,
                            ", or make it the active one: jit auth login --activate"}));
}

Result<void> run(access::Context& context, const Options& options) {
    const auto path = config::own_file(context.overrides(), context.environment());
    if (!path) {
        return usage_error("there is no home to keep the configuration in", "name a file: --config FILE");
    }
    // Whether this is a file that can be written is known before anything is asked for, sent or stored.
    JIT_TRY(auto read, config::read_text(*path));
    JIT_TRY(const config::Destination file, config::find_destination(*path));
    context.overrides().new_environment = true;
    if (const auto settings = context.settings(); !settings) {
        return settings.error();
    }
    tell_of(context, *path, file);
    JIT_TRY(const ResolveOptions wanted, reconcile(context, options));
    const std::string before = read.value_or("");
    // The same for whether its text can be changed, as soon as the environment is known.
    const bool activate = !is_active(wanted) && options.activate.value_or(!wanted.active);
    config::Login login{wanted.environment, wanted.base_url, nullptr, activate, wanted.says_pat};
    JIT_TRY(std::string text, config::with_login(before, *path, login));

    JIT_TRY(http::Transport* const transport, context.transport());
    const TimePoint requested_at = context.now();
    JIT_TRY(const sailpoint::IssuedToken issued,
            sailpoint::request_token(*transport, wanted.base_url, wanted.pat.client_id,
                                     wanted.pat.client_secret, context.clock()));
    context.console().redactor().add(issued.token, "token");

    std::string kept = config::keyring_name(wanted.environment);
    if (auto stored = store_in_keyring(context.keyring(), wanted); !stored) {
        if (stored.error().kind == ErrorKind::interrupted) {
            return stored;
        }
        context.log().warn(concat(
            {"the secret is kept as text in ", *path, ", readable by you only: ", stored.error().message}));
        login.pat = &wanted.pat;
        JIT_TRY(text, config::with_login(before, *path, login));
        kept = *path;
    }
    auto written = config::write_text(*path, text);
    wipe(text);
    if (!written) {
        return written;
    }
    if (auto cache = context.token_cache(wanted.base_url, wanted.pat.client_id)) {
        cache->keep(issued, requested_at);
    }
    const auto claims = sailpoint::decode_claims(issued.token).value_or(sailpoint::TokenClaims());
    if (claims.user_name.empty()) {
        context.log().warn(
            "the credentials belong to no user: the service will refuse to activate, extend and "
            "deactivate with them");
    }
    warn_of_variables(context, wanted.environment);
    tell_active(context, wanted, activate);
    if (wanted.says_pat) {
        context.log().note(
            concat({"jit uses this token for ", wanted.environment, " from now on (authtype: pat in ",
                    file.path, "), however the vendor's tool signs in"}));
    }
    return print_properties(context, {{"user", claims.user_name},
                                      {"tenant", wanted.base_url},
                                      {"environment", wanted.environment, file.path},
                                      {"active", activate || is_active(wanted)},
                                      {"credentials", kept}});
}

} // namespace

Command auth_login() {
    Command command = {
        "auth login",
        "Store a personal access token",
        "Asks for the tenant, the client ID and the client secret of a personal access token (in "
        "SailPoint: Preferences, Personal Access Tokens), checks them with the tenant, and says who you "
        "are. jit keeps them in the keyring, under the names that the vendor's tool uses. Without a "
        "keyring, it keeps them in the configuration file, and makes that readable by you only. The "
        "tenant becomes the active environment if there is none yet, or with --activate.",
        "",
        "",
        {{"jit auth login", "asks for everything"},
         {"printenv SAIL_CLIENT_SECRET | jit auth login --client-id \"$SAIL_CLIENT_ID\" --with-secret-stdin",
          "without a terminal"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<Options>();
            constexpr const char* k_group = "Credentials";
            set.text("--client-id", options->client_id, "the client ID (default: SAIL_CLIENT_ID, or ask)")
                .takes("ID")
                .in(k_group);
            set.flag("--with-secret-stdin", options->secret_on_stdin,
                     "read the client secret from standard input")
                .in(k_group);
            const Option& activate = set.flag(
                                            "--activate", [options] { options->activate = true; },
                                            "make it the active environment")
                                         .in(k_group);
            set.flag(
                   "--no-activate", [options] { options->activate = false; },
                   "keep the active environment as it is")
                .excludes(activate)
                .in(k_group);
            return [options](access::Context& context, const std::vector<std::string>& /*words*/) {
                return run(context, *options);
            };
        },
        {"The client ID is no secret. The secret is read from the terminal without echo, or "
         "from standard input; no option takes it. If it cannot be kept in the keyring, a warning "
         "says so."},
    };
    command.changes = true;
    return command;
}

} // namespace jit::commands
