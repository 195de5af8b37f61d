#pragma once

#include <array>
#include <string_view>

namespace jit::cli {

/// An environment variable, or several, as help and manual list them.
struct Variable {
    std::string_view name;
    std::string_view meaning;
};

inline constexpr std::array<Variable, 13> k_variables = {{
    {"SAIL_BASE_URL", "the tenant, as --base-url"},
    {"SAIL_CLIENT_ID", "a personal access token's client ID"},
    {"SAIL_CLIENT_SECRET", "and its secret"},
    {"SAIL_ACCESS_TOKEN", "an access token, instead of the two"},
    {"SAIL_ACTIVEENVIRONMENT", "environment of the configuration, as --env"},
    {"JIT_CONFIG", "configuration file, as --config"},
    {"JIT_OUTPUT", "output format, as --output"},
    {"JIT_ASKPASS, SSH_ASKPASS", "program that asks for --confirm where there is no terminal"},
    {"NO_COLOR", "no colour"},
    {"CLICOLOR_FORCE", "colour even where there is no terminal"},
    {"HTTPS_PROXY, NO_PROXY", "proxy for https, and hosts to reach without it"},
    {"SSL_CERT_FILE", "CAs to trust, a PEM file"},
    {"SSL_CERT_DIR", "CAs to trust, a hashed directory"},
}};

} // namespace jit::cli
