#include "config/settings.hpp"

#include "base/text.hpp"
#include "config/base_url.hpp"

#include <utility>

namespace jit::config {
namespace {

constexpr std::string_view k_formats = "table, json, jsonl or csv";

/// Where `jit`'s own file is when nobody says. Empty without a home.
std::optional<std::string> default_path(const Environment& environment) {
    // The XDG specification has relative paths ignored.
    if (const auto xdg = environment("XDG_CONFIG_HOME"); xdg && xdg->front() == '/') {
        return *xdg + "/jit/config.yaml";
    }
    const auto home = environment("HOME");
    return home ? std::optional(*home + "/.config/jit/config.yaml") : std::nullopt;
}

/// The files that exist, ours first.
Result<std::vector<File>> read_files(const Overrides& overrides, const Environment& environment) {
    std::vector<File> files;
    const auto named = overrides.config_file ? overrides.config_file : environment("JIT_CONFIG");
    if (const auto path = named ? named : default_path(environment)) {
        JIT_TRY(auto file, read_file(*path, named.has_value()));
        if (file) {
            files.push_back(*std::move(file));
        }
    }
    if (const auto home = environment("HOME")) {
        JIT_TRY(auto file, read_file(*home + "/.sailpoint/config.yaml", false));
        if (file) {
            files.push_back(*std::move(file));
        }
    }
    return files;
}

std::optional<Setting<std::string>> from_variable(const Environment& environment, const char* name) {
    const auto value = environment(name);
    if (!value) {
        return std::nullopt;
    }
    return Setting<std::string>{*value, {Origin::Kind::environment, name}};
}

Setting<std::string> active_environment(const Overrides& overrides, const Environment& environment,
                                        const std::vector<File>& files) {
    Setting<std::string> active{"default", {}};
    if (overrides.environment) {
        active = {*overrides.environment, {Origin::Kind::option, "--env"}};
    } else if (const auto variable = from_variable(environment, "SAIL_ACTIVEENVIRONMENT")) {
        active = *variable;
    } else {
        for (const File& file : files) {
            if (file.active_environment) {
                active = *file.active_environment;
                break;
            }
        }
    }
    active.value = to_lower(active.value);
    return active;
}

/// An environment that was asked for on the command line must exist: to go on with another would act on a
/// tenant that the person did not mean.
Result<void> check_named(const Setting<std::string>& active, const std::vector<File>& files) {
    if (active.origin.kind != Origin::Kind::option) {
        return {};
    }
    std::vector<std::string> names;
    for (const File& file : files) {
        if (file.environments.count(active.value) != 0) {
            return {};
        }
        for (const auto& entry : file.environments) {
            names.push_back(entry.first);
        }
    }
    if (names.empty()) {
        return usage_error(
            cat({"--env: there is no environment ", active.value, ": no configuration file has any"}));
    }
    std::string known;
    for (const std::string& name : names) {
        known += (known.empty() ? "" : ", ") + name;
    }
    const auto near = nearest(active.value, names);
    return usage_error(cat({"--env: there is no environment ", active.value}),
                       near ? cat({"did you mean ", *near, "? (there are: ", known, ")"})
                            : cat({"there are: ", known}));
}

/// An environment's base URL as one file has it.
std::optional<Setting<std::string>> base_url_in(const File& file, const std::string& environment) {
    const auto entry = file.environments.find(environment);
    return entry == file.environments.end() ? std::nullopt : entry->second.base_url;
}

Result<std::optional<Setting<std::string>>> find_base_url(const Overrides& overrides,
                                                          const Environment& environment,
                                                          const Setting<std::string>& active,
                                                          const std::vector<File>& files) {
    std::optional<Setting<std::string>> in_file;
    for (const File& file : files) {
        if (!in_file) {
            in_file = base_url_in(file, active.value);
        }
    }
    const auto checked = [](Setting<std::string> setting) -> Result<std::optional<Setting<std::string>>> {
        JIT_TRY(setting.value, parse_base_url(setting.value, setting.origin.where));
        return std::optional(std::move(setting));
    };
    if (overrides.base_url) {
        return checked({*overrides.base_url, {Origin::Kind::option, "--base-url"}});
    }
    if (auto variable = from_variable(environment, "SAIL_BASE_URL")) {
        JIT_TRY(auto url, checked(*std::move(variable)));
        if (in_file && active.origin.kind == Origin::Kind::option) {
            JIT_TRY(const auto other, checked(*std::move(in_file)));
            if (other->value != url->value) {
                return usage_error(cat({"--env ", active.value, " means ", other->value,
                                        ", but SAIL_BASE_URL is set to ", url->value}),
                                   "unset SAIL_BASE_URL, or leave --env out");
            }
        }
        return url;
    }
    if (in_file) {
        return checked(*std::move(in_file));
    }
    return std::optional<Setting<std::string>>();
}

Result<Setting<OutputFormat>> find_output(const Overrides& overrides, const Environment& environment,
                                          const std::vector<File>& files) {
    std::optional<Setting<std::string>> word;
    if (overrides.output) {
        word = Setting<std::string>{*overrides.output, {Origin::Kind::option, "--output"}};
    } else {
        word = from_variable(environment, "JIT_OUTPUT");
    }
    for (const File& file : files) {
        if (!word) {
            word = file.default_output;
        }
    }
    if (!word) {
        return Setting<OutputFormat>{OutputFormat::table, {}};
    }
    const auto format = parse_output_format(word->value);
    if (!format) {
        // A value from a file is not repeated: it may be a secret in the wrong place.
        const bool in_file = word->origin.kind == Origin::Kind::file;
        return usage_error(cat({word->origin.where, ": the output format must be ", k_formats,
                                in_file ? "" : cat({", not \"", word->value, "\""})}));
    }
    return Setting<OutputFormat>{*format, word->origin};
}

/// A file's PAT, unless it must not be used: the file is open to others, or the secret would go to another
/// host than the one it is for.
Result<ClientCredentials> usable_pat(const Settings& settings, const File& file,
                                     const std::vector<File>& files) {
    if (file.open_to_others) {
        return *file.open_to_others;
    }
    const ClientCredentials& pat = *file.environments.at(settings.environment.value).pat;
    // The one beside the secret, else that of the other file.
    auto own = base_url_in(file, settings.environment.value);
    for (const File& other : files) {
        if (!own) {
            own = base_url_in(other, settings.environment.value);
        }
    }
    if (own && settings.base_url) {
        const auto checked = parse_base_url(own->value, own->origin.where);
        if (!checked || *checked != settings.base_url->value) {
            return usage_error(
                cat({"the secret in ", pat.origin.where, " is for ", checked ? *checked : own->origin.where,
                     ", but ", settings.base_url->origin.where, " names ", settings.base_url->value,
                     "; nothing was sent"}),
                "give the credentials for that tenant in SAIL_CLIENT_ID and SAIL_CLIENT_SECRET, or add an "
                "environment for it");
        }
    }
    return pat;
}

void find_credentials(Settings& settings, const Environment& environment, const std::vector<File>& files) {
    if (auto token = environment("SAIL_ACCESS_TOKEN")) {
        settings.access_token =
            Setting<Secret>{Secret::take(*token), {Origin::Kind::environment, "SAIL_ACCESS_TOKEN"}};
    }
    auto id = environment("SAIL_CLIENT_ID");
    auto secret = environment("SAIL_CLIENT_SECRET");
    if (id && secret) {
        settings.environment_pat =
            ClientCredentials{Secret::take(*id),
                              Secret::take(*secret),
                              {Origin::Kind::environment, "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET"}};
    } else if ((id || secret) && !settings.access_token) {
        settings.warnings.emplace_back(id ? "SAIL_CLIENT_ID is ignored: SAIL_CLIENT_SECRET is not set"
                                          : "SAIL_CLIENT_SECRET is ignored: SAIL_CLIENT_ID is not set");
    }
    for (const File& file : files) {
        const auto entry = file.environments.find(settings.environment.value);
        if (!settings.file_pat && entry != file.environments.end() && entry->second.pat) {
            settings.file_pat = usable_pat(settings, file, files);
        }
    }
}

} // namespace

std::optional<OutputFormat> parse_output_format(std::string_view word) {
    const std::string lower = to_lower(word);
    if (lower == "table") {
        return OutputFormat::table;
    }
    if (lower == "json") {
        return OutputFormat::json;
    }
    if (lower == "jsonl") {
        return OutputFormat::jsonl;
    }
    if (lower == "csv") {
        return OutputFormat::csv;
    }
    return std::nullopt;
}

Result<Settings> load(const Overrides& overrides, const Environment& environment) {
    JIT_TRY(auto files, read_files(overrides, environment));
    Settings settings{active_environment(overrides, environment, files), {}, {OutputFormat::table, {}}};
    if (auto done = check_named(settings.environment, files); !done) {
        return std::move(done).error();
    }
    JIT_TRY(settings.base_url, find_base_url(overrides, environment, settings.environment, files));
    JIT_TRY(settings.output, find_output(overrides, environment, files));
    for (const File& file : files) {
        if (!settings.default_minutes) {
            settings.default_minutes = file.default_minutes;
        }
        if (!settings.default_wait) {
            settings.default_wait = file.default_wait;
        }
        settings.aliases.insert(file.aliases.begin(), file.aliases.end()); // the first file's count
        settings.warnings.insert(settings.warnings.end(), file.warnings.begin(), file.warnings.end());
    }
    find_credentials(settings, environment, files);
    // A file that must not be used is an error for whoever needs its secret; others only hear of it.
    const bool needed = settings.file_pat && !settings.access_token && !settings.environment_pat;
    for (const File& file : files) {
        if (file.open_to_others && !needed) {
            settings.warnings.push_back(cat({file.open_to_others->message, "; ", file.open_to_others->hint}));
        }
    }
    return settings;
}

std::string for_environment(const Settings& settings) {
    if (settings.environment.origin.kind == Origin::Kind::built_in) {
        return "";
    }
    return cat(
        {" for environment ", settings.environment.value, " (from ", settings.environment.origin.where, ")"});
}

Result<std::string> require_base_url(const Settings& settings) {
    if (settings.base_url) {
        return settings.base_url->value;
    }
    return usage_error(cat({"no base URL is set", for_environment(settings)}),
                       cat({"set SAIL_BASE_URL to https://TENANT.api.identitynow.com, or environments.",
                            settings.environment.value, ".baseurl in the configuration file"}));
}

OutputFormat output_without_files(const std::optional<std::string>& option, const Environment& environment) {
    const auto word = option ? option : environment("JIT_OUTPUT");
    return word ? parse_output_format(*word).value_or(OutputFormat::table) : OutputFormat::table;
}

} // namespace jit::config
