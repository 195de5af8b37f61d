#pragma once

#include "util/result.hpp"

#include <string>
#include <string_view>

namespace jit::config {

/// Checks a tenant's base URL and brings it to one spelling: scheme and host in lower case, no trailing
/// slash. What people have at hand is understood: a tenant's name ("acme"), a host without a scheme, and the
/// address of a tenant's UI or login page, whose API is elsewhere. It must be https, or http to a loopback
/// address; a user part, a query or a fragment is refused, and so is anything that is no URL. `where` names
/// the setting in errors, which have code 2 and do not repeat a user part.
[[nodiscard]] Result<std::string> parse_base_url(std::string_view text, std::string_view where);

/// Where people sign in to the tenant whose API has that base URL: "https://acme.identitynow.com" for
/// "https://acme.api.identitynow.com". Empty where the host does not tell.
[[nodiscard]] std::string ui_address(std::string_view base_url);

} // namespace jit::config
