#include "access/target.hpp"
#include "commands/connection_view.hpp"
#include "commands/operation.hpp"
#include "commands/output.hpp"
#include "commands/registry.hpp"
#include "commands/timeline.hpp"
#include "sailpoint/client.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

namespace jit::commands {
namespace {

using sailpoint::HistoryEntry;

struct Options {
    std::vector<std::string> entitlements;
    std::string since;
    std::string until;
    std::vector<std::string> statuses;
    std::string identity;
    std::size_t limit = sailpoint::k_all;
    bool tenant = false;
    bool detail = false;
    bool timeline = false;
};

/// The service's words for the state of an activation, and ours.
struct Status {
    std::string_view service;
    std::string_view people;
};
constexpr std::array<Status, 10> k_statuses = {{{"ACTIVATING", "starting"},
                                                {"AWAITING_FRICTIONS", "waiting"},
                                                {"PROVISIONING", "starting"},
                                                {"PROVISIONED", "active"},
                                                {"DEPROVISIONING", "ending"},
                                                {"COMPLETE", "ended"},
                                                {"CANCELLED", "failed"},
                                                {"ERROR", "failed"},
                                                {"TIMED_OUT", "failed"},
                                                {"REVOKED", "failed"}}};

/// The service's words that a word of either kind means.
Result<std::vector<std::string_view>> read_status(const std::string& text) {
    const std::string folded = to_lower(trim(text));
    const std::string word = folded == "waiting for you" ? "waiting"
                             : folded == "pending"       ? "starting"
                                                         : folded;
    std::vector<std::string_view> found;
    std::vector<std::string> people;
    std::vector<std::string> service;
    for (const Status& status : k_statuses) {
        if (word == status.people || word == to_lower(status.service)) {
            found.push_back(status.service);
        }
        service.emplace_back(status.service);
        if (std::find(people.begin(), people.end(), status.people) == people.end()) {
            people.emplace_back(status.people);
        }
    }
    if (found.empty()) {
        return usage_error(concat({"--status: \"", text, "\" is no state of an activation"}),
                           concat({"say ", join(people), "; or, as the service does, ", join(service)}));
    }
    return found;
}

/// "7d" (ago), or a time; a time of day is the last such time. `now` is by the service's clock.
Result<std::optional<TimePoint>> read_past(const std::string& text, const char* option, TimePoint now) {
    if (text.empty()) {
        return std::optional<TimePoint>();
    }
    if (const auto ago = parse_duration(text)) {
        return std::optional<TimePoint>(now - *ago);
    }
    auto time = parse_time(text, now, Pick::last);
    if (time) {
        return std::optional(*time);
    }
    return usage_error(concat({option, ": \"", text, "\" ", time.error().message}),
                       "say 7d, 12h, 09:30, 2026-11-01 or 2026-11-01T09:30");
}

/// What is asked for: in part the service's business, in part ours.
struct Search {
    sailpoint::Whose whose;
    std::string filters;
    std::vector<std::string> names = {}; ///< folded; of entitlements: "name" or "source/name"; empty: any
    std::vector<Uuid> connections = {};  ///< beside the names
    std::optional<Uuid> only = {};       ///< the one connection that the service is asked for
    std::string identity = {};           ///< folded name; empty: any
    std::string since_text = {};         ///< as the person wrote it
    std::string until_text = {};
    std::optional<TimePoint> since = {}; ///< what that is by the service's clock
    std::optional<TimePoint> until = {};

    /// Reads the two times.
    Result<void> read_times(TimePoint now) {
        JIT_TRY(since, read_past(since_text, "--since", now));
        JIT_TRY(until, read_past(until_text, "--until", now));
        if (since && until && *since > *until) {
            return usage_error("--since is later than --until");
        }
        return {};
    }

    /// The filter for the service, with the times.
    [[nodiscard]] std::string all_filters() const {
        std::string all;
        const auto add = [&all](std::string_view expression) {
            all += concat({all.empty() || expression.empty() ? "" : " and ", expression});
        };
        add(since ? concat({"activationInitiated ge ", quote(format_rfc3339(*since))}) : "");
        add(until ? concat({"activationInitiated le ", quote(format_rfc3339(*until))}) : "");
        add(filters);
        return all;
    }

    void filter(const std::string& expression) {
        filters += concat({filters.empty() ? "" : " and ", expression});
    }

    void filter(const Uuid& connection) {
        filter(concat({"connectionId eq ", quote(connection.str())}));
        only = connection;
    }

    /// Whether it does not matter which entitlement it is.
    [[nodiscard]] bool is_any() const { return names.empty() && connections.empty(); }

    [[nodiscard]] bool matches(const HistoryEntry& entry) const {
        if ((!identity.empty() && fold_case(entry.identity) != identity) ||
            (only && !access::is_of(entry, *only))) {
            return false;
        }
        const auto is = [this](const std::string& name) {
            return std::find(names.begin(), names.end(), fold_case(name)) != names.end();
        };
        const auto id = Uuid::parse(entry.connection_id);
        const bool listed = id && std::find(connections.begin(), connections.end(), *id) != connections.end();
        return is_any() || listed || is(entry.entitlement) ||
               is(concat({entry.source, "/", entry.entitlement}));
    }
};

/// Narrows to an entitlement. One connection is the service's business; a name that means several of them, or
/// none of mine any more, is compared with the names in the history.
Result<void> narrow_to_entitlements(access::Context& context, const std::vector<std::string>& words,
                                    bool tenant, Search& search) {
    if (words.empty()) {
        return {};
    }
    const auto id = words.size() == 1 ? Uuid::parse(trim(words.front())) : std::nullopt;
    if (id) {
        search.filter(*id);
        return {};
    }
    if (!tenant && words.size() == 1) {
        auto targets = access::resolve_targets(context, words, {});
        if (targets && targets->size() == 1) {
            search.filter(targets->front().connection);
            return {};
        }
        const bool only_not_found =
            targets || targets.error().kind == ErrorKind::forbidden ||
            (targets.error().kind == ErrorKind::refused &&
             (!targets.error().refusal || targets.error().refusal == Refusal::not_enabled));
        if (!only_not_found) {
            return std::move(targets).error();
        }
    }
    JIT_TRY(const config::Settings* const settings, context.settings());
    const auto add = [&search](const std::string& name) {
        if (const auto connection = Uuid::parse(trim(name))) {
            search.connections.push_back(*connection);
        } else {
            search.names.push_back(fold_case(name));
        }
    };
    for (const std::string& word : words) {
        const config::Alias* const alias =
            Uuid::parse(trim(word)) ? nullptr : config::find_alias(*settings, word);
        if (alias == nullptr) {
            add(word);
        } else {
            std::for_each(alias->entitlements.begin(), alias->entitlements.end(), add);
        }
    }
    return {};
}

Result<Search> search_for(access::Context& context, const Options& options,
                          const std::vector<std::string>& words) {
    Search search{options.tenant ? sailpoint::Whose::tenant : sailpoint::Whose::mine, {}};
    search.since_text = options.since;
    search.until_text = options.until;
    if (auto read = search.read_times(context.service_now()); !read) {
        return std::move(read).error();
    }
    if (!options.statuses.empty()) {
        std::string list;
        for (const std::string& text : options.statuses) {
            JIT_TRY(const auto statuses, read_status(text));
            for (const std::string_view status : statuses) {
                list += concat({list.empty() ? "" : ",", quote(status)});
            }
        }
        search.filter(concat({"status in (", list, ")"}));
    }
    if (!options.identity.empty()) {
        if (!options.tenant) {
            return usage_error("--identity goes with --tenant: without it, all are yours");
        }
        if (Uuid::parse(options.identity)) {
            search.filter(concat({"identityId eq ", quote(options.identity)}));
        } else {
            search.identity = fold_case(options.identity);
        }
    }
    if (auto done = narrow_to_entitlements(context, words, options.tenant, search); !done) {
        return std::move(done).error();
    }
    return search;
}

Result<void> read(access::Context& context, Search& search, std::size_t limit,
                  const std::function<Result<void>(HistoryEntry)>& take) {
    JIT_TRY(sailpoint::Client* const client, context.client());
    const bool ours = !search.is_any() || !search.identity.empty(); // some are left out here
    const bool table = context.loaded_settings()->output.value == config::OutputFormat::table;
    std::size_t left = limit;
    // Looking up a name may have told the service's clock, and the first answer may tell that it is another.
    if (auto times = search.read_times(context.service_now()); !times) {
        return times;
    }
    const auto assumed = context.service_now() - context.now();
    const auto other_clock = [&context, &search, assumed] {
        constexpr std::chrono::seconds k_worth_it{5};
        const auto told = context.service_now() - context.now();
        return (search.since || search.until) && std::chrono::abs(told - assumed) >= k_worth_it;
    };
    sailpoint::KeptEntries kept;
    bool taking = false;
    const auto read_once = [&] {
        return client->history(search.whose, search.all_filters(), ours ? sailpoint::k_all : limit,
                               [&](HistoryEntry entry) -> Result<bool> {
                                   if (!taking && other_clock()) {
                                       return false;
                                   }
                                   taking = true;
                                   if (!search.matches(entry)) {
                                       return true;
                                   }
                                   if (auto added = table ? kept.add(entry.raw) : Result<void>(); !added) {
                                       return std::move(added).error();
                                   }
                                   if (auto taken = take(std::move(entry)); !taken) {
                                       return std::move(taken).error();
                                   }
                                   return --left > 0;
                               });
    };
    auto done = read_once();
    if (done && !taking && other_clock()) {
        if (auto times = search.read_times(context.service_now()); !times) {
            return times;
        }
        taking = true;
        done = read_once();
    }
    context.remember_clock();
    return done;
}

/// How long access was usable, or has been.
std::optional<std::chrono::milliseconds> usable_time(const HistoryEntry& entry, TimePoint now) {
    const auto from = parse_rfc3339(entry.provision_completed);
    if (!from) {
        return std::nullopt;
    }
    auto until = parse_rfc3339(entry.deprovision_start);
    if (!until && sailpoint::phase_of_status(entry.status) == sailpoint::Phase::active) {
        until = now;
    }
    return until ? std::optional(std::max(*until - *from, std::chrono::milliseconds(0))) : std::nullopt;
}

std::string usable_words(const HistoryEntry& entry, TimePoint now) {
    const auto time = usable_time(entry, now);
    return time ? duration_words(*time) : "";
}

std::string usable_minutes(const HistoryEntry& entry, TimePoint now) {
    const auto time = usable_time(entry, now);
    return time ? std::to_string(std::chrono::floor<std::chrono::minutes>(*time).count()) : "";
}

Fields fields_of(bool tenant) {
    using io::Yields;
    Fields fields{{{"activationInitiated", "ACTIVATED", Yields::last},
                   {"identityName", "IDENTITY", Yields::shortened},
                   {"entitlementName", "ENTITLEMENT", Yields::shortened},
                   {"sourceDisplayName", "SOURCE", Yields::second},
                   {"status"},
                   {"provisionCompleted"},
                   {"deprovisionStart"},
                   {"deprovisionComplete"},
                   {"error", "", Yields::shortened},
                   {"connectionId"},
                   {"id"},
                   {"policies", "", Yields::never, true, false},
                   {"outcome", "", Yields::never, true, false},
                   {"ticket", "", Yields::never, true, false},
                   {"justification", "", Yields::never, true, false},
                   {"usableMinutes", "USABLE FOR", Yields::never, true, false}},
                  {"activationInitiated"}};
    if (tenant) {
        fields.table.push_back("identityName");
    }
    fields.table.insert(fields.table.end(),
                        {"entitlementName", "sourceDisplayName", "status", "usableMinutes", "error"});
    return fields;
}

FieldNames field_names() {
    return names_of(fields_of(false),
                    {"tenantId", "identityId", "accountId", "entitlementId", "sourceId", "policyDisplayNames",
                     "policyFrictionOutcome", "policyMatchDetails", "provisionStart", "provisionDurationMins",
                     "deprovisionDurationMins", "summary", "frictions", "activationDetails",
                     "activationDuration", "provisioningDetails"});
}

Record record_of(access::Context& context, const HistoryEntry& entry) {
    const std::string connection = hyphenated(entry.connection_id);
    const std::string& name = entry.entitlement.empty() ? connection : entry.entitlement;
    Record record{
        entry.raw,
        {},
        {{entry.initiated, context.time_cell(entry.initiated)},
         entry.identity,
         name,
         entry.source,
         {entry.status, state_cell(context, entry.status)},
         entry.provision_completed,
         entry.deprovision_start,
         entry.deprovision_complete,
         entry.error,
         connection,
         entry.id,
         join(entry.policies),
         entry.friction_outcome,
         entry.ticket,
         entry.justification,
         {usable_minutes(entry, context.service_now()), usable_words(entry, context.service_now())}}};
    if (connection != entry.connection_id) {
        record.members.push_back({"connectionId", connection});
    }
    if (name != entry.entitlement) {
        record.members.push_back({"entitlementName", name});
    }
    return record;
}

/// All that is known of one activation, a line a fact; what is not known is left out.
std::string detail_of(access::Context& context, const HistoryEntry& entry) {
    constexpr int k_name_width = 14;
    std::string text = concat({sanitize_line(entry.entitlement), " on ", sanitize_line(entry.source), ", ",
                               sanitize_line(entry.identity), "\n"});
    const auto line = [&text](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            text += concat({"  ", padded(name, k_name_width), sanitize_line(value), "\n"});
        }
    };
    const auto exact = [&context](const std::string& value) {
        const auto time = parse_rfc3339(value);
        return time ? context.time_words(*time) : value;
    };
    const auto took = [](const std::string& minutes) {
        return minutes.empty() ? std::string() : concat({" (took ", minutes, " min)"});
    };
    line("status", entry.status);
    line("error", entry.error);
    line("activated", exact(entry.initiated));
    if (!entry.provision_completed.empty()) {
        line("usable from", exact(entry.provision_completed) + took(entry.provision_minutes));
    }
    line("ending from", exact(entry.deprovision_start));
    if (!entry.deprovision_complete.empty()) {
        line("gone", exact(entry.deprovision_complete) + took(entry.deprovision_minutes));
    }
    line("usable for", usable_words(entry, context.service_now()));
    line("policies", join(entry.policies));
    line("frictions", join(entry.frictions));
    line("outcome", entry.friction_outcome);
    line("connection", entry.connection_id);
    line("activation", entry.id);
    return text;
}

Result<void> print_detail(access::Context& context, Search& search, const Options& options,
                          std::size_t& count) {
    return read(context, search, options.limit, [&](const HistoryEntry& entry) {
        return context.console().result(concat({count++ == 0 ? "" : "\n", detail_of(context, entry)}));
    });
}

Result<void> print_timeline(access::Context& context, Search& search, const Options& options,
                            std::size_t& count) {
    std::vector<TimelineRow> rows;
    std::optional<TimePoint> first;
    auto done = read(context, search, options.limit, [&](HistoryEntry entry) -> Result<void> {
        ++count;
        const auto initiated = parse_rfc3339(entry.initiated);
        if (initiated && (!first || *initiated < *first)) {
            first = initiated;
        }
        const std::string what = concat({entry.source, "/", entry.entitlement});
        const std::string label = options.tenant ? concat({entry.identity, ": ", what}) : what;
        auto row = std::find_if(rows.begin(), rows.end(),
                                [&label](const TimelineRow& other) { return other.label == label; });
        if (row == rows.end()) {
            row = rows.insert(rows.end(), {label, {}});
        }
        entry.raw.clear();
        row->entries.push_back(std::move(entry));
        return {};
    });
    if (!done || rows.empty()) {
        return done;
    }
    std::sort(rows.begin(), rows.end(),
              [](const TimelineRow& a, const TimelineRow& b) { return a.label < b.label; });
    const int width = context.console().out_device().width;
    constexpr int k_default_width = 100;
    const TimePoint until = search.until.value_or(context.service_now());
    const TimePoint from = search.since.value_or(first.value_or(until));
    return context.console().result(draw_timeline(
        rows, {width > 0 ? width : k_default_width, from, std::max(from, until), context.service_now(),
               [&context](TimePoint time) { return context.time_text(time); }}));
}

Result<void> print_list(access::Context& context, Search& search, const Options& options,
                        std::size_t& count) {
    ListPrinter printer(context, fields_of(options.tenant));
    auto done = read(context, search, options.limit,
                     [&](const HistoryEntry& entry) { return printer.add(record_of(context, entry)); });
    count = printer.count();
    if (!done && count == 0) {
        return done;
    }
    auto finished = printer.finish(); // also what came before an error: a list of JSON has an end
    return done ? finished : done;
}

Result<void> run(access::Context& context, const Options& options, const std::vector<std::string>& words) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    const bool table = settings->output.value == config::OutputFormat::table;
    if (options.timeline && !table) {
        return usage_error("--timeline is a drawing: it goes with -o table only");
    }
    JIT_TRY(Search search, search_for(context, options, all_words(options.entitlements, words)));
    std::size_t count = 0;
    auto done = options.timeline          ? print_timeline(context, search, options, count)
                : options.detail && table ? print_detail(context, search, options, count)
                                          : print_list(context, search, options, count);
    if (done && count == 0) {
        context.log().note(
            "no activation matches; jit history without options shows all that were ever yours");
    }
    return done;
}

} // namespace

Command history() {
    Command command = {
        "history",
        "Show what was activated",
        "The newest comes first. JSON has all that the service knows of each activation: frictions, "
        "policies, durations, errors.",
        k_words,
        k_words_help,
        {{"jit history --since 7d", "the last week"},
         {"jit history -e \"Prod DB Admin\" --limit 1 --detail", "what became of the last one"},
         {"jit history --since 12h --timeline", "a drawing of who had what when"},
         {"jit history --tenant --identity \"Robin Ops\" --since 2026-11-01 -o csv", "for an auditor"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<Options>();
            constexpr const char* k_group = "Which";
            declare_entitlements(set, options->entitlements);
            const auto text = [&set](const char* name, std::string& target, const char* type,
                                     const char* help) {
                set.text(name, target, help).takes(type).in(k_group);
            };
            text("--since", options->since, "WHEN", "activated since: 7d, 09:30, 2026-11-01");
            text("--until", options->until, "WHEN", "activated until: the same forms");
            set.repeatable("--status", options->statuses,
                           "in this state: active, ended, failed ...; repeatable")
                .takes("STATUS", {Completes::Kind::choices,
                                  {"starting", "waiting", "active", "ending", "ended", "failed", "ACTIVATING",
                                   "AWAITING_FRICTIONS", "PROVISIONING", "PROVISIONED", "DEPROVISIONING",
                                   "COMPLETE", "CANCELLED", "ERROR", "TIMED_OUT", "REVOKED"}})
                .in(k_group);
            set.whole_number("--limit", options->limit, 1, std::numeric_limits<std::int32_t>::max(),
                             "at most N entries")
                .takes("N")
                .in(k_group);
            set.flag("--tenant", options->tenant, "of all identities (administrators only)").in(k_group);
            text("--identity", options->identity, "NAME", "with --tenant: of this identity only");
            const Option& detail =
                set.flag("--detail", options->detail, "all that is known, one line each").in(k_group);
            set.flag("--timeline", options->timeline, "draw who had what, and when")
                .in(k_group)
                .excludes(detail);
            return [options](access::Context& context, const std::vector<std::string>& words) {
                return run(context, *options, words);
            };
        },
        {"`--since` and `--until` take a duration up to now (`7d`), a time of day (`09:30`, the last such "
         "time), or a date, with or without a time (`2026-11-01`).",
         "`--status` takes starting, waiting, active, ending, ended, failed, or a word of the service."},
        {Completes::Kind::entitlements},
    };
    command.fields = field_names;
    return command;
}

} // namespace jit::commands
