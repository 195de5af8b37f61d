#include "http/trust_store.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>

namespace jit::http {
namespace {

/// Whether a name is one that `openssl rehash` makes for a certificate: "02265526.0".
bool is_hash_name(const std::string& name) {
    constexpr std::size_t k_hash = 8;
    return name.size() > k_hash + 1 && name[k_hash] == '.' &&
           std::all_of(name.begin(), name.begin() + k_hash,
                       [](unsigned char c) { return std::isxdigit(c) != 0; }) &&
           std::all_of(name.begin() + k_hash + 1, name.end(),
                       [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_hashed(const std::string& directory) {
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (is_hash_name(entry->path().filename().string())) {
            return true;
        }
    }
    return false;
}

} // namespace

TrustStore find_trust_store(const std::optional<std::string>& ca_file, const Environment& environment,
                            const TrustStore& system) {
    if (ca_file) {
        return {*ca_file, {}};
    }
    TrustStore store{environment("SSL_CERT_FILE").value_or(""), environment("SSL_CERT_DIR").value_or("")};
    if (!store.file.empty() || !store.directory.empty()) {
        return store;
    }
    if (!system.directory.empty() && is_hashed(system.directory)) {
        return {{}, system.directory};
    }
    return system;
}

} // namespace jit::http
