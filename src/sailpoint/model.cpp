#include "sailpoint/model.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace jit::sailpoint {

std::string_view operation_name(Operation operation) {
    switch (operation) {
    case Operation::activate:
        return "activate";
    case Operation::extend:
        return "extend";
    case Operation::deactivate:
        return "deactivate";
    }
    return "";
}

std::optional<TimePoint> expiry_of(const Acceptance& acceptance) {
    const auto start = parse_rfc3339(acceptance.start_time);
    const auto minutes = parse_whole(acceptance.minutes, 1, std::numeric_limits<std::int32_t>::max());
    if (!start || !minutes) {
        return std::nullopt;
    }
    return *start + std::chrono::minutes(*minutes);
}

bool is_failed(Operation operation, std::string_view status) {
    constexpr std::array<std::string_view, 5> k_failed = {"error", "invalid", "revoked", "cancelled",
                                                          "timed_out"};
    // Access that is to end has ended when it was revoked, cancelled or timed out.
    const std::size_t count = operation == Operation::deactivate ? 2 : k_failed.size();
    const auto* const end = k_failed.begin() + count;
    return std::find(k_failed.begin(), end, to_lower(status)) != end;
}

} // namespace jit::sailpoint
