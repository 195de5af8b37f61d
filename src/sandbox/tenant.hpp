#pragma once

#include "sandbox/workflow.hpp"
#include "util/uuid.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace jit::sandbox {

/// A personal access token: what a client logs in with. These are practice values and no secrets.
struct Pat {
    std::string client_id;
    std::string client_secret;
    std::vector<std::string> scopes;
    bool user_context = true; ///< without it, its access tokens name no user
};

struct Identity {
    std::string id;
    std::string name;  ///< for people: "Robin Ops"
    std::string alias; ///< the user name: "robin.ops"
    Pat pat;
    std::vector<std::string> levels = {"USER"}; ///< user levels, as the API names them
};

struct Source {
    std::string id;
    std::string name;
};

struct Account {
    std::string id;
    std::string name;
};

struct Entitlement {
    std::string id;
    std::string name;
    std::string display_name;
    std::string description;
    std::string attribute;
    std::string value;
    std::string source_schema_object_type;
    std::string privilege_level; ///< `privilegeLevel.effective`
};

enum class ConnectionType { jit, standing, na };

/// "JIT", "STANDING" or "NA".
[[nodiscard]] std::string_view name_of(ConnectionType type);

/// Connects an identity's account to an entitlement on a source.
struct Connection {
    Uuid id;
    std::size_t identity; ///< index into TenantData::identities
    std::size_t source;   ///< index into TenantData::sources
    Account account;
    Entitlement entitlement;
    ConnectionType type = ConnectionType::jit;
    bool standalone = false;
    Course course = {};
};

/// All that a data file holds.
struct TenantData {
    std::string org;
    std::string pod;
    std::vector<Identity> identities; ///< the first is the main one
    std::vector<Source> sources;
    std::vector<Connection> connections;
};

/// The index of the identity of that name or alias, in any case of its ASCII letters.
[[nodiscard]] std::optional<std::size_t> find_identity(const TenantData& tenant, std::string_view name);

/// The tenant, with its look-ups. Does not change while the sandbox runs.
class Tenant {
public:
    /// Expects data as read_tenant or builtin_data make it: identifiers are unique, indices are in range.
    explicit Tenant(TenantData data);

    [[nodiscard]] const TenantData& data() const { return data_; }
    [[nodiscard]] const Identity& identity(std::size_t index) const { return data_.identities[index]; }
    [[nodiscard]] const Connection& connection(std::size_t index) const { return data_.connections[index]; }

    /// The index of a connection.
    [[nodiscard]] std::optional<std::size_t> find_connection(const Uuid& id) const;

    /// The index of the identity that a PAT belongs to.
    [[nodiscard]] std::optional<std::size_t> find_client(const std::string& client_id) const;

    /// The ID of a connection as lists show it: 32 hexadecimal digits.
    [[nodiscard]] const std::string& short_id(std::size_t connection) const { return short_ids_[connection]; }

    /// Indices of connections, in the order of their IDs: all, and those of an identity.
    [[nodiscard]] const std::vector<std::size_t>& connections_by_id() const { return by_id_; }
    [[nodiscard]] const std::vector<std::size_t>& connections_by_id(std::size_t identity) const {
        return by_identity_[identity];
    }

private:
    TenantData data_;
    std::vector<std::string> short_ids_; ///< of the connections
    std::vector<std::size_t> by_id_;
    std::vector<std::vector<std::size_t>> by_identity_;
    std::unordered_map<std::string, std::size_t> connections_;
    std::unordered_map<std::string, std::size_t> clients_;
};

} // namespace jit::sandbox
