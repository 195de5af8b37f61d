#include "sandbox/history_list.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/history_document.hpp"

#include <algorithm>
#include <optional>

namespace jit::sandbox {
namespace {

/// The documents of one identity or of all, in the order of their IDs.
std::vector<HistoryDocument> documents(const State& state, std::optional<std::size_t> identity,
                                       TimePoint at) {
    std::vector<HistoryDocument> found;
    for (const Activation& activation : state.activations.all()) {
        if (identity && state.tenant.connection(activation.connection).identity != *identity) {
            continue;
        }
        if (auto progress = progress_of(activation, state.behaviour.pace, at)) {
            const std::string& id = activation.activation_id;
            found.push_back({&state.tenant, &activation, *progress,
                             state.behaviour.own_history_ids ? "history-" + id : id});
        }
    }
    std::sort(found.begin(), found.end(),
              [](const HistoryDocument& a, const HistoryDocument& b) { return a.id < b.id; });
    return found;
}

Response list(const State& state, std::optional<std::size_t> identity, const Request& request,
              TimePoint now) {
    if (!state.behaviour.history_feature) {
        return api_error(ApiError::forbidden,
                         "The feature flag PSPM_858_JIT_ACCESS_ACTIVATION_HISTORY_SEARCH is disabled.");
    }
    const auto& columns = history_columns();
    std::vector<Field> fields = fields_of(columns);
    if (identity) { // the list is of one identity anyway
        fields[k_identity_id_column].operators = k_no_operator;
    }
    auto query = read_list_query(request, fields, Sorter{k_initiated_column, true});
    if (!query) {
        return query.error();
    }
    query->limit = std::min(query->limit, state.behaviour.page_cap);
    const auto rows = documents(state, identity, state.list_time(now));
    return page_response(select_page<HistoryDocument>(*query, columns, rows.size(),
                                                      [&rows](std::size_t i) { return rows[i]; }),
                         put_document);
}

} // namespace

Response list_my_history(State& state, const Caller& caller, const Request& request, TimePoint now) {
    return list(state, caller.identity, request, now);
}

Response list_history(State& state, const Caller& /*caller*/, const Request& request, TimePoint now) {
    return list(state, std::nullopt, request, now);
}

} // namespace jit::sandbox
