#pragma once

#include "util/environment.hpp"
#include "util/interrupt.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <memory>
#include <optional>
#include <string>

namespace jit::auth {

/// The names of the vendor's tool: an item's `service`; its `username` is the environment's name.
inline constexpr const char* k_client_id_service = "environments.pat.clientid";
inline constexpr const char* k_client_secret_service = "environments.pat.clientsecret";

/// The operating system's store of secrets. Virtual so that tests need none. Errors say in a few words why it
/// cannot be used ("it is locked"), and have code 2, or 130 for an interrupt.
class Keyring {
public:
    Keyring() = default;
    Keyring(const Keyring&) = delete;
    Keyring& operator=(const Keyring&) = delete;
    Keyring(Keyring&&) = delete;
    Keyring& operator=(Keyring&&) = delete;
    virtual ~Keyring() = default;

    /// The secret that is kept under these names. Empty where there is none.
    [[nodiscard]] virtual Result<std::optional<Secret>> find(const std::string& service,
                                                             const std::string& user) = 0;

    /// Keeps a secret, in place of one under the same names.
    [[nodiscard]] virtual Result<void> store(const std::string& service, const std::string& user,
                                             const Secret& secret) = 0;

    /// Removes it. Whether there was one.
    [[nodiscard]] virtual Result<bool> remove(const std::string& service, const std::string& user) = 0;
};

/// Whether a keyring may ask the person to unlock it.
enum class Unlock { never, may_ask };

/// The keyring of this system: the Secret Service, by way of libsecret. Neither is loaded, started or
/// connected to before the first call, and then in a process of its own that is ended after some seconds (a
/// minute where it may ask), so that neither a hanging service nor what its libraries leave in memory is
/// ours. Where there is no such thing, or `jit` was built without it, calls fail at once. `interrupt`
/// outlives it.
[[nodiscard]] std::unique_ptr<Keyring> system_keyring(const Environment& environment, Unlock unlock,
                                                      const Interrupt& interrupt);

} // namespace jit::auth
