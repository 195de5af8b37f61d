#pragma once

#include "sandbox/fault_rules.hpp"
#include "sandbox/journal.hpp"
#include "sandbox/rate_limit.hpp"
#include "sandbox/shape.hpp"
#include "sandbox/tenant.hpp"
#include "sandbox/tokens.hpp"
#include "sandbox/workflow.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace jit::sandbox {

/// How the practice tenant behaves.
struct Behaviour {
    std::chrono::seconds token_lifetime{43200};
    std::int64_t max_minutes = 480; ///< the policy's maximum, of a period and of a total with its extensions
    std::size_t rate_limit = 100;   ///< requests per client ID in ten seconds; 0: any number
    bool growing_wait = false;      ///< who meets the limit again and again waits long
    Pace pace = {};
    std::size_t page_cap = 250;                ///< entries of a list on a page, whatever `limit` asks for
    std::chrono::duration<double> list_lag{0}; ///< workflow time by which lists are behind
    Shape shape = Shape::full;                 ///< how the connection lists write the state of access
    bool connections_feature = true;           ///< else the connection lists answer 412
    bool history_feature = true;               ///< else the history answers 403
    bool own_history_ids = false;              ///< an entry of the history has another ID than the activation
    bool policy = true;                        ///< else none was ever stored, and no maximum holds
};

/// All that the practice tenant knows.
struct State {
    State(TenantData data, const Behaviour& how, FaultRules rules)
        : tenant(std::move(data)), behaviour(how), faults(std::move(rules)), tokens(how.token_lifetime),
          limiter(how.rate_limit, how.growing_wait) {}

    Tenant tenant;
    Behaviour behaviour;
    FaultRules faults;
    Tokens tokens;
    RateLimiter limiter;
    Activations activations;
    Journal journal;

    /// As if nothing had been requested yet, but for the access tokens, which stay valid.
    void reset() {
        faults.restart();
        limiter = RateLimiter(behaviour.rate_limit, behaviour.growing_wait);
        activations = {};
        journal.clear();
    }

    /// The time whose state the lists show.
    [[nodiscard]] TimePoint list_time(TimePoint now) const {
        return now - behaviour.pace.on_the_wall(behaviour.list_lag);
    }
};

/// Who sends a request: the holder of a valid access token with user context.
struct Caller {
    std::size_t identity;
};

} // namespace jit::sandbox
