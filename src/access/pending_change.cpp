#include "access/pending_change.hpp"

#include "util/uuid.hpp"

namespace jit::access {
namespace {

using sailpoint::Operation;
using sailpoint::Phase;

/// Whether two IDs are one: the service writes them with hyphens in some places and without in others.
bool same_id(const std::string& a, const std::string& b) {
    const auto left = Uuid::parse(a);
    return left ? left == Uuid::parse(b) : !a.empty() && a == b;
}

/// Whether something happened to the access after the request.
bool is_since(const Access& access, const PendingChange& expected) {
    return !expected.since || (access.latest && *access.latest >= *expected.since - k_time_tolerance);
}

} // namespace

bool reflects(const Access& access, const PendingChange& expected) {
    if (same_id(access.activation_id, expected.activation_id) && expected.operation == Operation::activate) {
        return true;
    }
    switch (expected.operation) {
    case Operation::activate:
        return !expected.since ||
               (access.activated && *access.activated >= *expected.since - k_time_tolerance);
    case Operation::extend:
        return !expected.expires || !access.expires ||
               *access.expires >= *expected.expires - k_time_tolerance;
    case Operation::deactivate:
        return same_id(access.activation_id, expected.activation_id) || is_since(access, expected);
    }
    return false;
}

bool matches(const Access& access, const PendingChange& expected) {
    const bool is_undated = access.activation_id.empty() && !access.activated && !access.latest;
    const bool deactivates = expected.operation == Operation::deactivate;
    return reflects(access, expected) || (is_undated && sailpoint::is_running(access.phase) != deactivates &&
                                          (deactivates || access.phase == Phase::active));
}

Verdict evaluate(const Access& access, const PendingChange& expected) {
    const bool over = access.phase == Phase::ended || access.phase == Phase::failed;
    switch (expected.operation) {
    case Operation::activate:
        if (!matches(access, expected)) {
            return Verdict::not_yet;
        }
        if (access.phase == Phase::active) {
            return Verdict::done;
        }
        return over || access.phase == Phase::ending ? Verdict::failed : Verdict::not_yet;
    case Operation::extend:
        if (access.phase == Phase::active) {
            return reflects(access, expected) ? Verdict::done : Verdict::not_yet;
        }
        return over && (same_id(access.activation_id, expected.activation_id) || is_since(access, expected))
                   ? Verdict::failed
                   : Verdict::not_yet;
    case Operation::deactivate:
        if (!matches(access, expected)) {
            return Verdict::not_yet;
        }
        if (sailpoint::is_failed(Operation::deactivate, access.status)) {
            return Verdict::failed;
        }
        return over || access.phase == Phase::available ? Verdict::done : Verdict::not_yet;
    }
    return Verdict::not_yet;
}

} // namespace jit::access
