#pragma once

#include "mcp/session.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace jit::mcp {

/// The result of tools/list: those that only read, and, where something is allowed, those that change.
[[nodiscard]] std::string tools_json(const Options& options);

/// What is wrong with a call; empty: nothing.
[[nodiscard]] std::string check_call(const Options& options, const Message& message);

/// Whether a tool changes something.
[[nodiscard]] bool is_changing(std::string_view tool);

/// What the result of a tool that reads calls its list.
[[nodiscard]] std::string_view list_name(std::string_view tool);

// Commands of jit, without the program's name.

/// The command of a tool that reads.
[[nodiscard]] std::vector<std::string> read_command(const Message& message);

/// Finds the connections that words name, and sends nothing that changes anything.
[[nodiscard]] std::vector<std::string> resolve_command(const std::vector<std::string>& words);

/// The command of a tool that changes access to a connection.
[[nodiscard]] std::vector<std::string> change_command(const Message& message, const std::string& connection,
                                                      bool confirm);

/// Ends access, and waits until it has ended.
[[nodiscard]] std::vector<std::string> end_command(const std::vector<std::string>& connections,
                                                   std::chrono::seconds timeout);

} // namespace jit::mcp
