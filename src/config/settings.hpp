#pragma once

#include "config/file.hpp"
#include "config/setting.hpp"
#include "util/environment.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::config {

/// The variables that hold credentials, or name them: what jit starts is not to have them.
[[nodiscard]] inline std::vector<std::string_view> credential_variables() {
    return {"SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET", "SAIL_ACCESS_TOKEN"};
}

enum class OutputFormat { table, json, jsonl, csv };

/// Reads the word for a format, in any case.
[[nodiscard]] std::optional<OutputFormat> parse_output_format(std::string_view word);

/// Whether results and errors are for a script to parse: json, jsonl.
[[nodiscard]] constexpr bool is_json(OutputFormat format) {
    return format == OutputFormat::json || format == OutputFormat::jsonl;
}

/// What the command line says. Empty: not given.
struct Overrides {
    std::optional<std::string> environment = {}; ///< --env
    std::optional<std::string> base_url = {};    ///< --base-url
    std::optional<std::string> config_file = {}; ///< --config
    std::optional<std::string> output = {};      ///< --output
    bool new_environment = false; ///< the environment need not be there: the command is about to make it
};

/// Everything that `jit` was told, each setting with its origin. Highest first: option, environment variable,
/// our configuration file, the vendor tool's (`~/.sailpoint/config.yaml`), the machine's (below
/// `$XDG_CONFIG_DIRS`, and `/etc/jit/config.yaml`), built in.
struct Settings {
    Setting<std::string> environment;                  ///< name of the active environment, lower case
    std::optional<Setting<std::string>> base_url = {}; ///< checked, see `parse_base_url`
    std::string ui_address = {}; ///< where people sign in to that tenant; empty: not known
    Setting<OutputFormat> output;
    std::optional<Setting<long>> default_minutes = {}; ///< 1 to 2147483647
    std::optional<Setting<bool>> default_wait = {};
    bool confirm =
        false; ///< the active environment's `confirm`: ask a person before access is started or extended
    std::map<std::string, Alias> aliases = {};                ///< by name without case, see `find_alias`
    std::vector<std::string> environments = {};               ///< the names of those in the files, each once
    std::optional<Setting<std::string>> active_in_files = {}; ///< the environment that the files call active
    std::optional<Setting<std::string>> auth_type = {};       ///< `authtype` for the active environment

    // Credentials by where they were found; `auth::choose_credentials` takes the first that is there.
    std::optional<Setting<Secret>> access_token = {};       ///< SAIL_ACCESS_TOKEN
    std::optional<ClientCredentials> environment_pat = {};  ///< SAIL_CLIENT_ID and SAIL_CLIENT_SECRET
    std::optional<Result<ClientCredentials>> file_pat = {}; ///< `pat:` of the active environment; an error
                                                            ///< where it must not be used
    std::optional<Result<CommandLine>> command = {};        ///< of the active environment; an error as above
    std::optional<Setting<Secret>> client_id = {}; ///< for the command: SAIL_CLIENT_ID, `pat.clientid`
    std::optional<Error> no_pat = {}; ///< set where the environment's people sign in otherwise (authtype), so
                                      ///< that a PAT in the vendor tool's places is not who acts: why
    std::optional<Error> keyring_refused = {}; ///< set where what the keyring has for the active environment
                                               ///< must not be sent to the base URL
    std::optional<Error> mixed = {}; ///< set where the variables have credentials for another base URL

    std::optional<Setting<std::string>> client_cert =
        {}; ///< for TLS; only with the environment's own base URL
    std::optional<Setting<std::string>> client_key = {};
    std::vector<std::string> warnings = {}; ///< to be shown, one line each
};

/// Reads all of it. No base URL and no credentials are not errors here: not every command needs them.
[[nodiscard]] Result<Settings> load(const Overrides& overrides, const Environment& environment);

/// The alias that a word names, without regard to case; null: none.
[[nodiscard]] const Alias* find_alias(const Settings& settings, std::string_view word);

/// Whether the files have an environment of that name, without regard to case.
[[nodiscard]] bool has_environment(const Settings& settings, std::string_view name);

/// The names of the environments in the files, each once. Code 2 as `load`.
[[nodiscard]] Result<std::vector<std::string>> environment_names(const Overrides& overrides,
                                                                 const Environment& environment);

/// How the keyring is named where it is an origin.
[[nodiscard]] std::string keyring_name(const std::string& environment);

/// The base URL that the vendor tool's file has for an environment, checked; empty where it has none.
[[nodiscard]] Result<std::optional<Setting<std::string>>> vendor_base_url(const Environment& environment,
                                                                          const std::string& name);

/// Where `jit`'s own configuration is, or would be. Empty without a home.
[[nodiscard]] std::optional<std::string> own_file(const Overrides& overrides, const Environment& environment);

/// " for environment acme (from --env)", for messages; empty where nobody chose one.
[[nodiscard]] std::string for_environment(const Settings& settings);

/// The base URL, or the error (code 2) that says how to set one.
[[nodiscard]] Result<std::string> require_base_url(const Settings& settings);

/// The output format alone, as far as it can be known without any file: for errors met before `load`.
[[nodiscard]] OutputFormat output_without_files(const std::optional<std::string>& option,
                                                const Environment& environment);

} // namespace jit::config
