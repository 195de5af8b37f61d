#include "config/settings.hpp"

#include "config/base_url.hpp"
#include "util/text.hpp"

#include <algorithm>
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

/// Where the vendor tool's file is. Empty without a home.
std::optional<std::string> vendor_path(const Environment& environment) {
    const auto home = environment("HOME");
    return home ? std::optional(*home + "/.sailpoint/config.yaml") : std::nullopt;
}

/// Where the machine's files may be, the one that counts most first: by the XDG specification, where relative
/// paths are ignored, and then the one place that everybody finds.
std::vector<std::string> machine_paths(const Environment& environment) {
    const std::string directories = environment("XDG_CONFIG_DIRS").value_or("/etc/xdg");
    std::vector<std::string> paths;
    for (std::string_view rest = directories; !rest.empty();) {
        const std::string_view directory = split_first(rest, ':');
        if (!directory.empty() && directory.front() == '/') {
            paths.push_back(concat({directory, "/jit/config.yaml"}));
        }
    }
    paths.emplace_back("/etc/jit/config.yaml");
    return paths;
}

/// The files that exist, ours first and the machine's last.
Result<std::vector<File>> read_files(const Overrides& overrides, const Environment& environment) {
    std::vector<File> files;
    const auto theirs = vendor_path(environment);
    const auto named = overrides.config_file ? overrides.config_file : environment("JIT_CONFIG");
    const auto ours = named ? named : default_path(environment);
    if (ours && ours != theirs) {
        // `auth login` makes a file that is not there.
        JIT_TRY(auto file, read_file(*ours, named && !overrides.new_environment));
        if (file) {
            files.push_back(*std::move(file));
        }
    }
    if (theirs) {
        JIT_TRY(auto file, read_file(*theirs, named == theirs && !overrides.new_environment, Owner::vendor));
        if (file) {
            files.push_back(*std::move(file));
        }
    }
    for (const std::string& path : machine_paths(environment)) {
        if (path == ours) {
            continue;
        }
        JIT_TRY(auto file, read_file(path, false, Owner::machine));
        if (file) {
            files.push_back(*std::move(file));
        }
    }
    return files;
}

/// The names of the environments in the files, each once.
std::vector<std::string> names_in(const std::vector<File>& files) {
    std::map<std::string, std::string> names;
    for (const File& file : files) {
        for (const auto& [folded, entry] : file.environments) {
            names.insert({folded, entry.name});
        }
    }
    std::vector<std::string> sorted;
    sorted.reserve(names.size());
    for (const auto& name : names) {
        sorted.push_back(name.second);
    }
    return sorted;
}

/// An environment as a file has it; null: it has none of that name.
const FileEnvironment* entry_of(const File& file, std::string_view name) {
    const auto entry = file.environments.find(fold_case(name));
    return entry == file.environments.end() ? nullptr : &entry->second;
}

std::optional<Setting<std::string>> from_variable(const Environment& environment, const char* name) {
    const auto value = environment(name);
    if (!value) {
        return std::nullopt;
    }
    return Setting<std::string>{*value, {Origin::Kind::environment, name}};
}

std::optional<Setting<std::string>> active_in(const std::vector<File>& files) {
    for (const File& file : files) {
        if (file.active_environment) {
            return file.active_environment;
        }
    }
    return std::nullopt;
}

Setting<std::string> active_environment(const Overrides& overrides, const Environment& environment,
                                        const std::vector<File>& files) {
    Setting<std::string> active{"default", {}};
    if (overrides.environment) {
        active = {*overrides.environment, {Origin::Kind::option, "--env"}};
    } else if (const auto variable = from_variable(environment, "SAIL_ACTIVEENVIRONMENT")) {
        active = *variable;
    } else {
        active = active_in(files).value_or(active);
    }
    active.value = to_lower_letters(active.value);
    for (const File& file : files) {
        if (const FileEnvironment* const entry = entry_of(file, active.value)) {
            active.value = entry->name;
            break;
        }
    }
    return active;
}

/// "did you mean acme? (there are: acme, lab)"
std::string known_environments(const std::string& name, const std::vector<std::string>& names) {
    const auto near = nearest(name, names);
    return near ? concat({"did you mean ", *near, "? (there are: ", join(names), ")"})
                : concat({"there are: ", join(names)});
}

/// An environment that was asked for on the command line must exist: to go on with another would act on a
/// tenant that the person did not mean.
Result<void> check_named(const Overrides& overrides, const Settings& settings) {
    const Setting<std::string>& active = settings.environment;
    if (active.origin.kind != Origin::Kind::option || overrides.new_environment ||
        has_environment(settings, active.value)) {
        return {};
    }
    if (settings.environments.empty()) {
        return usage_error(concat({"--env: there is no environment ", active.value,
                                   "; no configuration file defines an environment"}),
                           "to add it: jit auth login --env NAME --base-url URL");
    }
    return usage_error(concat({"--env: there is no environment ", active.value}),
                       known_environments(active.value, settings.environments));
}

/// An environment's base URL as one file has it.
std::optional<Setting<std::string>> base_url_in(const File& file, const std::string& environment) {
    const FileEnvironment* const entry = entry_of(file, environment);
    return entry == nullptr ? std::nullopt : entry->base_url;
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
        if (in_file && active.origin.kind == Origin::Kind::option && !overrides.new_environment) {
            JIT_TRY(const auto other, checked(*std::move(in_file)));
            if (other->value != url->value) {
                return usage_error(concat({"--env ", active.value, " means ", other->value,
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
        return usage_error(concat({word->origin.where, ": the output format must be ", k_formats,
                                   in_file ? "" : concat({", not \"", word->value, "\""})}));
    }
    return Setting<OutputFormat>{*format, word->origin};
}

/// Why a secret of the active environment must not go to the base URL: it is for those in `own`, as files
/// have them, and so for none that is another; for none at all where no file says which.
std::optional<Error> wrong_host(const Settings& settings, const std::string& where,
                                const std::vector<Setting<std::string>>& own) {
    if (!settings.base_url) {
        return std::nullopt; // nothing is sent anywhere
    }
    const std::string named = concat({settings.base_url->origin.where, " names ", settings.base_url->value});
    for (const Setting<std::string>& url : own) {
        const auto checked = parse_base_url(url.value, url.origin.where);
        if (!checked || *checked != settings.base_url->value) {
            return usage_error(
                concat({"the secret in ", where, " is for ", checked ? *checked : url.origin.where, ", but ",
                        named, "; nothing was sent"}),
                "give the credentials for that tenant in SAIL_CLIENT_ID and SAIL_CLIENT_SECRET, or "
                "add an environment for it");
        }
    }
    if (!own.empty()) {
        return std::nullopt;
    }
    return usage_error(concat({"no configuration file says which tenant the secret in ", where,
                               " is for, but ", named, "; nothing was sent"}),
                       concat({"if it is for that tenant, set environments.", settings.environment.value,
                               ".baseurl to ", settings.base_url->value, " in the configuration file"}));
}

/// The active environment's base URLs: that of `first`, if it has one, else those of the person's files. What
/// the machine's say counts only where these have none: a person's own takes its place.
std::vector<Setting<std::string>> own_urls(const Settings& settings, const std::vector<File>& files,
                                           const File* first = nullptr) {
    std::vector<Setting<std::string>> urls;
    for (const File& file : files) {
        if (auto url = base_url_in(file, settings.environment.value)) {
            if (&file == first) {
                return {*std::move(url)}; // what stands beside a secret says what it is for
            }
            if (file.owner != Owner::machine || urls.empty()) {
                urls.push_back(*std::move(url));
            }
        }
    }
    return urls;
}

/// Where people sign in to the tenant with the base URL: as the files say beside it, else as its host tells.
std::string find_ui_address(const Settings& settings, const std::vector<File>& files) {
    if (!settings.base_url) {
        return "";
    }
    for (const File& file : files) {
        const FileEnvironment* const entry = entry_of(file, settings.environment.value);
        if (entry == nullptr || !entry->base_url || !entry->tenant_url) {
            continue;
        }
        const auto beside = parse_base_url(entry->base_url->value, "");
        const auto address = parse_base_url(entry->tenant_url->value, "");
        if (beside && address && *beside == settings.base_url->value) {
            const std::string of_the_tenant =
                ui_address(*address); // its API is what the check may make of it
            return of_the_tenant.empty() ? *address : of_the_tenant;
        }
    }
    return ui_address(settings.base_url->value);
}

/// What a file has for the active environment, unless it must not be used: the file is open to others, or a
/// secret would go to another host than the one it is for.
template <typename T>
Result<T> usable(const Settings& settings, const T& found, const std::optional<Error>& file_refused,
                 const File& file, const std::vector<File>& files) {
    if (file_refused) {
        return *file_refused;
    }
    if (auto wrong = wrong_host(settings, found.origin.where, own_urls(settings, files, &file))) {
        return *std::move(wrong);
    }
    return found;
}

/// What stands in the variables: credentials, and the base URL that they are for if one stands beside them.
void find_in_variables(Settings& settings, const Environment& environment) {
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
    } else if (id) {
        settings.client_id =
            Setting<Secret>{Secret::take(*id), {Origin::Kind::environment, "SAIL_CLIENT_ID"}};
    } else if (secret && !settings.access_token) {
        settings.warnings.emplace_back("SAIL_CLIENT_SECRET is ignored: SAIL_CLIENT_ID is not set");
    }
    if (!settings.access_token && !settings.environment_pat) {
        return;
    }
    const std::string where =
        settings.access_token ? settings.access_token->origin.where : settings.environment_pat->origin.where;
    const auto beside = environment("SAIL_BASE_URL");
    // Nothing says which tenant they are of, and --env picks one that the variables know nothing of.
    if (!beside && settings.environment.origin.kind == Origin::Kind::option && settings.base_url &&
        settings.base_url->origin.kind == Origin::Kind::file) {
        settings.mixed =
            usage_error(concat({"--env ", settings.environment.value, " means ", settings.base_url->value,
                                ", but the credentials are those in ", where, "; nothing was sent"}),
                        "unset them, or set SAIL_BASE_URL to the tenant that they are for");
        return;
    }
    const auto url = beside ? parse_base_url(*beside, "SAIL_BASE_URL") : Result<std::string>(usage_error(""));
    if (url && settings.base_url && *url != settings.base_url->value) {
        settings.mixed = usage_error(concat({"the credentials in ", where, " stand beside SAIL_BASE_URL, ",
                                             *url, ", but ", settings.base_url->origin.where, " names ",
                                             settings.base_url->value, "; nothing was sent"}),
                                     "unset SAIL_BASE_URL, if they are for that tenant");
    }
}

/// How the environment's people sign in: SAIL_AUTHTYPE, the environment's, that of a whole file.
std::optional<Setting<std::string>> find_auth_type(const Settings& settings, const Environment& environment,
                                                   const std::vector<File>& files) {
    if (auto variable = from_variable(environment, "SAIL_AUTHTYPE")) {
        return variable;
    }
    for (const File& file : files) {
        const FileEnvironment* const entry = entry_of(file, settings.environment.value);
        if (entry != nullptr && entry->auth_type) {
            return entry->auth_type;
        }
    }
    for (const File& file : files) {
        if (file.auth_type) {
            return file.auth_type;
        }
    }
    return std::nullopt;
}

/// Why a PAT that the vendor's tool keeps is not who acts; empty where it is.
std::optional<Error> pat_refused(const Settings& settings, const Setting<std::string>& auth_type) {
    const std::string type = to_lower(trim(auth_type.value));
    if (type == "pat") {
        return std::nullopt;
    }
    if (type != "oauth") {
        return usage_error(
            concat({auth_type.origin.where, ": authtype must be pat or oauth; nothing was sent"}));
    }
    const std::string& name = settings.environment.value;
    return usage_error(
        concat({"environment ", name, " signs in by browser (authtype oauth, from ", auth_type.origin.where,
                "), which jit cannot do yet, and a personal access token that is kept for it ",
                "may be somebody else's; nothing was sent"}),
        concat({"keep one of your own: jit auth login --env ", name,
                "; or set SAIL_ACCESS_TOKEN, or SAIL_CLIENT_ID and SAIL_CLIENT_SECRET; ",
                "if the kept one is yours: SAIL_AUTHTYPE=pat"}));
}

/// Whether the active environment is one that always asks; the first file that says so counts.
bool find_confirm(const Settings& settings, const std::vector<File>& files) {
    for (const File& file : files) {
        const FileEnvironment* const entry = entry_of(file, settings.environment.value);
        if (entry != nullptr && entry->confirm) {
            return entry->confirm->value;
        }
    }
    return false;
}

void find_credentials(Settings& settings, const Environment& environment, const std::vector<File>& files) {
    find_in_variables(settings, environment);
    settings.auth_type = find_auth_type(settings, environment, files);
    if (settings.auth_type) {
        settings.no_pat = pat_refused(settings, *settings.auth_type);
    }
    settings.keyring_refused =
        wrong_host(settings, keyring_name(settings.environment.value), own_urls(settings, files));
    for (const File& file : files) {
        const FileEnvironment* const found = entry_of(file, settings.environment.value);
        if (found == nullptr) {
            continue;
        }
        const FileEnvironment& entry = *found;
        const bool counts = file.owner == Owner::us || !settings.no_pat;
        if (!settings.file_pat && entry.pat && counts) {
            settings.file_pat = usable(settings, *entry.pat, file.open_to_others, file, files);
        }
        if (!settings.command && entry.command) {
            settings.command = usable(settings, *entry.command, std::nullopt, file, files);
        }
        if (!settings.client_id) {
            settings.client_id = entry.client_id;
        }
        if (!settings.client_cert && entry.client_cert &&
            usable(settings, *entry.client_cert, std::nullopt, file, files)) {
            settings.client_cert = entry.client_cert;
            settings.client_key = entry.client_key;
        }
    }
    const bool id_ignored = settings.client_id &&
                            settings.client_id->origin.kind == Origin::Kind::environment &&
                            !settings.access_token && !settings.command;
    if (id_ignored) {
        settings.warnings.emplace_back("SAIL_CLIENT_ID is ignored: SAIL_CLIENT_SECRET is not set");
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
    Settings settings{active_environment(overrides, environment, files), {}, {}, {OutputFormat::table, {}}};
    settings.environments = names_in(files);
    settings.active_in_files = active_in(files);
    if (auto done = check_named(overrides, settings); !done) {
        return std::move(done).error();
    }
    JIT_TRY(settings.base_url, find_base_url(overrides, environment, settings.environment, files));
    settings.ui_address = find_ui_address(settings, files);
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
    settings.confirm = find_confirm(settings, files);
    find_credentials(settings, environment, files);
    // A file that must not be used is an error if its secret is needed, otherwise a warning.
    const bool needed =
        settings.file_pat && !settings.access_token && !settings.environment_pat && !settings.command;
    for (const File& file : files) {
        if (file.open_to_others && !needed) {
            settings.warnings.push_back(
                concat({file.open_to_others->message, "; ", file.open_to_others->hint}));
        }
    }
    return settings;
}

Result<std::vector<std::string>> environment_names(const Overrides& overrides,
                                                   const Environment& environment) {
    JIT_TRY(const auto files, read_files(overrides, environment));
    return names_in(files);
}

const Alias* find_alias(const Settings& settings, std::string_view word) {
    const auto alias = settings.aliases.find(fold_case(trim(word)));
    return alias == settings.aliases.end() ? nullptr : &alias->second;
}

bool has_environment(const Settings& settings, std::string_view name) {
    return std::any_of(settings.environments.begin(), settings.environments.end(),
                       [&name](const std::string& each) { return fold_case(each) == fold_case(name); });
}

std::string keyring_name(const std::string& environment) {
    return concat({"the keyring (environment ", environment, ")"});
}

Result<std::optional<Setting<std::string>>> vendor_base_url(const Environment& environment,
                                                            const std::string& name) {
    using Found = std::optional<Setting<std::string>>;
    const auto path = vendor_path(environment);
    JIT_TRY(const auto file, path ? read_file(*path, false, Owner::vendor) : std::optional<File>());
    auto url = file ? base_url_in(*file, name) : std::nullopt;
    if (!url) {
        return Found();
    }
    JIT_TRY(url->value, parse_base_url(url->value, url->origin.where));
    return url;
}

std::optional<std::string> own_file(const Overrides& overrides, const Environment& environment) {
    const auto named = overrides.config_file ? overrides.config_file : environment("JIT_CONFIG");
    return named ? named : default_path(environment);
}

std::string for_environment(const Settings& settings) {
    if (settings.environment.origin.kind == Origin::Kind::built_in) {
        return "";
    }
    return concat(
        {" for environment ", settings.environment.value, " (from ", settings.environment.origin.where, ")"});
}

Result<std::string> require_base_url(const Settings& settings) {
    if (settings.base_url) {
        return settings.base_url->value;
    }
    const std::string& name = settings.environment.value;
    if (!settings.environments.empty() && !has_environment(settings, name)) {
        if (settings.environment.origin.kind == Origin::Kind::built_in) {
            return usage_error("no base URL is set, and no environment is chosen",
                               concat({"choose one with --env, or set SAIL_BASE_URL (there are: ",
                                       join(settings.environments), ")"}));
        }
        return usage_error(
            concat({"no base URL is set", for_environment(settings), ": there is no such environment"}),
            known_environments(name, settings.environments));
    }
    return usage_error(concat({"no base URL is set", for_environment(settings)}),
                       concat({"set SAIL_BASE_URL to https://TENANT.api.identitynow.com, or environments.",
                               settings.environment.value, ".baseurl in the configuration file"}));
}

OutputFormat output_without_files(const std::optional<std::string>& option, const Environment& environment) {
    const auto word = option ? option : environment("JIT_OUTPUT");
    return word ? parse_output_format(*word).value_or(OutputFormat::table) : OutputFormat::table;
}

} // namespace jit::config
