#include "cli/tree.hpp"

#include "commands/arguments.hpp"

namespace jit::cli {
namespace {

constexpr long k_max_seconds = 86400;
constexpr long k_max_retries = 100;

/// Global options may be repeated, so that an alias or a wrapper can set one that its caller overrides.
void last_wins(CLI::Option* option, const char* group, const char* type) {
    option->group(group)->type_name(type)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void add_text(CLI::App& app, const char* names, std::optional<std::string>& target, const char* group,
              const char* type, const char* help) {
    last_wins(app.add_option_function<std::string>(
                  names, [&target](const std::string& value) { target = value; }, help),
              group, type);
}

void add_number(CLI::App& app, const char* names, long& target, long least, long most, const char* group,
                const char* type, const char* help) {
    last_wins(commands::add_whole_number(app, names, target, least, most, help), group, type);
}

void read_color(io::ColorMode& target, const std::string& word) {
    if (word == "auto") {
        target = io::ColorMode::automatic;
    } else if (word == "always") {
        target = io::ColorMode::always;
    } else if (word == "never") {
        target = io::ColorMode::never;
    } else {
        throw CLI::ValidationError("--color: \"" + word + "\" is not auto, always or never");
    }
}

void declare_global(CommandTree& tree) {
    CLI::App& app = tree.app;
    access::GlobalOptions& global = tree.global;
    constexpr const char* k_tenant = "Tenant";
    constexpr const char* k_output = "Output";
    constexpr const char* k_network = "Network";
    constexpr const char* k_other = "Other";

    add_text(app, "--env", global.overrides.environment, k_tenant, "NAME",
             "environment of the configuration to use (default: SAIL_ACTIVEENVIRONMENT, activeenvironment)");
    add_text(app, "--base-url", global.overrides.base_url, k_tenant, "URL",
             "the tenant, as https://TENANT.api.identitynow.com (default: SAIL_BASE_URL, baseurl)");
    add_text(app, "--config", global.overrides.config_file, k_tenant, "FILE",
             "configuration file (default: JIT_CONFIG, ~/.config/jit/config.yaml)");

    add_text(app, "-o,--output", global.overrides.output, k_output, "FORMAT",
             "table, json, jsonl or csv (default: JIT_OUTPUT, defaults.output, table)");
    app.add_flag("-q,--quiet", global.quiet, "no messages but errors")->group(k_output);
    app.add_flag("-v,--verbose", global.verbose, "tell each step on stderr")->group(k_output);
    app.add_flag("--debug", global.debug, "show the HTTP exchange on stderr, secrets replaced")
        ->group(k_output);
    last_wins(app.add_option_function<std::string>(
                  "--color", [&global](const std::string& word) { read_color(global.color, word); },
                  "auto, always or never (default: auto)"),
              k_output, "WHEN");
    app.add_flag("--utc", global.utc, "times in tables in UTC instead of the local zone")->group(k_output);

    add_number(app, "--timeout", global.timeout, 1, k_max_seconds, k_network, "SECONDS",
               "the most that one request may take (default: 30)");
    add_number(app, "--connect-timeout", global.connect_timeout, 1, k_max_seconds, k_network, "SECONDS",
               "the most that connecting may take (default: 10)");
    add_number(app, "--retries", global.retries, 0, k_max_retries, k_network, "N",
               "tries again after one that was not carried out (default: 3)");
    add_number(app, "--max-wait", global.max_wait, 0, k_max_seconds, k_network, "SECONDS",
               "the longest to sit out rate limiting (default: 120)");
    add_text(app, "--ca-file", global.ca_file, k_network, "FILE",
             "trust the CAs in this PEM file only (default: SSL_CERT_FILE, SSL_CERT_DIR, the system's)");

    app.add_flag("--non-interactive", global.non_interactive, "never ask anything, even on a terminal")
        ->group(k_other);
    app.add_flag("--no-cache", global.no_cache,
                 "neither use nor keep what other runs know: access tokens, names, states")
        ->group(k_other);
    app.add_flag("--version", tree.version, "print the version")->group(k_other);
    app.set_help_flag("-h,--help", "print this help")->group(k_other);
    tree.choices = {{"--output", {"table", "json", "jsonl", "csv"}},
                    {"--color", {"auto", "always", "never"}}};
}

} // namespace

const CommandTree::Subcommand* CommandTree::selected() const {
    for (const Subcommand& branch : branches) {
        if (branch.app->parsed()) {
            return &branch;
        }
    }
    return nullptr;
}

const commands::Group* CommandTree::group() const {
    for (const SubcommandGroup& fork : forks) {
        if (fork.app->parsed()) {
            return fork.group;
        }
    }
    return nullptr;
}

void build(CommandTree& tree) {
    declare_global(tree);
    // Words and unknown options are left over, for `parse` to judge; a command's name among the words of
    // another is one of those words.
    tree.app.allow_extras();
    tree.app.require_subcommand(0, 1);
    const auto add = [](CLI::App& to, std::string_view name, std::string_view purpose) {
        CLI::App* const app = to.add_subcommand(std::string(name), std::string(purpose));
        app->set_help_flag("-h,--help", "print this help")->group("");
        app->fallthrough();
        return app;
    };
    for (const commands::Group& group : commands::groups()) {
        CLI::App* const fork = add(tree.app, group.name, group.purpose);
        fork->require_subcommand(0, 1);
        tree.forks.push_back({fork, &group});
    }
    for (const commands::Command& command : commands::all()) {
        CLI::App* to = &tree.app;
        std::string_view name = command.name;
        for (const CommandTree::SubcommandGroup& fork : tree.forks) {
            if (commands::is_of(command, *fork.group)) {
                to = fork.app;
                name.remove_prefix(fork.group->name.size() + 1);
            }
        }
        CLI::App* const branch = add(*to, name, command.purpose);
        tree.branches.push_back({branch, &command, command.declare(*branch)});
    }
}

} // namespace jit::cli
