#include "sandbox/connection_list.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/connection_hit.hpp"

#include <algorithm>
#include <unordered_map>

namespace jit::sandbox {
namespace {

/// The progress of each connection's newest activation that had started by then.
std::unordered_map<std::size_t, Progress> all_progress(const State& state, TimePoint at) {
    std::unordered_map<std::size_t, Progress> newest;
    for (const Activation& activation : state.activations.all()) { // oldest first
        if (const auto progress = progress_of(activation, state.behaviour.pace, at)) {
            newest.insert_or_assign(activation.connection, *progress);
        }
    }
    return newest;
}

Response list(const State& state, const std::vector<std::size_t>& connections, const Request& request,
              TimePoint now) {
    if (!state.behaviour.connections_feature) {
        return feature_not_enabled();
    }
    const auto& columns = connection_columns();
    auto query = read_list_query(request, fields_of(columns), Sorter{0, false});
    if (!query) {
        return query.error();
    }
    query->limit = std::min(query->limit, state.behaviour.page_cap);
    const auto progress = all_progress(state, state.list_time(now));
    const auto row_at = [&](std::size_t i) {
        const auto found = progress.find(connections[i]);
        return ConnectionHit{&state.tenant, connections[i],
                             found == progress.end() ? nullptr : &found->second, state.behaviour.shape};
    };
    return page_response(select_page<ConnectionHit>(*query, columns, connections.size(), row_at), put_hit);
}

} // namespace

Response list_my_connections(State& state, const Caller& caller, const Request& request, TimePoint now) {
    return list(state, state.tenant.connections_by_id(caller.identity), request, now);
}

Response list_connections(State& state, const Caller& /*caller*/, const Request& request, TimePoint now) {
    return list(state, state.tenant.connections_by_id(), request, now);
}

} // namespace jit::sandbox
