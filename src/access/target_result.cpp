#include "access/target_result.hpp"

#include "access/name_cache.hpp"
#include "util/text.hpp"
#include "util/uuid.hpp"

#include <limits>

namespace jit::access {

using sailpoint::Operation;
using sailpoint::OperationRequest;

std::string EntitlementNames::of(const Target& target) {
    if (target.entry) {
        return target.title();
    }
    if (!known_) {
        known_.emplace();
        const NameCache names = NameCache::load(context_);
        for (const CachedName& name : names.all()) {
            known_->insert({hyphenated(name.connection), name.name});
        }
    }
    const auto found = known_->find(target.connection.str());
    return found != known_->end() ? found->second : target.title();
}

std::optional<TimePoint> end_of(const TargetResult& result) {
    return result.seen && result.seen->expires ? result.seen->expires : result.ends;
}

std::optional<TimePoint> started_at(const TargetResult& result) {
    const auto started = result.answer ? parse_rfc3339(result.answer->start_time) : std::nullopt;
    return started ? started : result.sent_at;
}

std::int32_t granted_minutes(const TargetResult& result) {
    const auto granted = result.answer
                             ? parse_int(result.answer->minutes, 1, std::numeric_limits<std::int32_t>::max())
                             : std::nullopt;
    return granted ? static_cast<std::int32_t>(*granted) : result.request->minutes;
}

OperationRequest request_for(const RequestOptions& options, const Target& target, Operation operation,
                             std::int32_t minutes) {
    return {operation,      target.connection, minutes,
            options.origin, options.metadata,  target.entry ? target.title() : ""};
}

} // namespace jit::access
