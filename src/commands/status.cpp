#include "access/access_cache.hpp"
#include "access/state_reader.hpp"
#include "commands/operation.hpp"
#include "commands/registry.hpp"
#include "commands/watch.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <memory>

namespace jit::commands {
namespace {

using sailpoint::Connection;
using sailpoint::Phase;

struct Options {
    std::vector<std::string> entitlements;
    bool watch = false;
    WatchOptions watching;
    bool short_form = false;
};

/// Whether access is usable; also where its time is over, and the service says that it is active.
bool is_on(const Connection& entry, TimePoint now) {
    const Phase phase = sailpoint::phase_of(entry, now);
    return phase == Phase::active || (phase == Phase::ending && sailpoint::may_be_on(entry, now));
}

Result<void> print(access::Context& context, const std::vector<Connection>& rows) {
    const ConnectionColumns columns{false, false, context.console().out_device().is_terminal};
    ListPrinter printer(context, connection_fields(columns));
    for (const Connection& row : rows) {
        if (auto added = printer.add(connection_record(context, row)); !added) {
            return added;
        }
    }
    return printer.finish();
}

Result<void> show_mine(access::Context& context) {
    auto read = access::read_consistent_connections(context);
    if (!read) {
        return access::needs_list(std::move(read).error());
    }
    std::vector<Connection> rows = *std::move(read);
    keep_running(rows, context.service_now());
    if (auto printed = print(context, rows); !printed) {
        return printed;
    }
    const TimePoint now = context.service_now();
    bool all_end = true;
    for (const Connection& row : rows) {
        if (is_on(row, now)) {
            return {};
        }
        all_end = all_end && sailpoint::phase_of(row, now) == Phase::ending;
    }
    if (rows.empty()) {
        return Error{ErrorKind::refused, "nothing is active", "jit list shows what you can activate"};
    }
    return Error{ErrorKind::refused,
                 all_end ? "nothing is active; access is ending" : "nothing is active yet",
                 "jit status --watch shows how it goes on"};
}

Result<void> show_named(access::Context& context, const std::vector<std::string>& words) {
    JIT_TRY(auto targets, access::resolve_targets(context, words, {true}));
    if (auto settled = access::wait_for_consistency(context, targets, access::k_display_lag); !settled) {
        return access::needs_list(std::move(settled).error());
    }
    std::vector<Connection> rows;
    std::string idle;
    for (const access::Target& target : targets) {
        if (!target.entry) {
            return Error{ErrorKind::refused,
                         concat({"none of your JIT connections has the ID ", target.connection.str()}),
                         "jit list shows what there is"};
        }
        rows.push_back(*target.entry);
        if (!is_on(*target.entry, context.service_now())) {
            const std::string how = access_words(*target.entry, context.service_now());
            idle += concat({idle.empty() ? "" : ", ", target.title(), " (",
                            how.empty() ? target.entry->state : how, ")"});
        }
    }
    if (auto printed = print(context, rows); !printed) {
        return printed;
    }
    if (idle.empty()) {
        return {};
    }
    return Error{ErrorKind::refused, concat({"not active: ", idle})};
}

/// What this machine knows to be active, the soonest end first, then what is on its way.
Result<std::vector<access::AccessRecord>> known_to_run(access::Context& context, TimePoint now) {
    JIT_TRY(const access::AccessCache known, access::AccessCache::load(context));
    std::vector<access::AccessRecord> shown;
    for (const access::AccessRecord& access : known.all()) {
        const bool over = access.expires && *access.expires <= now;
        if (!over && sailpoint::is_running(access.phase)) {
            shown.push_back(access);
        }
    }
    std::stable_sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) {
        return std::pair(a.phase != Phase::active, a.expires.value_or(TimePoint::max())) <
               std::pair(b.phase != Phase::active, b.expires.value_or(TimePoint::max()));
    });
    return shown;
}

Record short_record(const access::AccessRecord& access, TimePoint now) {
    const std::string& connection = access.connection.str();
    const std::string seen = access.phase == Phase::active ? "true" : "false";
    Record record{
        "{}",
        {{"entitlement", access.title}, {"entitlementName", access.title}, {"connectionId", connection}},
        {}};
    std::string expires;
    std::string left;
    if (access.expires) {
        expires = format_rfc3339(*access.expires);
        left = std::to_string(std::chrono::floor<std::chrono::seconds>(*access.expires - now).count());
        record.members.push_back({"expiresAt", expires});
        record.members.push_back({"secondsLeft", left, true});
    }
    record.members.push_back({"seen", seen, true});
    record.values = {access.title, access.title, connection, expires, left, seen};
    return record;
}

/// Of --short.
Fields short_fields() {
    return {
        {{"entitlement"}, {"entitlementName"}, {"connectionId"}, {"expiresAt"}, {"secondsLeft"}, {"seen"}},
        {}};
}

FieldNames field_names() {
    FieldNames names = connection_field_names();
    for (std::vector<std::string_view>* const each : {&names.columns, &names.json}) {
        each->insert(each->end(), {"secondsLeft", "seen"});
    }
    return names;
}

/// "Prod DB Admin 42 min 10 s +1": from the file alone, for a prompt; for a program, all that is known.
Result<void> show_short(access::Context& context, const std::vector<std::string>& words) {
    if (!words.empty()) {
        return usage_error("--short shows what is active, whatever it is: name nothing");
    }
    const TimePoint now = context.service_now(); // also where no request is made
    JIT_TRY(const std::vector<access::AccessRecord> shown, known_to_run(context, now));
    ListPrinter printer(context, short_fields());
    if (!printer.is_table()) {
        for (const access::AccessRecord& access : shown) {
            if (auto added = printer.add(short_record(access, now)); !added) {
                return added;
            }
        }
        return printer.finish();
    }
    if (shown.empty()) {
        return {};
    }
    const access::AccessRecord& first = shown.front();
    std::string line = sanitize_line(first.title);
    if (first.phase == Phase::waiting) {
        line += " (waiting for you)";
    } else if (first.expires) {
        // "~": asked for from here, and not seen active yet.
        line += concat({first.phase == Phase::active ? " " : " ~", duration_words(*first.expires - now)});
    }
    if (shown.size() > 1) {
        line += concat({" +", std::to_string(shown.size() - 1)});
    }
    return context.console().result(line + "\n");
}

Result<void> run(access::Context& context, const Options& options, const std::vector<std::string>& words) {
    const std::vector<std::string> named = all_words(options.entitlements, words);
    JIT_TRY(const config::Settings* const settings, context.settings());
    (void)settings;
    if (options.short_form) {
        return show_short(context, named);
    }
    if (!options.watch && !options.watching.warn.command.empty()) {
        return usage_error("--on-warn goes with --watch only");
    }
    if (options.watch) {
        return watch(context, options.watching, named);
    }
    return named.empty() ? show_mine(context) : show_named(context, named);
}

} // namespace

Command status() {
    Command command = {
        "status",
        "Show what is active, and the time left",
        "The soonest end comes first. The exit code is 0 if something is active, or all that you name; "
        "otherwise 5.",
        k_words,
        k_words_help,
        {{"jit status", "what is active now"},
         {"jit status -e \"Prod DB Admin\" -q || echo no access", "in a script"},
         {"jit status --watch", "until Ctrl-C, with a warning before access ends"},
         {"PS1='$(jit status --short 2>/dev/null) \\$ '", "in a prompt"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<Options>();
            declare_entitlements(set, options->entitlements);
            constexpr const char* k_group = "How";
            const auto read_interval = [options](const std::vector<std::string>& values) -> Result<void> {
                options->watch = true;
                if (values.empty() || values.front().empty()) {
                    return {};
                }
                constexpr long k_day = 86400;
                const auto seconds = parse_int(values.front(), 1, k_day);
                if (!seconds) {
                    return usage_error(
                        concat({"--watch: \"", values.front(),
                                "\" is not a whole number of seconds; name the entitlement before "
                                "--watch, or with -e"}));
                }
                options->watching.interval = std::chrono::seconds(*seconds);
                return {};
            };
            set.optional_value("--watch", read_interval, "repeat until Ctrl-C (default: every 10 s)")
                .takes("SECONDS")
                .in(k_group);
            declare_warn(set, options->watching.warn, k_group,
                         "warn when fewer minutes are left (default: 5)");
            set.flag("--short", options->short_form, "one line for a prompt, without a request").in(k_group);
            return [options](access::Context& context, const std::vector<std::string>& words) {
                return run(context, *options, words);
            };
        },
        {"At a terminal, `--watch` redraws the table in place and counts the time left down; with `-o "
         "jsonl` it prints one object for each change. `--warn` also rings the bell.",
         "`--short` shows what this machine did and saw; it makes no request. A `~` before the time marks "
         "access that was requested from here and not seen active yet. JSON and CSV have `entitlement`, "
         "`connectionId`, `expiresAt`, `secondsLeft`, and `seen`: whether it was seen active.",
         k_warn_details},
        {Completes::Kind::entitlements},
    };
    command.code_tells = true;
    command.fields = field_names;
    return command;
}

} // namespace jit::commands
