#pragma once

#include "sandbox/tenant.hpp"
#include "util/result.hpp"

#include <string>
#include <string_view>

namespace jit::sandbox {

/// Reads a data set, whose format jit-sandbox(1) describes, and checks it: required members, types, lengths,
/// references, uniqueness, unknown members. The usage error names `name` and the place: the line of a syntax
/// error, or the path of a member, as "connections[3].type".
[[nodiscard]] Result<TenantData> read_tenant(std::string_view json, const std::string& name);

/// The same from a file.
[[nodiscard]] Result<TenantData> read_tenant_file(const std::string& path);

/// The data set as indented JSON, which `read_tenant` reads back to the same.
[[nodiscard]] std::string write_tenant(const TenantData& tenant);

} // namespace jit::sandbox
