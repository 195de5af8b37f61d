#include "access/access_cache.hpp"
#include "access/name_cache.hpp"
#include "commands/connection_view.hpp"
#include "commands/registry.hpp"
#include "sailpoint/client.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <limits>
#include <memory>

namespace jit::commands {
namespace {

using sailpoint::Connection;

struct Options {
    std::vector<std::string> sources;
    std::vector<std::string> states;
    std::string search;
    bool all_types = false;
    bool tenant = false;
    std::size_t limit = 0; ///< 0: all
};

bool is_any_of(const std::vector<std::string>& wanted, const std::string& text) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&text](const std::string& word) { return fold_case(word) == fold_case(text); });
}

/// The service's filters do not say whether case counts, so all but the type is looked at here.
bool matches(const Options& options, const Connection& entry, TimePoint now) {
    if (!options.all_types && !access::is_jit(entry)) {
        return false;
    }
    if (!options.sources.empty() && !is_any_of(options.sources, entry.source)) {
        return false;
    }
    const std::string phase(access_name(entry, now));
    if (!options.states.empty() && !is_any_of(options.states, entry.state) &&
        !is_any_of(options.states, phase) &&
        !is_any_of(options.states, std::string(sailpoint::phase_words(sailpoint::phase_of(entry, now))))) {
        return false;
    }
    if (options.search.empty()) {
        return true;
    }
    const std::string part = fold_case(options.search);
    for (const std::string* const text :
         {&entry.display_name, &entry.name, &entry.value, &entry.source, &entry.account, &entry.identity}) {
        if (fold_case(*text).find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::string nothing_found(const Options& options) {
    const bool narrowed =
        !options.sources.empty() || !options.states.empty() || !options.search.empty() || options.limit != 0;
    if (narrowed) {
        return "nothing matches; jit list without options shows all";
    }
    if (options.tenant) {
        return "the tenant has no JIT connections; jit list --tenant --all-types shows the others";
    }
    return "you have no JIT connections; jit list --all-types shows what else you have, and an "
           "administrator can give you some";
}

Result<void> run(access::Context& context, const Options& options) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    JIT_TRY(sailpoint::Client* const client, context.client());
    const ConnectionColumns columns{options.tenant, options.all_types};
    ListPrinter printer(context, connection_fields(columns));
    const bool table = settings->output.value == config::OutputFormat::table;
    std::vector<Connection> rows; // of a table, which is sorted; all else goes out as it comes
    sailpoint::KeptEntries kept;
    std::size_t count = 0;
    access::NameCache names;
    auto done = client->connections(
        options.tenant ? sailpoint::Whose::tenant : sailpoint::Whose::mine,
        options.all_types ? "" : access::k_only_jit, sailpoint::k_all, [&](Connection entry) -> Result<bool> {
            if (!options.tenant && access::is_jit(entry)) {
                names.add(entry, context.service_now());
            }
            if (!matches(options, entry, context.service_now())) {
                return true;
            }
            if (++count > options.limit && options.limit != 0) {
                return true; // counted only
            }
            if (table) {
                if (auto added = kept.add(entry.raw); !added) {
                    return std::move(added).error();
                }
                entry.raw.clear();
                rows.push_back(std::move(entry));
            } else if (auto added = printer.add(connection_record(context, entry)); !added) {
                return std::move(added).error();
            }
            return true;
        });
    if (done && !options.tenant) {
        names.save(context);
    }
    sort_by_title(rows);
    for (const Connection& row : rows) {
        if (auto added = printer.add(connection_record(context, row)); !added) {
            return added;
        }
    }
    if (done && count == 0) {
        context.log().note(nothing_found(options));
    }
    if (done && options.limit != 0 && count > options.limit) {
        context.log().note(concat(
            {"--limit left out ", std::to_string(count - options.limit), " of ", std::to_string(count)}));
    }
    if (!done && printer.count() == 0) {
        return done;
    }
    auto finished = printer.finish(); // also what came before an error: a list of JSON has an end
    return done ? finished : done;
}

} // namespace

Command list() {
    Command command = {
        "list",
        "Show what you may activate",
        "All your just-in-time connections, and when those that are active end.",
        "",
        "",
        {{"jit list", "all of them"},
         {"jit list --search prod --state available", "what could be activated now"},
         {"jit list --state active -o csv --no-header --columns entitlement", "names for a script"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<Options>();
            constexpr const char* k_group = "Which";
            set.repeatable("--source", options->sources, "on this source; repeatable")
                .takes("NAME")
                .in(k_group);
            set.repeatable("--state", options->states, "in this state: available, active ...; repeatable")
                .takes("STATE", {Completes::Kind::choices,
                                 {"available", "starting", "waiting", "active", "ending", "failed"}})
                .in(k_group);
            set.text("--search", options->search, "with this text in name, value, source or account")
                .takes("TEXT")
                .in(k_group);
            set.flag("--all-types", options->all_types, "also those that are not just-in-time").in(k_group);
            set.flag("--tenant", options->tenant, "of all identities (administrators only)").in(k_group);
            set.whole_number("--limit", options->limit, 1, std::numeric_limits<std::int32_t>::max(),
                             "at most N entries")
                .takes("N")
                .in(k_group);
            return [options](access::Context& context, const std::vector<std::string>&) {
                return run(context, *options);
            };
        },
        {"JSON keeps the service's objects as they are. It adds `access` (available, starting, waiting, "
         "active, ending, failed) and, while access is active or on its way, `expiresAt`. `--state` takes "
         "the words of `access` and those of the service."},
    };
    command.fields = connection_field_names;
    return command;
}

} // namespace jit::commands
