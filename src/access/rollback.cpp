#include "access/rollback.hpp"

#include "access/batch.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <utility>

namespace jit::access {

using sailpoint::Operation;

void rollback(Context& context, const RequestOptions& options, std::size_t parallel,
              std::vector<TargetResult>& results) {
    const bool failed = std::any_of(results.begin(), results.end(),
                                    [](const TargetResult& result) { return result.error.has_value(); });
    std::vector<TargetResult> ends;
    std::vector<TargetResult*> started;
    for (TargetResult& result : results) {
        // What nobody knows the fate of may be on, too.
        const bool may_be_on = result.answer || (result.error && result.error->uncertain);
        if (failed && result.request && result.request->operation == Operation::activate && may_be_on) {
            TargetResult& end = ends.emplace_back(TargetResult{result.target});
            end.request = request_for(options, end.target, Operation::deactivate, 0);
            end.started = started_at(result);
            started.push_back(&result);
        }
    }
    if (ends.empty()) {
        return;
    }
    context.log().info(concat({"ending again what was started: ", std::to_string(ends.size())}));
    const int signal = context.interrupt().signal();
    context.interrupt().clear(); // an interrupt ends the batch, and not its rollback
    (void)run_batch(context, ends, {parallel});
    if (signal != 0) {
        context.interrupt().raise(signal);
    }
    for (std::size_t i = 0; i < ends.size(); ++i) {
        TargetResult& result = *started[i];
        const auto& error = ends[i].error;
        const bool ended = !error;
        if (!ended) {
            result.error = Error{ErrorKind::partial,
                                 concat({result.target.title(), result.answer ? " was" : " may have been",
                                         " activated, and may still be active: ", error->message}),
                                 concat({"end it: jit deactivate -e ", result.target.connection.str()})};
        } else if (!result.error) {
            result.aborted_by_peer = true;
            result.error = Error{
                ErrorKind::partial,
                concat({result.target.title(), " was activated, and ended again, since another one failed"})};
        } else {
            result.error->message +=
                ends[i].was_active ? "; it was ended again" : "; nothing is active there now";
            result.error->uncertain = false;
        }
        result.seen.reset();
        result.rolled_back = ended;
    }
}

} // namespace jit::access
