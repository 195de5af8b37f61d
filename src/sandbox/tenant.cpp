#include "sandbox/tenant.hpp"

#include "sandbox/http_message.hpp"

#include <utility>

namespace jit::sandbox {

std::string_view name_of(ConnectionType type) {
    switch (type) {
    case ConnectionType::jit:
        return "JIT";
    case ConnectionType::standing:
        return "STANDING";
    case ConnectionType::na:
        break;
    }
    return "NA";
}

Tenant::Tenant(TenantData data) : data_(std::move(data)) {
    for (std::size_t i = 0; i < data_.connections.size(); ++i) {
        connections_.emplace(data_.connections[i].id.str(), i);
    }
    for (std::size_t i = 0; i < data_.identities.size(); ++i) {
        clients_.emplace(data_.identities[i].pat.client_id, i);
    }
}

std::optional<std::size_t> Tenant::find_connection(const Uuid& id) const {
    const auto found = connections_.find(id.str());
    return found == connections_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> Tenant::find_client(const std::string& client_id) const {
    const auto found = clients_.find(client_id);
    return found == clients_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> Tenant::find_identity(std::string_view name) const {
    for (std::size_t i = 0; i < data_.identities.size(); ++i) {
        const Identity& identity = data_.identities[i];
        if (equal_ignoring_case(identity.name, name) || equal_ignoring_case(identity.alias, name)) {
            return i;
        }
    }
    return std::nullopt;
}

} // namespace jit::sandbox
