#pragma once

#include "sandbox/http_message.hpp"
#include "util/result.hpp"
#include "util/uuid.hpp"

#include <cstdint>
#include <string_view>

namespace jit::sandbox {

/// The body of activate, extend or deactivate, found valid by the contract's schema.
struct WorkflowRequest {
    Uuid connection;
    std::int64_t minutes = 0;
};

/// Reads the body. `minutes_field` names the required minutes, and is empty where there are none. Fails with
/// the 400 to answer.
[[nodiscard]] Result<WorkflowRequest, Response> read_workflow_request(const Request& request,
                                                                      std::string_view minutes_field);

} // namespace jit::sandbox
