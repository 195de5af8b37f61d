#include "auth/keyring.hpp"

namespace jit::auth {
namespace {

/// Where this system has none, or `jit` was built without it.
class NoKeyring final : public Keyring {
public:
    [[nodiscard]] Result<std::optional<Secret>> find(const std::string& /*service*/,
                                                     const std::string& /*user*/) override {
        return std::optional<Secret>();
    }
    [[nodiscard]] Result<void> store(const std::string& /*service*/, const std::string& /*user*/,
                                     const Secret& /*secret*/) override {
        return usage_error("this build of jit knows none");
    }
    [[nodiscard]] Result<bool> remove(const std::string& /*service*/, const std::string& /*user*/) override {
        return false;
    }
};

} // namespace

std::unique_ptr<Keyring> system_keyring(const Environment& /*environment*/, Unlock /*unlock*/,
                                        const Interrupt& /*interrupt*/) {
    return std::make_unique<NoKeyring>();
}

} // namespace jit::auth
