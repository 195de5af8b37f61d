#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "http/transport.hpp"
#include "io/redactor.hpp"
#include "sailpoint/client.hpp"

#include <memory>
#include <string>
#include <variant>

namespace jit::auth {

/// What proves who `jit` is: an access token as it is, or a PAT to get one with.
using Credentials = std::variant<config::Setting<Secret>, config::ClientCredentials>;

/// The first that is there: SAIL_ACCESS_TOKEN; SAIL_CLIENT_ID with SAIL_CLIENT_SECRET; the active
/// environment's `pat:`. A new kind of credentials becomes one more step here. Code 2 where there are none,
/// where the file that has them is open to others, or where they have characters that no credential has.
[[nodiscard]] Result<Credentials> choose_credentials(const config::Settings& settings);

/// Where the tokens for these credentials come from. Whatever is secret, now or later, is told to the
/// redactor.
[[nodiscard]] std::unique_ptr<sailpoint::TokenSource>
make_token_source(Credentials credentials, http::Transport& transport, std::string base_url,
                  io::Redactor& redactor, const Clock& clock);

} // namespace jit::auth
