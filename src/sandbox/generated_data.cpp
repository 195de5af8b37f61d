#include "sandbox/generated_data.hpp"

#include "util/text.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace jit::sandbox {
namespace {

constexpr std::array<std::string_view, 5> k_sources = {"Billing Cluster", "Data Lake", "Mail Relays",
                                                       "Network Core", "Warehouse"};
constexpr std::array<std::string_view, 4> k_roles = {"Administrator", "Operator", "Reader", "Auditor"};
constexpr std::array<std::string_view, 3> k_privileges = {"HIGH", "MEDIUM", "LOW"};

std::string padded(std::uint64_t number, std::size_t digits) {
    const std::string text = std::to_string(number);
    return std::string(digits - text.size(), '0') + text;
}

/// The n-th of different IDs that are in no order.
Uuid scattered_id(std::uint64_t n) {
    // Has no divisor in common with the modulus, so that no two numbers give the same remainder.
    constexpr std::uint64_t k_factor = 618'033'988'749;
    constexpr std::uint64_t k_modulus = 1'000'000'000'000;
    const std::optional<Uuid> id =
        Uuid::parse("5ca1ab1e-0000-4000-8000-" + padded(n * k_factor % k_modulus, 12));
    if (!id) {
        std::abort(); // not with twelve digits
    }
    return *id;
}

} // namespace

TenantData with_generated_connections(TenantData tenant, std::size_t count) {
    std::erase_if(tenant.connections, [](const Connection& connection) { return connection.identity == 0; });
    const std::size_t first_source = tenant.sources.size();
    for (std::size_t i = 0; i < k_sources.size(); ++i) {
        tenant.sources.push_back({"51" + padded(i + 1, 30), std::string(k_sources[i])});
    }
    const std::string account_name = tenant.identities.front().alias;
    tenant.connections.reserve(tenant.connections.size() + count);
    for (std::uint64_t n = 1; n <= count; ++n) {
        const std::size_t source = n % k_sources.size();
        const std::string value = concat({"team", padded(n, 7), ":", k_roles[n % k_roles.size()]});
        const std::string name = concat({"Team ", padded(n, 7), " ", k_roles[n % k_roles.size()]});
        tenant.connections.push_back(
            {scattered_id(n),
             0,
             first_source + source,
             {"acd" + padded(source + 1, 29), account_name},
             {"e8" + padded(n, 30), name, name, concat({name, " on ", k_sources[source]}), "groups", value,
              "group", std::string(k_privileges[n % k_privileges.size()])}});
    }
    return tenant;
}

} // namespace jit::sandbox
