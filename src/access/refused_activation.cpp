#include "access/refused_activation.hpp"

#include "access/access_cache.hpp"
#include "access/state_reader.hpp"
#include "access/wait.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace jit::access {
namespace {

using sailpoint::Operation;
using sailpoint::Phase;
using Source = StateReader::Source;

bool is_refused_activation(const TargetResult& result) {
    return result.request && result.request->operation == Operation::activate && result.error &&
           result.error->kind == ErrorKind::refused && result.error->refusal && !result.error->of_token &&
           !result.error->uncertain;
}

/// A word as a shell takes it for one.
std::string shell_word(std::string_view word) {
    constexpr std::string_view k_plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@";
    if (word.find_first_not_of(k_plain) == std::string_view::npos) {
        return std::string(word);
    }
    if (word.find_first_of("$`!\\\"") == std::string_view::npos) {
        return concat({"\"", word, "\""});
    }
    std::string quoted = "'";
    for (const char c : word) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + "'";
}

/// The entries of the list of connections, as far as they can be read, once they can know what was done from
/// here.
void read_entries(Context& context, std::vector<Target>& targets) {
    constexpr std::size_t k_few = 5;
    if (targets.size() > k_few) {
        if (const auto entries = read_connections(context, false, true)) {
            const EntriesById places = by_connection_id(*entries);
            for (Target& target : targets) {
                const auto place = places.find(target.connection.str());
                target.entry = place == places.end() ? std::nullopt : std::optional(*place->second);
            }
        }
    } else {
        for (Target& target : targets) {
            std::string entitlement_id = target.entry ? target.entry->entitlement_id : "";
            auto entry = read_entry(context, target.connection, entitlement_id, true);
            target.entry = entry ? *std::move(entry) : std::nullopt;
        }
    }
    std::vector<Target> found;
    for (const Target& target : targets) {
        if (target.entry) {
            found.push_back(target);
        }
    }
    if (!wait_for_consistency(context, found, k_display_lag)) {
        return;
    }
    auto next = found.begin();
    for (Target& target : targets) {
        if (target.entry) {
            target.entry = std::move((next++)->entry);
        }
    }
}

std::optional<Access> state_of(Context& context, const Target& target) {
    std::optional<Access> seen;
    if (target.entry) {
        seen = access_of(*target.entry, context.service_now());
    }
    if (!seen || seen->phase == Phase::waiting) { // only the history tells which steps are missing
        auto more = StateReader(context, target, Source::history, true).read();
        seen = more && *more ? *std::move(more) : seen;
    }
    return seen;
}

/// Adds to a refusal what the state tells.
void explain(Context& context, const Access& seen, const TargetResult& result, Error& error) {
    const std::string word = shell_word(result.target.requested_name);
    const std::string minutes = std::to_string(result.request->minutes);
    const auto add = [&error](std::string_view what) { error.message += concat({"; ", what}); };
    switch (seen.phase) {
    case Phase::active:
        add(seen.expires ? concat({"it is active until ", context.time_words(*seen.expires)})
                         : std::string("it is active, and nothing says until when"));
        error.hint = concat({"for more time: jit extend -e ", word, " -m ", minutes});
        break;
    case Phase::starting:
        add("it is starting");
        error.hint = concat({"jit ensure -e ", word, " -m ", minutes, " waits until it is usable"});
        break;
    case Phase::waiting:
        add(waiting_words(context, result.target.title(), seen));
        error.hint =
            concat({"when that is done: jit ensure -e ", word, " -m ", minutes, " waits until it is usable"});
        break;
    case Phase::ending:
        add("earlier access is still ending");
        error.hint = concat(
            {"try again when that is done, in a minute or two; to have jit wait for it: jit activate -e ",
             word, " -m ", minutes, " --wait"});
        break;
    case Phase::available:
    case Phase::ended:
    case Phase::failed:
        break;
    }
}

} // namespace

std::vector<std::size_t> explain_refused_activations(Context& context, std::vector<TargetResult>& results) {
    std::vector<std::size_t> places;
    std::vector<Target> targets;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (is_refused_activation(results[i])) {
            places.push_back(i);
            targets.push_back(results[i].target);
        }
    }
    std::vector<std::size_t> ending;
    if (places.empty()) {
        return ending;
    }
    read_entries(context, targets);
    for (std::size_t i = 0; i < places.size() && !context.interrupted(); ++i) {
        TargetResult& result = results[places[i]];
        if (const auto seen = state_of(context, targets[i])) {
            result.target.entry = targets[i].entry ? targets[i].entry : result.target.entry;
            explain(context, *seen, result, *result.error);
            if (seen->phase == Phase::ending) {
                result.seen = seen;
                ending.push_back(places[i]);
            }
        }
    }
    return ending;
}

std::vector<std::size_t> wait_for_ends(Context& context, std::vector<TargetResult>& results,
                                       const std::vector<std::size_t>& places, std::chrono::seconds timeout) {
    std::vector<WaitItem> awaited;
    for (const std::size_t place : places) {
        const TargetResult& result = results[place];
        PendingChange expected{Operation::deactivate};
        expected.since = result.seen->activated;
        expected.by_us = false;
        awaited.push_back({&result.target, std::move(expected), Source::history, result.seen});
        context.log().info(
            concat({result.target.title(), ": ", result.seen->status, ", waiting for its end"}));
    }
    wait_until_done(context, awaited, timeout);
    std::vector<std::size_t> ended;
    for (std::size_t i = 0; i < places.size(); ++i) {
        TargetResult& result = results[places[i]];
        result.error = std::move(awaited[i].error);
        result.seen.reset();
        if (!result.error) {
            ended.push_back(places[i]);
        }
    }
    return ended;
}

} // namespace jit::access
