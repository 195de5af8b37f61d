#pragma once

#include "config/file.hpp"
#include "util/result.hpp"

#include <optional>
#include <string>

namespace jit::config {

/// What `jit auth login` keeps in a configuration file.
struct Login {
    std::string environment; ///< its name, lower case
    std::string base_url;
    const ClientCredentials* pat = nullptr; ///< null: kept elsewhere, and taken out of the file
    bool activate = true;                   ///< whether to make it the active one
    bool says_pat = false;                  ///< whether to say that it signs in by a PAT (`authtype`)
};

/// The text of a configuration file with this environment in it. All else stays as it
/// is, comments too. Code 2, with what to write by hand (but no secret), for a text that this does not know
/// how to change: one line each, no braces, is what it knows.
[[nodiscard]] Result<std::string> with_login(const std::string& text, const std::string& path,
                                             const Login& login);

/// The text without the environment's `pat:`; the same text where it has none. Code 2 as above.
[[nodiscard]] Result<std::string> without_pat(const std::string& text, const std::string& path,
                                              const std::string& environment);

} // namespace jit::config
