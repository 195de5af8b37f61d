#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jit::sandbox {

/// How the connection lists write the state of access. The API's page shows the times below `jit` only as an
/// example, and one word for a state.
enum class Shape {
    full,       ///< as the example has it
    null,       ///< no times at all: `jit` is null
    empty,      ///< no times at all: `jit` is an object without members
    expiration, ///< the expiration and no other time
    no_zone,    ///< times without a zone
    epoch,      ///< times as milliseconds since 1970
    provision,  ///< the names that filters use: provision, deprovision
    flat,       ///< the flat names of the API's other answers: jitActivation, a state that is a text
    skewed,     ///< activated a second after it was provisioned
    in_use,     ///< no times, and IN_USE where others have Active
    available,  ///< the state stays Available
};

/// The shape with that name: "full", "no-zone"…
[[nodiscard]] std::optional<Shape> parse_shape(std::string_view name);

/// All their names, as a sentence has them.
[[nodiscard]] std::string shape_names();

} // namespace jit::sandbox
