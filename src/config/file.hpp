#pragma once

#include "config/setting.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::config {

/// A personal access token: what the token endpoint takes.
struct ClientCredentials {
    Secret client_id;
    Secret client_secret;
    Origin origin;
};

/// A program that the configuration names.
struct CommandLine {
    std::vector<std::string> words; ///< the program and its arguments; no shell reads them
    Origin origin;
};

/// One entry below `environments:`.
struct FileEnvironment {
    std::string name = {}; ///< in lower case, as the vendor tool has it: also the keyring's name for it
    std::optional<Setting<std::string>> auth_type = {};  ///< `authtype`: how the vendor tool signs in
    std::optional<Setting<std::string>> base_url = {};   ///< as written, not checked
    std::optional<Setting<std::string>> tenant_url = {}; ///< the same; where people sign in
    std::optional<ClientCredentials> pat =
        {}; ///< `pat.clientid` and `pat.clientsecret`, where both are there
    std::optional<Setting<Secret>> client_id = {};        ///< `pat.clientid`, also where it stands alone
    std::optional<CommandLine> command = {};              ///< prints a secret, or an ID and a secret
    std::optional<Setting<std::string>> client_cert = {}; ///< PEM files, for TLS
    std::optional<Setting<std::string>> client_key = {};
    std::optional<Setting<bool>> confirm = {}; ///< ask a person before access is started or extended
};

/// One entry below `aliases:`: a short name for one or several entitlements.
struct Alias {
    std::string name = {};                      ///< as it is written
    std::vector<std::string> entitlements = {}; ///< connection IDs or names, at least one
    std::optional<Setting<long>> minutes = {};
    std::optional<Setting<bool>> confirm = {}; ///< ask a person before it is started or extended
    std::optional<CommandLine> ready = {};     ///< its code 0 shows that the access works
    Origin origin = {};                        ///< the line of its name
};

/// Whose a file is. An unknown key of the vendor tool's is no business of ours; one of the others is warned
/// of. The machine's is there for all who use it: a secret in it is refused.
enum class Owner { us, vendor, machine };

/// A configuration file, ours or the vendor tool's: they have one shape, and ours has more keys.
struct File {
    std::string path;
    Owner owner = Owner::us;
    std::optional<Setting<std::string>> active_environment = {};
    std::optional<Setting<std::string>> auth_type = {};       ///< that of all environments without one
    std::map<std::string, FileEnvironment> environments = {}; ///< by name without case (`fold_case`)
    std::optional<Setting<long>> default_minutes = {};
    std::optional<Setting<std::string>> default_output = {};
    std::optional<Setting<bool>> default_wait = {};
    std::map<std::string, Alias> aliases = {}; ///< by name without case (`fold_case`)
    bool has_secret = false;                   ///< a client secret stands in it, of whichever environment
    std::optional<Error> open_to_others = {};  ///< set where others can read it: why it must not be used
    bool steers = false; ///< says where secrets go, or what is acted on: more than `defaults`
    std::vector<std::string> warnings = {}; ///< unknown keys, one line each
};

/// Reads a file. Empty for /dev/null, and where it does not exist and is not `required`. Code 2 for a file
/// that is no regular one or cannot be read, is no YAML, or has a value of a wrong type; the message has
/// file, line and key, and never what stands there. Code 2 also for one that steers while others could have
/// written it (`config/trust`), and for a secret in the machine's.
[[nodiscard]] Result<std::optional<File>> read_file(const std::string& path, bool required,
                                                    Owner owner = Owner::us);

/// The text of a file that is to be changed, as it is. Empty where it does not exist; code 2 where it is none
/// that `write_text` could put in place.
[[nodiscard]] Result<std::optional<std::string>> read_text(const std::string& path);

/// Puts a text in the place of a file, for its owner only, and makes the directory that is missing. A
/// symbolic link stays one: what it leads to is written.
[[nodiscard]] Result<void> write_text(const std::string& path, std::string_view text);

/// Removes what killed runs of `write_text` left behind.
void remove_leftovers(const std::string& path);

/// The same as `read_file`, from text; `path` is for messages.
[[nodiscard]] Result<File> parse_file(const std::string& text, const std::string& path,
                                      Owner owner = Owner::us);

} // namespace jit::config
