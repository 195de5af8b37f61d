#pragma once

#include "sandbox/json.hpp"
#include "sandbox/list_page.hpp"
#include "sandbox/shape.hpp"
#include "sandbox/tenant.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace jit::sandbox {

/// A row of the connection lists.
struct ConnectionHit {
    const Tenant* tenant;
    std::size_t index;        ///< of the connection
    const Progress* progress; ///< of its newest activation; nullptr: it was never activated
    Shape shape = Shape::full;

    [[nodiscard]] const Connection& connection() const { return tenant->connection(index); }
    [[nodiscard]] const Identity& identity() const { return tenant->identity(connection().identity); }
    [[nodiscard]] const Source& source() const { return tenant->data().sources[connection().source]; }
};

/// The word of `state.value` for a connection whose newest activation is in that state.
[[nodiscard]] std::string_view state_value_of(Status status);

/// The fields that the API's page on the lists names, the first being `id`.
[[nodiscard]] const std::array<Column<ConnectionHit>, 20>& connection_columns();

/// Writes a search hit. `jit` holds what has happened in the newest activation, and its expiration, as far as
/// the shape has it.
void put_hit(JsonWriter& writer, const ConnectionHit& hit);

} // namespace jit::sandbox
