#include "cli/tree.hpp"

#include "util/text.hpp"

#include <utility>

namespace jit::cli {
namespace {

using commands::Completes;

constexpr long k_max_seconds = 86400;
constexpr long k_max_retries = 100;

Result<void> read_color(io::ColorMode& target, const std::string& word) {
    if (word == "auto") {
        target = io::ColorMode::automatic;
    } else if (word == "always") {
        target = io::ColorMode::always;
    } else if (word == "never") {
        target = io::ColorMode::never;
    } else {
        return usage_error(concat({"--color: \"", word, "\" is not auto, always or never"}));
    }
    return {};
}

/// The words of a list such as "id,access".
std::vector<std::string> words_of(std::string_view list) {
    std::vector<std::string> words;
    while (!list.empty()) {
        words.emplace_back(trim(split_first(list, ',')));
    }
    return words;
}

/// Reads what --sort names: "source,expiresAt:desc".
Result<void> read_sort(std::vector<access::SortKey>& target, const std::string& list) {
    target.clear();
    for (const std::string& word : words_of(list)) {
        std::string_view order = word;
        const std::string_view field = split_first(order, ':');
        if (!order.empty() && order != "asc" && order != "desc") {
            return usage_error(concat({"--sort: \"", order, "\" is not asc or desc"}));
        }
        target.push_back({std::string(field), order == "desc"});
    }
    return {};
}

/// Those with a value may be repeated, so that an alias or a wrapper can set one that its caller overrides.
void declare_global(CommandTree& tree) {
    commands::OptionSet& set = tree.options;
    access::GlobalOptions& global = tree.global;
    config::Overrides& overrides = global.overrides;
    constexpr const char* k_tenant = "Tenant";
    constexpr const char* k_output = "Output";
    constexpr const char* k_network = "Network";
    constexpr const char* k_other = "Other";

    set.text("--env", overrides.environment, "environment of the configuration (default: the active one)")
        .takes("NAME", {Completes::Kind::environments})
        .in(k_tenant)
        .last_wins();
    set.text("--base-url", overrides.base_url,
             "https://TENANT.api.identitynow.com (default: SAIL_BASE_URL, baseurl)")
        .takes("URL")
        .in(k_tenant)
        .last_wins();
    set.text("--config", overrides.config_file,
             "configuration file (default: JIT_CONFIG, ~/.config/jit/config.yaml)")
        .takes("FILE", {Completes::Kind::files})
        .in(k_tenant)
        .last_wins();

    set.text("-o,--output", overrides.output,
             "table, json, jsonl or csv (default: JIT_OUTPUT, defaults.output, table)")
        .takes("FORMAT", {Completes::Kind::choices, {"table", "json", "jsonl", "csv"}})
        .in(k_output)
        .last_wins();
    access::ResultView& view = global.view;
    const auto list = [&set](const char* name, const char* what, auto read, const char* help) {
        set.text(name, std::move(read), help).takes(what, {Completes::Kind::fields}).in(k_output).last_wins();
    };
    const auto read_json = [&view, &overrides](const std::string& text) -> Result<void> {
        view.json_fields = words_of(text);
        overrides.output = overrides.output.value_or("json");
        return {};
    };
    list("--json", "FIELD,...", read_json, "JSON with these fields only");
    const auto read_columns = [&view](const std::string& text) -> Result<void> {
        view.columns = words_of(text);
        return {};
    };
    list("--columns", "FIELD,...", read_columns, "a table or CSV with these columns, in this order");
    const auto sort = [&view](const std::string& text) { return read_sort(view.sort, text); };
    list("--sort", "FIELD[:desc],...", sort, "sort the list by these fields");
    set.flag("--no-header", view.no_header, "a table or CSV without its line of titles").in(k_output);
    set.flag("-q,--quiet", global.quiet, "no messages but errors").in(k_output);
    set.flag("-v,--verbose", global.verbose, "show each step on stderr").in(k_output);
    set.flag("--debug", global.debug, "show the HTTP exchange on stderr, secrets replaced").in(k_output);
    const auto color = [&global](const std::string& word) { return read_color(global.color, word); };
    set.text("--color", color, "auto, always or never (default: auto)")
        .takes("WHEN", {Completes::Kind::choices, {"auto", "always", "never"}})
        .in(k_output)
        .last_wins();
    set.flag("--utc", global.utc, "times in tables in UTC instead of the local zone").in(k_output);

    const auto number = [&set](const char* name, long& target, long least, long most, const char* what,
                               const char* help) {
        set.whole_number(name, target, least, most, help).takes(what).in(k_network).last_wins();
    };
    number("--timeout", global.timeout, 1, k_max_seconds, "SECONDS", "limit of one request (default: 30)");
    number("--connect-timeout", global.connect_timeout, 1, k_max_seconds, "SECONDS",
           "limit of connecting (default: 10)");
    number("--retries", global.retries, 0, k_max_retries, "N",
           "retries of a request that was not carried out (default: 3)");
    number("--max-wait", global.max_wait, 0, k_max_seconds, "SECONDS",
           "longest wait for a rate limit (default: 120)");
    set.text("--ca-file", global.ca_file, "trust only the CAs of this PEM file")
        .takes("FILE", {Completes::Kind::files})
        .in(k_network)
        .last_wins();

    set.flag("--non-interactive", global.non_interactive, "never ask anything, even on a terminal")
        .in(k_other);
    set.flag("--no-cache", global.no_cache, "do not read or write cached tokens, names, states").in(k_other);
    set.flag("--version", tree.version, "print the version").in(k_other);
    set.flag("-h,--help", tree.help, "print this help; with --all: every option").in(k_other);
}

} // namespace

void build(CommandTree& tree) {
    declare_global(tree);
    for (const commands::Command& command : commands::all()) {
        const commands::Group* group = nullptr;
        std::string_view name = command.name;
        for (const commands::Group& each : commands::groups()) {
            if (commands::is_of(command, each)) {
                group = &each;
                name.remove_prefix(each.name.size() + 1);
            }
        }
        commands::OptionSet options;
        commands::Run run = command.declare(options);
        tree.branches.push_back({std::string(name), &command, group, std::move(options), std::move(run)});
    }
}

} // namespace jit::cli
