#pragma once

#include "util/environment.hpp"

#include <optional>
#include <string>

namespace jit::http {

/// Which certificate authorities to trust: a file in PEM form, a directory hashed as `openssl rehash` does,
/// or both. Empty: none of that kind.
struct TrustStore {
    std::string file;
    std::string directory;
    friend bool operator==(const TrustStore&, const TrustStore&) = default;
};

/// Highest first: `ca_file` (the option `--ca-file`), SSL_CERT_FILE and SSL_CERT_DIR, the
/// system's own. Of that the hashed directory is taken where there is one: OpenSSL reads from it the one
/// certificate that it needs, instead of the whole bundle, which takes 20 ms.
[[nodiscard]] TrustStore find_trust_store(const std::optional<std::string>& ca_file,
                                          const Environment& environment, const TrustStore& system);

/// What libcurl was built to use on this system.
[[nodiscard]] TrustStore system_trust_store();

} // namespace jit::http
