#include "commands/refused_activation.hpp"

#include "app/access.hpp"
#include "app/known_access.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace jit::commands {
namespace {

using sailpoint::Operation;
using sailpoint::Phase;
using Source = app::AccessReader::Source;

bool is_refused_activation(const Outcome& outcome) {
    return outcome.request && outcome.request->operation == Operation::activate && outcome.error &&
           outcome.error->code == ExitCode::refused && outcome.error->http_status &&
           !outcome.error->of_token && !outcome.error->uncertain;
}

/// A word as a shell takes it for one.
std::string shell_word(std::string_view word) {
    constexpr std::string_view k_plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@";
    if (word.find_first_not_of(k_plain) == std::string_view::npos) {
        return std::string(word);
    }
    if (word.find_first_of("$`!\\\"") == std::string_view::npos) {
        return cat({"\"", word, "\""});
    }
    std::string quoted = "'";
    for (const char c : word) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + "'";
}

/// The entries of the list of connections, as far as they can be read, once they can know what was done from
/// here.
void read_entries(app::Context& context, std::vector<app::Target>& targets) {
    constexpr std::size_t k_few = 5;
    if (targets.size() > k_few) {
        if (const auto entries = app::read_connections(context, false, true)) {
            const app::EntriesById places = app::by_connection_id(*entries);
            for (app::Target& target : targets) {
                const auto place = places.find(target.connection.str());
                target.entry = place == places.end() ? std::nullopt : std::optional(*place->second);
            }
        }
    } else {
        for (app::Target& target : targets) {
            std::string entitlement_id = target.entry ? target.entry->entitlement_id : "";
            auto entry = app::read_entry(context, target.connection, entitlement_id, true);
            target.entry = entry ? *std::move(entry) : std::nullopt;
        }
    }
    std::vector<app::Target> found;
    for (const app::Target& target : targets) {
        if (target.entry) {
            found.push_back(target);
        }
    }
    if (!app::settle(context, found, app::k_glance)) {
        return;
    }
    auto next = found.begin();
    for (app::Target& target : targets) {
        if (target.entry) {
            target.entry = std::move((next++)->entry);
        }
    }
}

std::optional<app::Access> state_of(app::Context& context, const app::Target& target) {
    std::optional<app::Access> seen;
    if (target.entry) {
        seen = app::access_of(*target.entry, context.service_now());
    }
    if (!seen || seen->phase == Phase::waiting) { // only the history tells which steps are missing
        auto more = app::AccessReader(context, target, Source::history, true).read();
        seen = more && *more ? *std::move(more) : seen;
    }
    return seen;
}

/// Adds to a refusal what the state tells.
void explain(app::Context& context, const app::Access& seen, const Outcome& outcome, Error& error) {
    const std::string word = shell_word(outcome.target.asked);
    const std::string minutes = std::to_string(outcome.request->minutes);
    const auto add = [&error](std::string_view what) { error.message += cat({"; ", what}); };
    switch (seen.phase) {
    case Phase::active:
        add(seen.expires ? cat({"it is active until ", context.time_cell(format_rfc3339(*seen.expires))})
                         : std::string("it is active, and nothing says until when"));
        error.hint = cat({"for more time: jit extend -e ", word, " -m ", minutes});
        break;
    case Phase::pending:
        add(cat({"it is on its way (", seen.status, ")"}));
        error.hint = cat({"jit ensure -e ", word, " -m ", minutes, " waits until it is usable"});
        break;
    case Phase::waiting:
        add(app::waiting_words(context, outcome.target.title(), seen));
        error.hint =
            cat({"when that is done: jit ensure -e ", word, " -m ", minutes, " waits until it is usable"});
        break;
    case Phase::ending:
        add(cat({"earlier access is being taken away (", seen.status, ")"}));
        error.hint =
            cat({"try again when that is done, in a minute or two; to have jit wait for it: jit activate -e ",
                 word, " -m ", minutes, " --wait"});
        break;
    case Phase::available:
    case Phase::ended:
    case Phase::failed:
        break;
    }
}

} // namespace

std::vector<std::size_t> explain_refused_activations(app::Context& context, std::vector<Outcome>& outcomes) {
    std::vector<std::size_t> places;
    std::vector<app::Target> targets;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (is_refused_activation(outcomes[i])) {
            places.push_back(i);
            targets.push_back(outcomes[i].target);
        }
    }
    std::vector<std::size_t> ending;
    if (places.empty()) {
        return ending;
    }
    read_entries(context, targets);
    for (std::size_t i = 0; i < places.size() && !context.interrupted(); ++i) {
        Outcome& outcome = outcomes[places[i]];
        if (const auto seen = state_of(context, targets[i])) {
            outcome.target.entry = targets[i].entry ? targets[i].entry : outcome.target.entry;
            explain(context, *seen, outcome, *outcome.error);
            if (seen->phase == Phase::ending) {
                outcome.seen = seen;
                ending.push_back(places[i]);
            }
        }
    }
    return ending;
}

std::vector<std::size_t> wait_for_ends(app::Context& context, std::vector<Outcome>& outcomes,
                                       const std::vector<std::size_t>& places, std::chrono::seconds timeout) {
    std::vector<app::Awaited> awaited;
    for (const std::size_t place : places) {
        const Outcome& outcome = outcomes[place];
        app::Expected expected{Operation::deactivate};
        expected.since = outcome.seen->activated;
        expected.by_us = false;
        awaited.push_back({&outcome.target, std::move(expected), Source::history, outcome.seen});
        context.log().info(
            cat({outcome.target.title(), ": ", outcome.seen->status, ", waiting for its end"}));
    }
    app::wait_until_done(context, awaited, timeout);
    std::vector<std::size_t> ended;
    for (std::size_t i = 0; i < places.size(); ++i) {
        Outcome& outcome = outcomes[places[i]];
        outcome.error = std::move(awaited[i].error);
        outcome.seen.reset();
        if (!outcome.error) {
            ended.push_back(places[i]);
        }
    }
    return ended;
}

} // namespace jit::commands
