#pragma once

#include "auth/keyring.hpp"
#include "auth/token_cache.hpp"
#include "config/settings.hpp"
#include "http/transport.hpp"
#include "io/log.hpp"
#include "io/redactor.hpp"
#include "sailpoint/client.hpp"
#include "util/clock.hpp"
#include "util/result.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jit::auth {

/// A personal access token. Its secret is got when a token must be fetched, and not before: a run that finds
/// its token in the cache neither starts a program nor asks a keyring for it.
struct Pat {
    Secret client_id;
    std::function<Result<Secret>()> client_secret;
    std::string where; ///< as a person would name it
};

/// What proves who `jit` is: an access token as it is, or a PAT to get one with.
using Credentials = std::variant<config::Setting<Secret>, Pat>;

/// Runs a credential command and gives what it printed. Code 2 where it cannot be run, fails, takes too long
/// or prints too much.
using CommandRunner =
    std::function<Result<Secret>(const std::vector<std::string>& words, const std::string& where)>;

/// What credentials are looked for with, beside the settings.
struct Helpers {
    Keyring& keyring;
    CommandRunner run;
};

/// The first that is there: SAIL_ACCESS_TOKEN; SAIL_CLIENT_ID with SAIL_CLIENT_SECRET; the active
/// environment's `credential_command`; the keyring; the environment's `pat:`. A new kind of credentials
/// becomes one more step here. The keyring's PAT does not count where people sign in otherwise. Code 2 where
/// there are none, where they must not be used (a file that is open to others, a base URL that they do not
/// belong to), or where they have characters that no credential has. The helpers outlive the result.
[[nodiscard]] Result<Credentials> choose_credentials(const config::Settings& settings,
                                                     const Helpers& helpers);

/// The secret, or code 2 where it has characters that no credential has and a header or form cannot hold; a
/// pasted line break is the usual reason. `where` names it.
[[nodiscard]] Result<Secret> sendable(Secret secret, std::string_view where);

/// Where the tokens for these credentials come from: with a cache, a request is made only where that has
/// none. The redactor learns each secret, now and later.
[[nodiscard]] std::unique_ptr<sailpoint::TokenSource>
make_token_source(Credentials credentials, http::Transport& transport, std::string base_url,
                  io::Redactor& redactor, Clock& clock, std::optional<TokenCache> cache);

} // namespace jit::auth
