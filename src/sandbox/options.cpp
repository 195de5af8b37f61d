#include "sandbox/options.hpp"

#include "sandbox/decimal.hpp"
#include "sandbox/fault.hpp"
#include "util/text.hpp"
#include "util/version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>

namespace jit::sandbox {
namespace {

constexpr const char* k_purpose =
    "A practice tenant for jit: a server on this machine that behaves as the SailPoint API\n"
    "does for just-in-time access, with people, entitlements and credentials of its own.\n"
    "Nothing is real, nothing is kept, no account is needed.\n\n"
    "With a COMMAND, sets SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET for it, runs it\n"
    "and ends with it. Without one, serves until Ctrl-C and prints the lines to set them.";

constexpr const char* k_footer =
    "Faults:\n"
    "  WHEN is which requests, and which of those:\n"
    "    any, token, activate, extend, deactivate, post (these three), connections, history,\n"
    "    policy, get (these three), connection (a TCP connection as it is accepted)\n"
    "    @N the N-th, @N+ from the N-th on, @N-M, @P% each with that chance; by default all\n"
    "  WHAT of a request that is not carried out:\n"
    "    reset, close, hang, 400, 401, 403, 404, 429, 500, 502, 503, 504, redirect\n"
    "  WHAT of one that is carried out:\n"
    "    apply-reset, apply-close, apply-hang, apply-500, apply-502, apply-503, apply-504,\n"
    "    slow-headers=SECONDS, slow-body=SECONDS, truncated, length-too-small,\n"
    "    length-too-large, garbage, not-json, deep-json, huge, gzip-bomb, close-idle\n"
    "  WHAT of a connection:\n"
    "    refuse, stall, reset, close, hang\n"
    "  An error may have another body (502/html, 502/empty), 429 and 503 a Retry-After\n"
    "  (429=5, 429=date+5, 429=soon).\n\n"
    "Examples:\n"
    "  jit-sandbox -- jit activate -e c0ffee00-0000-4000-8000-000000000001 -m 60\n"
    "      activate \"Prod DB Admin\" for an hour\n"
    "  jit-sandbox -- bash\n"
    "      a shell in which every jit command goes to the practice tenant\n"
    "  jit-sandbox --time-scale 3600 -- ./test-my-script.sh\n"
    "      an hour of access passes in a second\n"
    "  jit-sandbox --identity pipeline -- ./deploy.sh\n"
    "      as a pipeline whose token may activate, extend and deactivate, and nothing else\n"
    "  jit-sandbox --fault activate@1:apply-reset -- ./deploy.sh\n"
    "      the activation is carried out, and its answer is lost\n"
    "  jit-sandbox --fault any@1-3:429=2 -- ./deploy.sh\n"
    "      the first three requests are told to come back in 2 seconds\n"
    "  jit-sandbox --fault any@10%:apply-close --seed 7 -- ./deploy.sh\n"
    "      one answer in ten is lost, the same ones in every run\n"
    "  eval \"$(jit-sandbox &)\"; jit activate -e c0ffee00-0000-4000-8000-000000000001 -m 60\n"
    "      in the background; kill $JIT_SANDBOX_PID ends it\n"
    "  curl \"$SAIL_BASE_URL/sandbox/journal\"\n"
    "      what was requested and what was done (DELETE clears it)\n\n"
    "Exit status:\n"
    "  that of COMMAND (128+N when signal N ended it); without one, 0 after Ctrl-C or SIGTERM\n"
    "  1    the sandbox itself failed, for example because the port is taken\n"
    "  2    wrong options, or a data or TLS file that is no good\n"
    "  126  COMMAND cannot be executed\n"
    "  127  COMMAND was not found\n\n"
    "Data, credentials, faults and the journal are described in jit-sandbox(1).\n";

constexpr const char* k_tenant_group = "How the tenant behaves";
constexpr const char* k_fault_group = "What goes wrong";
constexpr const char* k_server_group = "How it is reached";
constexpr const char* k_other_group = "Other";

/// Options as they were given, until they are checked.
struct Given {
    std::string token_lifetime;
    std::string max_minutes;
    std::string rate_limit;
    std::string page_cap;
    std::string provision_delay;
    std::string effective_delay;
    std::string friction_timeout;
    std::string list_lag;
    std::string shape;
    std::string time_scale;
    std::string connections;
    std::string port;
    bool no_policy = false;
    std::vector<std::string> missing_features;
    std::vector<std::string> faults;
    std::string seed;
};

/// Sets `out` from an option's text where it was given.
Result<void> read_whole(const char* option, const std::string& text, long least, long most, long& out) {
    if (text.empty()) {
        return {};
    }
    const std::optional<long> value = parse_int(text, least, most);
    if (!value) {
        return usage_error(concat({option, " takes a whole number from ", std::to_string(least), " to ",
                                   std::to_string(most), ", not \"", text, "\""}));
    }
    out = *value;
    return {};
}

Result<void> read_decimal(const char* option, const std::string& text, double least, double most,
                          const char* range, double& out) {
    if (text.empty()) {
        return {};
    }
    const std::optional<double> value = parse_decimal(text, least, most);
    if (!value) {
        return usage_error(concat({option, " takes a number from ", range, ", not \"", text, "\""}));
    }
    out = *value;
    return {};
}

Result<void> read_numbers(const Given& given, Options& options) {
    constexpr long k_int32_max = std::numeric_limits<std::int32_t>::max();
    Behaviour& behaviour = options.behaviour;
    auto lifetime = static_cast<long>(behaviour.token_lifetime.count());
    auto max_minutes = static_cast<long>(behaviour.max_minutes);
    auto rate_limit = static_cast<long>(behaviour.rate_limit);
    auto page_cap = static_cast<long>(behaviour.page_cap);
    long port = options.port;
    long connections = 0;
    double delay = behaviour.pace.provision_delay.count();
    double effective = behaviour.pace.effective_delay.count();
    double timeout = behaviour.pace.friction_timeout.count();
    double lag = behaviour.list_lag.count();
    for (auto& read : {
             read_whole("--token-lifetime", given.token_lifetime, 1, k_int32_max, lifetime),
             read_whole("--max-minutes", given.max_minutes, 1, k_int32_max, max_minutes),
             read_whole("--rate-limit", given.rate_limit, 0, 1'000'000, rate_limit),
             read_whole("--page-cap", given.page_cap, 1, 250, page_cap),
             read_whole("--port", given.port, 0, 65535, port),
             read_decimal("--provision-delay", given.provision_delay, 0, 86400, "0 to 86400", delay),
             read_decimal("--effective-delay", given.effective_delay, 0, 86400, "0 to 86400", effective),
             read_decimal("--friction-timeout", given.friction_timeout, 0, 86400, "0 to 86400", timeout),
             read_decimal("--list-lag", given.list_lag, 0, 86400, "0 to 86400", lag),
             read_whole("--connections", given.connections, 1, 1'000'000, connections),
             read_decimal("--time-scale", given.time_scale, 0.001, 1'000'000, "0.001 to 1000000",
                          behaviour.pace.time_scale),
         }) {
        if (!read) {
            return read.error();
        }
    }
    behaviour.token_lifetime = std::chrono::seconds(lifetime);
    behaviour.max_minutes = max_minutes;
    behaviour.rate_limit = static_cast<std::size_t>(rate_limit);
    behaviour.page_cap = static_cast<std::size_t>(page_cap);
    behaviour.pace.provision_delay = std::chrono::duration<double>(delay);
    behaviour.pace.effective_delay = std::chrono::duration<double>(effective);
    behaviour.pace.friction_timeout = std::chrono::duration<double>(timeout);
    behaviour.list_lag = std::chrono::duration<double>(lag);
    options.generated_connections = static_cast<std::size_t>(connections);
    behaviour.policy = !given.no_policy;
    options.port = static_cast<std::uint16_t>(port);
    return {};
}

Result<void> read_features(const Given& given, Behaviour& behaviour) {
    if (!given.shape.empty()) {
        const auto shape = parse_shape(given.shape);
        if (!shape) {
            return usage_error(concat({"--shape takes ", shape_names(), "; not \"", given.shape, "\""}));
        }
        behaviour.shape = *shape;
    }
    for (const std::string& name : given.missing_features) {
        if (name == "connections") {
            behaviour.connections_feature = false;
        } else if (name == "history") {
            behaviour.history_feature = false;
        } else {
            return usage_error(
                concat({"--without-feature takes connections or history, not \"", name, "\""}));
        }
    }
    return {};
}

Result<void> read_faults(const Given& given, Options& options) {
    for (const std::string& text : given.faults) {
        JIT_TRY(FaultRule rule, parse_fault_rule(text));
        options.faults.push_back(std::move(rule));
    }
    if (!given.seed.empty()) {
        long seed = 0;
        if (auto read = read_whole("--seed", given.seed, 0, std::numeric_limits<std::uint32_t>::max(), seed);
            !read) {
            return std::move(read).error();
        }
        options.seed = static_cast<std::uint32_t>(seed);
    }
    return {};
}

/// What does not go together.
Result<void> check_pairs(const Given& given, const Options& options) {
    if (options.tls_certificate.empty() != options.tls_key.empty()) {
        return usage_error("--tls-cert and --tls-key are needed together");
    }
    if (given.no_policy && !given.max_minutes.empty()) {
        return usage_error("--no-policy leaves nothing for --max-minutes to set");
    }
    if (!given.connections.empty() && !options.data_file.empty()) {
        return usage_error("--connections changes the built-in data, and does not go with --data");
    }
    return {};
}

void declare(CLI::App& app, Options& options, Given& given) {
    app.add_option("--provision-delay", given.provision_delay,
                   "workflow time from activation to PROVISIONED, and again from\n"
                   "the end to COMPLETED; may have a fraction (default 2)")
        ->type_name("SECONDS")
        ->group(k_tenant_group);
    app.add_option("--effective-delay", given.effective_delay,
                   "workflow time from PROVISIONED until the access works; may\n"
                   "have a fraction (default 0)")
        ->type_name("SECONDS")
        ->group(k_tenant_group);
    app.add_option("--friction-timeout", given.friction_timeout,
                   "workflow time in which frictions can be completed; may have\n"
                   "a fraction (default 900)")
        ->type_name("SECONDS")
        ->group(k_tenant_group);
    app.add_option("--list-lag", given.list_lag,
                   "workflow time by which the lists are behind, as those of a\n"
                   "search index are; may have a fraction (default 0)")
        ->type_name("SECONDS")
        ->group(k_tenant_group);
    app.add_option("--shape", given.shape,
                   "how the connection lists write the state of access, which the\n"
                   "API leaves open: full (the default), null, empty, expiration,\n"
                   "no-zone, epoch, provision, flat, skewed, in-use, available")
        ->type_name("WORD")
        ->group(k_tenant_group);
    app.add_option("--time-scale", given.time_scale,
                   "let these delays and the minutes of activations pass X times\n"
                   "faster (default 1); timestamps stay real")
        ->type_name("X")
        ->group(k_tenant_group);
    app.add_option("--max-minutes", given.max_minutes,
                   "the policy's maximum, of a period and of a total with its\n"
                   "extensions (default 480)")
        ->type_name("N")
        ->group(k_tenant_group);
    app.add_flag("--own-history-ids", options.behaviour.own_history_ids,
                 "the history has other IDs than the answers to activate")
        ->group(k_tenant_group);
    app.add_flag("--no-policy", given.no_policy,
                 "no policy was ever stored: there is none to read, and no maximum")
        ->group(k_tenant_group);
    app.add_option("--without-feature", given.missing_features,
                   "the tenant has no connection lists (connections), or no history\n"
                   "(history); may be given twice")
        ->type_name("NAME")
        ->expected(1)
        ->take_all()
        ->group(k_tenant_group);
    app.add_option("--rate-limit", given.rate_limit,
                   "requests of one client ID in any 10 seconds (default 100;\n"
                   "0: any number)")
        ->type_name("N")
        ->group(k_tenant_group);
    app.add_flag("--growing-wait", options.behaviour.growing_wait,
                 "a client that exceeds the rate limit in three intervals within 120 s\n"
                 "waits 60 s, then 300, 600 and 1200")
        ->group(k_tenant_group);
    app.add_option("--page-cap", given.page_cap,
                   "entries of a list on a page at most, whatever limit asks for\n"
                   "(default 250)")
        ->type_name("N")
        ->group(k_tenant_group);
    app.add_option("--token-lifetime", given.token_lifetime,
                   "how long an access token is valid (default 43200)")
        ->type_name("SECONDS")
        ->group(k_tenant_group);
    app.add_option("--data", options.data_file,
                   "people, sources and connections instead of the built-in ones")
        ->type_name("FILE")
        ->group(k_tenant_group);
    app.add_option("--connections", given.connections,
                   "give robin.ops N generated connections instead of the built-in\n"
                   "ones, to see what happens with many (at most 1000000)")
        ->type_name("N")
        ->group(k_tenant_group);
    app.add_option("--identity", options.identity,
                   "whose credentials to hand out, by name or alias (default: the\n"
                   "first of the data, robin.ops)")
        ->type_name("NAME")
        ->group(k_tenant_group);

    app.add_option("--fault", given.faults,
                   "let something go wrong, as listed below; may be given again:\n"
                   "the first that fits a request is what it gets")
        ->type_name("WHEN:WHAT")
        ->expected(1)
        ->take_all()
        ->group(k_fault_group);
    app.add_option("--seed", given.seed,
                   "of faults by chance: the same requests get the same faults\n"
                   "(default: another one each time, which is then printed)")
        ->type_name("N")
        ->group(k_fault_group);

    app.add_option("--port", given.port, "the port on 127.0.0.1 and [::1] (default 0: a free one)")
        ->type_name("N")
        ->group(k_server_group);
    app.add_option("--tls-cert", options.tls_certificate,
                   "serve https with this certificate (PEM, with its chain), which\n"
                   "must name localhost")
        ->type_name("FILE")
        ->group(k_server_group);
    app.add_option("--tls-key", options.tls_key, "the private key of the certificate (PEM)")
        ->type_name("FILE")
        ->group(k_server_group);

    app.add_flag("--verbose", options.verbose, "a line on stderr for each request")->group(k_other_group);
    app.add_flag(
           "--list-data", [&options](std::int64_t) { options.mode = Options::Mode::list_data; },
           "print the data set as --data takes it, and exit")
        ->group(k_other_group);
    app.set_version_flag("--version", k_version, "print the version, and exit")->group(k_other_group);
    app.set_help_flag("-h,--help", "print this help, and exit")->group(k_other_group);
}

std::string help_text(const CLI::App& app) {
    std::string text =
        concat({"Usage: jit-sandbox [OPTIONS] [-- COMMAND [ARGUMENT...]]\n\n", k_purpose, "\n"});
    for (const char* const group : {k_tenant_group, k_fault_group, k_server_group, k_other_group}) {
        text += concat({"\n", group, ":\n"});
        for (const CLI::Option* const option :
             app.get_options([group](const CLI::Option* o) { return o->get_group() == group; })) {
            constexpr std::size_t k_column = 30;
            std::string line = concat({"  ", option->get_name(false, true)});
            if (const std::size_t comma = line.find(','); comma != std::string::npos) {
                line.insert(comma + 1, " ");
            }
            if (option->get_type_size() != 0) {
                line += concat({" ", option->get_type_name()});
            }
            line.resize(std::max(line.size() + 2, k_column), ' ');
            for (const char c : option->get_description()) {
                line += c == '\n' ? "\n" + std::string(k_column, ' ') : std::string(1, c);
            }
            text += line + "\n";
        }
    }
    return concat({text, "\n", k_footer});
}

/// What to suggest for an option that there is not.
std::string hint_for(const CLI::App& app, const std::vector<std::string>& words) {
    std::vector<std::string> known;
    for (const CLI::Option* const option : app.get_options()) {
        known.push_back(option->get_name(false, false));
    }
    for (const std::string& word : words) {
        const std::string name = word.substr(0, word.find('='));
        if (!name.starts_with("-")) {
            return "put -- before the command: jit-sandbox [OPTIONS] -- COMMAND";
        }
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            if (const std::optional<std::string> meant = nearest(name, known)) {
                return concat({"did you mean ", *meant, "?"});
            }
        }
    }
    return "jit-sandbox --help lists the options";
}

} // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
    const auto separator = std::find(arguments.begin(), arguments.end(), "--");
    Options options;
    if (separator != arguments.end()) {
        options.command.assign(separator + 1, arguments.end());
        if (options.command.empty()) {
            return usage_error("there is no command behind --");
        }
    }
    CLI::App app;
    Given given;
    declare(app, options, given);
    // CLI11 takes the words last first.
    std::vector<std::string> words(arguments.begin(), separator);
    std::reverse(words.begin(), words.end());
    try {
        app.parse(words);
    } catch (const CLI::CallForHelp&) {
        options.mode = Options::Mode::print;
        options.text = help_text(app);
        return options;
    } catch (const CLI::CallForVersion&) {
        options.mode = Options::Mode::print;
        options.text = concat({"jit-sandbox ", k_version, "\n"});
        return options;
    } catch (const CLI::ExtrasError&) {
        const std::vector<std::string> extras = app.remaining();
        return usage_error(concat({"unexpected argument \"", extras.front(), "\""}), hint_for(app, extras));
    } catch (const CLI::ParseError& fault) {
        return usage_error(fault.what(), "jit-sandbox --help lists the options");
    }
    if (auto read = read_numbers(given, options); !read) {
        return std::move(read).error();
    }
    if (auto read = read_features(given, options.behaviour); !read) {
        return std::move(read).error();
    }
    if (auto read = read_faults(given, options); !read) {
        return std::move(read).error();
    }
    if (auto checked = check_pairs(given, options); !checked) {
        return std::move(checked).error();
    }
    return options;
}

} // namespace jit::sandbox
