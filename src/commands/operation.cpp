#include "commands/operation.hpp"

#include "access/access_cache.hpp"
#include "access/refused_activation.hpp"
#include "access/rollback.hpp"
#include "access/wait.hpp"
#include "commands/confirm.hpp"
#include "commands/registry.hpp"
#include "sailpoint/client.hpp"
#include "util/duration.hpp"
#include "util/program.hpp"
#include "util/text.hpp"
#include "util/words.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace jit::commands {
namespace {

using sailpoint::Operation;
using sailpoint::OperationRequest;
using sailpoint::Phase;

constexpr const char* k_wait_group = "Waiting";

/// What to offer a person who names nothing.
access::ResolveOptions wanted_for(Operation operation, bool entries) {
    access::ResolveOptions wanted{entries, sailpoint::operation_name(operation)};
    switch (operation) {
    case Operation::activate:
        wanted.fits = sailpoint::is_over;
        break;
    case Operation::extend:
        wanted.fits = [](Phase phase) { return phase == Phase::active; };
        break;
    case Operation::deactivate:
        wanted.fits = sailpoint::is_running;
        break;
    }
    return wanted;
}

/// The minutes that an extend adds so that access lasts until then; 0 where it lasts as long already.
Result<std::int32_t> minutes_to_add(access::Context& context, const Length& length,
                                    const access::Target& target) {
    JIT_TRY(const auto asked, read_until(length, context.now()));
    const TimePoint until = *asked + (context.service_now() - context.now()); // by the service's clock
    const auto expires =
        target.entry ? access::expiry_of(*target.entry, context.service_now()) : std::nullopt;
    if (!expires) {
        return Error{
            ErrorKind::refused,
            concat({"when access to ", target.title(),
                    " ends is not known, so it cannot be extended up to a "
                    "time; nothing was sent"}),
            concat({"if it is active, add minutes: jit extend -e ", target.connection.str(), " -m MINUTES"})};
    }
    return *expires >= until ? Result<std::int32_t>(0) : minutes_until(until, *expires);
}

/// The minutes to ask for, 0 for a target for which nothing has to be sent.
Result<std::int32_t> minutes_of(access::Context& context, Operation operation,
                                const OperationOptions& options, const access::Target& target) {
    if (operation == Operation::deactivate) {
        return 0;
    }
    return operation == Operation::extend && !options.length.until.empty() && !target.minutes_from_file
               ? minutes_to_add(context, options.length, target)
               : minutes_for(context, options.length, target);
}

/// Whether to wait for the end of the work: a command that shows that access works is run only then.
bool must_wait(const OperationOptions& options, const config::Settings& settings,
               const access::TargetList& targets) {
    const bool by_default = settings.default_wait && settings.default_wait->value;
    const bool shown = !options.readiness.command.empty() || targets.any_ready_command();
    return options.waiting.wait.value_or(by_default || (options.can_be_ready && shown));
}

/// Sends the requests. An activation that is refused because earlier access is still being taken away waits
/// for that, where one waits at all: for at most `patience`, which is then less by as much. False where an
/// interrupt ended it.
bool send_all(access::Context& context, const OperationOptions& options, bool wait,
              std::chrono::seconds& patience, std::vector<access::TargetResult>& results) {
    if (!access::run_batch(context, results, options.batch)) {
        return false;
    }
    const Deadline deadline(context.clock(), patience);
    std::vector<std::size_t> ending = access::explain_refused_activations(context, results);
    while (wait && !ending.empty() && patience.count() > 0) {
        const auto ended = access::wait_for_ends(context, results, ending, patience);
        patience = std::chrono::ceil<std::chrono::seconds>(deadline.left());
        if (context.interrupted()) {
            return false;
        }
        std::vector<access::TargetResult> again;
        again.reserve(ended.size());
        for (const std::size_t place : ended) {
            again.push_back(results[place]);
        }
        const bool all_sent = access::run_batch(context, again, options.batch);
        ending.clear();
        if (all_sent) {
            for (const std::size_t place : access::explain_refused_activations(context, again)) {
                ending.push_back(ended[place]);
            }
        }
        for (std::size_t i = 0; i < ended.size(); ++i) {
            results[ended[i]] = std::move(again[i]);
        }
        if (!all_sent) {
            return false;
        }
    }
    return true;
}

/// The result of a target before anything is sent; with an error where it cannot be.
access::TargetResult prepare(access::Context& context, Operation operation, const OperationOptions& options,
                             access::Target target) {
    access::TargetResult result{std::move(target)};
    auto minutes = minutes_of(context, operation, options, result.target);
    if (!minutes) {
        result.error = std::move(minutes).error();
    } else if (*minutes != 0 || operation == Operation::deactivate) {
        result.request = access::request_for(options.request, result.target, operation, *minutes);
    } else {
        result.seen = access::access_of(*result.target.entry, context.service_now());
    }
    return result;
}

/// Very many targets: made when it is their turn, and printed when they are done.
class StreamedSource final : public access::BatchSource {
public:
    StreamedSource(access::Context& context, Operation operation, const OperationOptions& options,
                   const access::TargetList& targets)
        : context_(context), operation_(operation), options_(options), targets_(targets),
          printer_(context, operation) {}

    [[nodiscard]] std::size_t size() const override { return targets_.size(); }

    [[nodiscard]] access::TargetResult next() override {
        access::Target target = targets_.at(given_++);
        if (!printing_) {
            access::TargetResult result{std::move(target)};
            result.error = Error{ErrorKind::internal, "results cannot be printed; nothing was sent"};
            return result;
        }
        return prepare(context_, operation_, options_, std::move(target));
    }

    void done(std::size_t number, access::TargetResult result) override {
        printing_ = printer_.add(number, result);
    }

    [[nodiscard]] Result<void> finish() { return printer_.finish(); }

private:
    access::Context& context_;
    Operation operation_;
    const OperationOptions& options_;
    const access::TargetList& targets_;
    ResultPrinter printer_;
    std::size_t given_ = 0;
    bool printing_ = true;
};

/// Code 5 where another jit on this machine has activated one of them since `began`: nobody is to be asked
/// for what the service would refuse.
Result<void> check_still_needed(access::Context& context, const std::vector<access::TargetResult>& results,
                                TimePoint began) {
    const auto known = access::AccessCache::load(context);
    for (const access::TargetResult& result : results) {
        const access::AccessRecord* const record = known ? known->find(result.target.connection) : nullptr;
        const bool activates = result.request && result.request->operation == Operation::activate;
        if (activates && record != nullptr && record->operation == Operation::activate && record->sent_at &&
            *record->sent_at >= began) {
            return Error{ErrorKind::refused,
                         concat({"another jit has activated ", result.target.title(),
                                 " while this one waited; nothing was sent"}),
                         "jit status shows it; jit extend adds time"};
        }
    }
    return {};
}

/// What to act on: everything that is on, or what is named.
Result<access::TargetList> find_targets(access::Context& context, Operation operation,
                                        const OperationOptions& options,
                                        const std::vector<std::string>& named) {
    const bool entries = operation == Operation::extend && !options.length.until.empty();
    if (!options.all) {
        return access::TargetList::read(context, named, options.from_file, wanted_for(operation, entries));
    }
    if (!named.empty() || options.from_file) {
        return usage_error("--all ends all that is active, so name nothing beside it; nothing was sent");
    }
    JIT_TRY(auto connections, access::read_consistent_connections(context, access::k_index_lag));
    std::vector<access::Target> targets;
    for (sailpoint::Connection& entry : connections) {
        const auto id = Uuid::parse(entry.id);
        if (id && sailpoint::may_be_on(entry, context.service_now())) {
            const std::string title = entry.title();
            targets.push_back({title, *id, std::move(entry)});
        }
    }
    if (targets.empty()) {
        context.log().note("nothing is active, so there is nothing to end");
    }
    return access::TargetList(std::move(targets));
}

} // namespace

void declare_entitlements(OptionSet& set, std::vector<std::string>& entitlements) {
    set.repeatable("-e,--entitlement", entitlements, "the same as an option; repeatable")
        .takes(k_words, {Completes::Kind::entitlements})
        .in(k_words_group);
}

void declare_timeout(OptionSet& set, std::chrono::seconds& timeout) {
    set.duration("--wait-timeout", timeout, "how long to wait (default: 10m)").in(k_wait_group);
}

Option& declare_command(OptionSet& set, const std::string& name, std::vector<std::string>& words,
                        std::string help) {
    const auto read = [name, &words](const std::string& text) -> Result<void> {
        auto split = split_words(text);
        if (!split || split->empty() || split->front().empty()) {
            return usage_error(concat({name, ": there is no program, or a quote is not closed"}));
        }
        words = *std::move(split);
        return {};
    };
    return set.text(name, read, std::move(help)).takes("COMMAND", {Completes::Kind::program});
}

Result<std::string> find_command(const access::Context& context, const std::string& word) {
    return find_program(word, context.environment()("PATH").value_or("/usr/bin:/bin"));
}

Result<void> check_command(const access::Context& context, const std::string& where,
                           const std::vector<std::string>& words) {
    if (words.empty()) {
        return {};
    }
    const auto file = find_command(context, words.front());
    return file ? Result<void>()
                : usage_error(concat({where, ": ", file.error().message, "; nothing was sent"}));
}

Result<void> check_ready_commands(const access::Context& context, const access::ReadinessOptions& options,
                                  const std::vector<access::TargetResult>& results) {
    if (!options.command.empty()) {
        return check_command(context, "--ready", options.command);
    }
    for (const access::TargetResult& result : results) {
        const access::Target& target = result.target;
        if (auto good = check_command(context, concat({target.alias, ", ready"}), target.ready); !good) {
            return good;
        }
    }
    return {};
}

void declare_ready(OptionSet& set, access::ReadinessOptions& options) {
    declare_command(set, "--ready", options.command, "wait until COMMAND exits with 0").in(k_wait_group);
    set.duration("--ready-timeout", options.timeout, "how long to try COMMAND (default: 5m)")
        .in(k_wait_group);
    set.duration("--ready-try-timeout", options.try_timeout, "how long one try may take (default: 30s)")
        .in(k_wait_group);
}

void declare_request(OptionSet& set, OperationOptions& options) {
    set.flag("--dry-run", options.dry_run, "print the requests, change nothing").in(k_request_group);
    set.text("--request-origin", options.request.origin, "sent as requestOrigin")
        .takes("WORD")
        .in(k_request_group);
    const auto read_metadata = [&options](const std::vector<std::string>& values) -> Result<void> {
        for (const std::string& value : values) {
            const std::size_t equals = value.find('=');
            if (equals == 0 || equals == std::string::npos) {
                return usage_error(concat({"--metadata: \"", value, "\" is not KEY=VALUE"}));
            }
            const std::string key = value.substr(0, equals);
            for (const auto& entry : options.request.metadata) {
                if (entry.first == key) {
                    return usage_error(concat({"--metadata: the key ", key, " is given twice"}));
                }
            }
            options.request.metadata.emplace_back(key, value.substr(equals + 1));
        }
        return {};
    };
    set.repeatable("--metadata", read_metadata, "sent in metaData; repeatable")
        .takes("KEY=VALUE")
        .in(k_request_group);
}

void declare_many(OptionSet& set, OperationOptions& options, bool can_be_undone) {
    constexpr const char* k_group = "Many targets";
    set.text("--from-file", options.from_file, "more entitlements, one a line; - is standard input")
        .takes("FILE", {Completes::Kind::files})
        .in(k_group);
    constexpr long k_max = 100;
    set.whole_number("--parallel", options.batch.parallel, 1, k_max,
                     "how many requests at a time (default: 8)")
        .takes("N")
        .in(k_group);
    if (can_be_undone) {
        set.flag("--all-or-nothing", options.batch.all_or_nothing,
                 "if one fails, end those that this call started")
            .in(k_group);
    }
}

void declare_operation(OptionSet& set, OperationOptions& options, const std::string& length_help,
                       const std::string& goal, bool can_be_undone) {
    declare_entitlements(set, options.entitlements);
    if (!length_help.empty()) {
        declare_length(set, options.length, length_help);
    }
    declare_request(set, options);
    set.flag(
           "--wait", [&options] { options.waiting.wait = true; }, concat({"wait until ", goal}))
        .in(k_wait_group);
    set.flag(
           "--no-wait", [&options] { options.waiting.wait = false; },
           "do not wait, even if defaults.wait says so")
        .in(k_wait_group);
    declare_timeout(set, options.waiting.timeout);
    declare_many(set, options, can_be_undone);
}

std::vector<std::string> all_words(const std::vector<std::string>& entitlements,
                                   const std::vector<std::string>& words) {
    std::vector<std::string> all = entitlements;
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

Result<void> check_texts(const OperationOptions& options) {
    if (!is_utf8(options.request.origin)) {
        return usage_error("--request-origin is not UTF-8");
    }
    for (const auto& [key, value] : options.request.metadata) {
        if (!is_utf8(key) || !is_utf8(value)) {
            return usage_error("--metadata is not UTF-8");
        }
    }
    return {};
}

Result<void> run_operation(access::Context& context, Operation operation, const OperationOptions& given,
                           const std::vector<std::string>& words) {
    OperationOptions options = given; // what a person is asked for is added
    JIT_TRY(const config::Settings* const settings, context.settings());
    if (auto good = check_texts(options); !good) {
        return good;
    }
    if (!options.readiness.command.empty() && options.waiting.wait == false) {
        return usage_error("--ready waits until the access works, so --no-wait does not go with it");
    }
    if (auto until = read_until(options.length, context.now()); !until) {
        return std::move(until).error();
    }
    const std::vector<std::string> named = all_words(options.entitlements, words);
    JIT_TRY(access::TargetList targets, find_targets(context, operation, options, named));
    if (operation != Operation::deactivate && !options.from_file) {
        if (auto asked = ask_length(context, options.length, targets, named.empty()); !asked) {
            return asked;
        }
    }
    if (operation == Operation::extend && !options.length.until.empty()) {
        if (auto settled = targets.wait_for_consistency(context); !settled) {
            return settled;
        }
    }
    const bool wait = must_wait(options, *settings, targets);
    const bool as_list = options.all || options.from_file;
    const bool at_once =
        wait || options.dry_run || options.batch.all_or_nothing || (targets.size() == 1 && !as_list);
    std::vector<access::TargetResult> results;
    Question question(context, options.confirm);
    for (std::size_t i = 0; i < targets.size(); ++i) { // all of them are good, before anything is sent
        access::TargetResult result = prepare(context, operation, options, targets.at(i));
        if (result.error) {
            return *std::move(result.error);
        }
        question.add(result);
        if (at_once) {
            results.push_back(std::move(result));
        }
    }
    if (options.can_be_ready && wait) {
        if (auto good = check_ready_commands(context, options.readiness, results); !good) {
            return good;
        }
    }
    if (options.dry_run) {
        return print_dry_run(context, results, as_list);
    }
    if (auto client = context.client(); !client) {
        return std::move(client).error(); // for each of them
    }
    Turn turn;
    if (question.is_wanted()) {
        const TimePoint began = context.service_now();
        JIT_TRY(turn, take_turn(context));
        if (turn.waited) {
            if (auto needed = check_still_needed(context, results, began); !needed) {
                return needed;
            }
        }
        if (auto yes = question.ask(context); !yes) {
            return yes;
        }
    }
    if (!at_once) {
        StreamedSource work(context, operation, options, targets);
        (void)access::run_batch(context, work, options.batch);
        return work.finish();
    }
    if (wait && operation == Operation::extend) {
        access::read_ends_before(context, results);
    }
    std::chrono::seconds patience = options.waiting.timeout;
    const bool all_sent = send_all(context, options, wait, patience, results);
    turn.lock.reset();
    if (wait && all_sent) {
        access::wait_for_results(context, {patience}, results);
    } else if (wait) {
        access::give_up_waiting(results);
    }
    if (options.can_be_ready && wait) {
        access::ReadinessOptions readiness = options.readiness;
        readiness.ends_access = options.batch.all_or_nothing;
        access::wait_until_ready(context, readiness, results);
    }
    if (options.batch.all_or_nothing) {
        access::rollback(context, options.request, options.batch.parallel, results);
    }
    access::read_ends_after(context, results);
    return print_results(context, operation, results, as_list);
}

} // namespace jit::commands
