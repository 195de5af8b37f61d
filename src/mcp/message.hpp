#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jit::mcp {

/// Error codes of JSON-RPC 2.0.
enum class RpcError : int {
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
};

/// A message of JSON-RPC 2.0: a request has an ID and a method, a notification a method, a response an ID.
struct Message {
    std::string id;             ///< as JSON, a string or a whole number; empty: none
    std::string method;         ///< empty: a response
    std::string protocol;       ///< initialize: params.protocolVersion
    bool can_elicit = false;    ///< initialize: the client can ask its user
    std::string tool;           ///< tools/call: params.name
    std::string progress_token; ///< params._meta.progressToken, as JSON; empty: none
    std::string cancelled;      ///< notifications/cancelled: params.requestId, as JSON
    bool approved = false;      ///< a response: its result accepts the elicitation, with a yes

    // Arguments of a tool, as far as they are of the right type.
    std::string entitlement;
    std::optional<std::int64_t> minutes;
    std::optional<bool> wait;
    std::string search;
    std::string state;
    std::string since;
    std::optional<std::int64_t> limit;
    std::string wrong_argument; ///< one that has another type, or that no tool has; empty: none
};

/// Either a message or what is wrong with it.
struct Parsed {
    std::optional<Message> message;
    RpcError error = RpcError::parse_error;
    std::string reason = {};
    std::string id = {}; ///< of a request that is wrong, as JSON, where it is known
};

/// Reads one line that a client wrote. Whatever it holds, nothing crashes: nesting is limited to 64 levels.
/// Batches are no messages of this protocol.
[[nodiscard]] Parsed parse_message(std::string_view line);

/// A text as a JSON string that is safe to show on a terminal.
[[nodiscard]] std::string json_string(std::string_view text);

/// `{"jsonrpc": "2.0", "id": …, "result": …}` and a line end. `result` is JSON.
[[nodiscard]] std::string response(std::string_view id, std::string_view result);

/// The same with an error. An empty ID is null.
[[nodiscard]] std::string error_response(std::string_view id, RpcError code, std::string_view reason);

/// The `result` of a tool call. `object` is its structured content, a JSON object on one line.
[[nodiscard]] std::string tool_result(std::string_view headline, std::string_view object, bool is_error);

} // namespace jit::mcp
