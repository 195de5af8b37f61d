#include "sandbox/tenant.hpp"

#include "sandbox/http_message.hpp"

#include <algorithm>
#include <numeric>
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
        const std::string& id = data_.connections[i].id.str();
        connections_.emplace(id, i);
        short_ids_.push_back(id);
        std::erase(short_ids_.back(), '-');
    }
    by_id_.resize(data_.connections.size());
    std::iota(by_id_.begin(), by_id_.end(), std::size_t{0});
    std::sort(by_id_.begin(), by_id_.end(),
              [this](std::size_t a, std::size_t b) { return short_ids_[a] < short_ids_[b]; });
    by_identity_.resize(data_.identities.size());
    for (const std::size_t i : by_id_) {
        by_identity_[data_.connections[i].identity].push_back(i);
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

std::optional<std::size_t> find_identity(const TenantData& tenant, std::string_view name) {
    for (std::size_t i = 0; i < tenant.identities.size(); ++i) {
        const Identity& identity = tenant.identities[i];
        if (equal_ignoring_case(identity.name, name) || equal_ignoring_case(identity.alias, name)) {
            return i;
        }
    }
    return std::nullopt;
}

} // namespace jit::sandbox
