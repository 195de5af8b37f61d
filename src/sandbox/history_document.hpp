#pragma once

#include "sandbox/json.hpp"
#include "sandbox/list_page.hpp"
#include "sandbox/tenant.hpp"

#include <array>
#include <string>
#include <string_view>

namespace jit::sandbox {

/// A row of the activation history.
struct HistoryDocument {
    const Tenant* tenant;
    const Activation* activation;
    Progress progress;
    std::string id;

    [[nodiscard]] const Connection& connection() const { return tenant->connection(activation->connection); }
    [[nodiscard]] const Identity& identity() const { return tenant->identity(connection().identity); }
    [[nodiscard]] const Source& source() const { return tenant->data().sources[connection().source]; }
};

/// The history's word for a state: "ACTIVATING", "PROVISIONING"…
[[nodiscard]] std::string_view history_status_of(Status status);

/// The fields that the API's page on the history names, the first being `id`.
[[nodiscard]] const std::array<Column<HistoryDocument>, 9>& history_columns();

/// The places of two of them.
inline constexpr std::size_t k_identity_id_column = 1;
inline constexpr std::size_t k_initiated_column = 6;

/// Writes the document with all its members; what has not happened is null.
void put_document(JsonWriter& writer, const HistoryDocument& document);

} // namespace jit::sandbox
