#pragma once

#include "access/context.hpp"
#include "access/state_reader.hpp"
#include "access/target.hpp"
#include "sailpoint/model.hpp"
#include "util/error.hpp"
#include "util/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jit::access {

/// What became of one target.
struct TargetResult {
    Target target;
    std::optional<sailpoint::OperationRequest> request = {}; ///< what was sent; empty: nothing had to be
    std::optional<sailpoint::Acceptance> answer = {};
    std::optional<TimePoint> sent_at = {}; ///< when that was sent first, by the service's clock
    /// Deactivate: when the access was started that is to end, by the service's clock. A refusal is then no
    /// reason to believe that it is over, and is answered by another try.
    std::optional<TimePoint> started = {};
    bool was_active = true;                   ///< deactivate: false where there was nothing to end
    std::optional<TimePoint> end_before = {}; ///< extend: when access ends without it, where that is known
    std::optional<TimePoint> ends =
        {};                          ///< when access ends then, as far as can be worked out before it is seen
    std::optional<Access> seen = {}; ///< what was seen last
    std::optional<bool> ready = {};  ///< whether the command that was to show it has shown that it works
    std::chrono::seconds ready_after{0}; ///< how long that took, from when access was active
    std::optional<Error> error = {};
    bool disproved = false;       ///< a list that must know of it shows that it was not carried out
    bool rolled_back = false;     ///< --all-or-nothing: it was activated, and then ended
    bool aborted_by_peer = false; ///< --all-or-nothing: it failed only because another one did
};

/// When access ends, as far as it is known.
[[nodiscard]] std::optional<TimePoint> end_of(const TargetResult& result);

/// What people call the targets: by their entries in the list, else as this machine last saw them in it, else
/// their connection IDs. Makes no request.
class EntitlementNames {
public:
    explicit EntitlementNames(Context& context) : context_(context) {}

    [[nodiscard]] std::string of(const Target& target);

private:
    Context& context_;
    std::optional<std::map<std::string, std::string>> known_; ///< by connection ID; read when first needed
};

/// When what was asked for began, by the service's clock: as its answer says, else when it was sent.
[[nodiscard]] std::optional<TimePoint> started_at(const TargetResult& result);

/// The minutes that the service granted; those that were asked for where its answer does not tell.
[[nodiscard]] std::int32_t granted_minutes(const TargetResult& result);

/// What is passed on in the body of each request.
struct RequestOptions {
    std::string origin;
    std::vector<std::pair<std::string, std::string>> metadata;
};

/// The request for a target.
[[nodiscard]] sailpoint::OperationRequest request_for(const RequestOptions& options, const Target& target,
                                                      sailpoint::Operation operation, std::int32_t minutes);

} // namespace jit::access
