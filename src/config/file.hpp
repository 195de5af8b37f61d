#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/setting.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jit::config {

/// A personal access token: what the token endpoint takes.
struct ClientCredentials {
    Secret client_id;
    Secret client_secret;
    Origin origin;
};

/// One entry below `environments:`.
struct FileEnvironment {
    std::optional<Setting<std::string>> base_url = {}; ///< as written, not checked
    std::optional<ClientCredentials> pat =
        {}; ///< `pat.clientid` and `pat.clientsecret`, where both are there
};

/// One entry below `aliases:`: a short name for one or several entitlements.
struct Alias {
    std::vector<std::string> entitlements = {}; ///< connection IDs or names, at least one
    std::optional<Setting<long>> minutes = {};
    Origin origin = {};
};

/// A configuration file, ours or the vendor tool's: they have one shape, and ours has more keys.
struct File {
    std::string path;
    std::optional<Setting<std::string>> active_environment = {};
    std::map<std::string, FileEnvironment> environments =
        {}; ///< by name in lower case, as the vendor tool has it
    std::optional<Setting<long>> default_minutes = {};
    std::optional<Setting<std::string>> default_output = {};
    std::optional<Setting<bool>> default_wait = {};
    std::map<std::string, Alias> aliases = {}; ///< by name in lower case
    bool has_secret = false;                   ///< a client secret stands in it, of whichever environment
    std::optional<Error> open_to_others = {};  ///< set where others can read it: why it must not be used
    std::vector<std::string> warnings = {};    ///< unknown keys, one line each
};

/// Reads a file. Empty where it does not exist and is not `required`. Code 2 for a file that cannot be read,
/// is no YAML, or has a value of a wrong type; the message has file, line and key.
[[nodiscard]] Result<std::optional<File>> read_file(const std::string& path, bool required);

/// The same from text; `path` is for messages.
[[nodiscard]] Result<File> parse_file(const std::string& text, const std::string& path);

} // namespace jit::config
