#pragma once

#include "access/context.hpp"
#include "commands/output.hpp"
#include "sailpoint/model.hpp"

#include <string>
#include <vector>

namespace jit::commands {

/// Which columns of a table of connections are worth their room.
struct ConnectionColumns {
    bool identity = false; ///< several people's
    bool type = false;     ///< several types
    bool bar = false;      ///< a drawing of the time that is left
};

[[nodiscard]] Fields connection_fields(const ConnectionColumns& columns);

/// What can be named of them.
[[nodiscard]] FieldNames connection_field_names();

/// One connection in every form. JSON gets `entitlementName`, `connectionId`, `access` (see `access_name`)
/// and, while it is on or under way, `expiresAt`; its `entitlement` stays the service's object.
[[nodiscard]] Record connection_record(access::Context& context, const sailpoint::Connection& connection);

/// The state that the service has this word for, as tables have it: in our words, with --verbose in its own.
[[nodiscard]] std::string state_cell(const access::Context& context, std::string_view status);

/// How far access has come, in a word that scripts may rely on: "available", "starting", "waiting", "active",
/// "ending", "failed". What is over is available again.
[[nodiscard]] std::string_view access_name(const sailpoint::Connection& connection, TimePoint now);

/// What is left, or what it is: "42 min left", "starting", "waiting for you", "-" for what is not
/// active.
[[nodiscard]] std::string access_words(const sailpoint::Connection& connection, TimePoint now);

/// By what people call them, then by source.
void sort_by_title(std::vector<sailpoint::Connection>& connections);

} // namespace jit::commands
