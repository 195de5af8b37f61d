#include "app/target.hpp"

#include "app/known_access.hpp"
#include "app/known_names.hpp"
#include "base/text.hpp"
#include "io/prompt.hpp"
#include "io/table.hpp"
#include "sailpoint/client.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace jit::app {
namespace {

using sailpoint::Connection;
using Entries = std::vector<Connection>;

constexpr const char* k_example =
    "name it: -e \"Prod DB Admin\", or by its connection ID; jit list shows what there is";

/// A word that aliases were put in place of.
struct Word {
    std::string text;
    std::optional<long> minutes = {};
};

std::vector<Word> expand_aliases(const std::vector<std::string>& words, const config::Settings& settings) {
    std::vector<Word> expanded;
    for (const std::string& word : words) {
        const auto alias = settings.aliases.find(to_lower(trim(word)));
        if (alias == settings.aliases.end() || Uuid::parse(trim(word))) {
            expanded.push_back({word});
            continue;
        }
        for (const std::string& entitlement : alias->second.entitlements) {
            expanded.push_back({entitlement});
            if (alias->second.minutes) {
                expanded.back().minutes = alias->second.minutes->value;
            }
        }
    }
    return expanded;
}

/// The texts that name a connection, without its source.
std::vector<std::string_view> names_of(const Connection& entry) {
    std::vector<std::string_view> names;
    for (const std::string* const name : {&entry.display_name, &entry.name, &entry.value}) {
        if (!name->empty() && std::find(names.begin(), names.end(), *name) == names.end()) {
            names.emplace_back(*name);
        }
    }
    return names;
}

/// The entries of my list under the names they go by.
class Directory {
public:
    explicit Directory(const Entries& entries) : entries_(entries) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            for (const std::string_view name : names_of(entries[i])) {
                add(name, i);
                add(cat({entries[i].source, "/", name}), i);
            }
        }
    }

    [[nodiscard]] std::vector<const Connection*> find(std::string_view word) const {
        std::vector<const Connection*> found;
        const auto [begin, end] = places_.equal_range(fold_case(word));
        for (auto place = begin; place != end; ++place) {
            const Connection* const entry = &entries_[place->second];
            if (std::find(found.begin(), found.end(), entry) == found.end()) {
                found.push_back(entry);
            }
        }
        return found;
    }

private:
    void add(std::string_view name, std::size_t place) { places_.emplace(fold_case(name), place); }

    const Entries& entries_;
    std::multimap<std::string, std::size_t> places_;
};

/// Names that the word may have been meant to be: those it is a part of, then those that are spelt much like
/// it.
std::vector<std::string> suggestions(const Entries& entries, std::string_view word) {
    constexpr std::size_t k_most = 3;
    const std::string part = fold_case(trim(word));
    std::set<std::string> names;
    std::vector<std::string> found;
    for (const Connection& entry : entries) {
        const bool is_new = names.insert(entry.title()).second;
        const bool has_part = is_new && !part.empty() && found.size() < k_most &&
                              fold_case(entry.title()).find(part) != std::string::npos;
        if (has_part) {
            found.push_back(entry.title());
        }
    }
    for (const std::string& name : found) {
        names.erase(name);
    }
    while (found.size() < k_most) {
        auto near = nearest(trim(word), {names.begin(), names.end()});
        if (!near) {
            break;
        }
        names.erase(*near);
        found.push_back(*std::move(near));
    }
    return found;
}

Error no_match(const Entries& entries, const std::string& word) {
    Error error{ExitCode::refused, cat({"none of your ", std::to_string(entries.size()),
                                        " JIT connections is called \"", word, "\"; nothing was sent"})};
    std::string names;
    for (const std::string& name : suggestions(entries, word)) {
        names += cat({names.empty() ? "did you mean " : " or ", "\"", printable(name), "\""});
    }
    error.hint = names.empty() ? "jit list shows what there is" : names + "?";
    return error;
}

std::string id_of(const Connection& entry) {
    const auto id = Uuid::parse(entry.id);
    return id ? id->str() : entry.id;
}

/// "SOURCE/NAME (VALUE), account ACCOUNT", for one line of a hint: names may have line ends in them.
std::string description_of(const Connection& entry, bool with_value) {
    std::string text = cat({entry.source, "/", entry.title()});
    if (with_value && entry.value != entry.title() && !entry.value.empty()) {
        text += cat({" (", entry.value, ")"});
    }
    return printable(cat({text, ", account ", entry.account}));
}

Error several_matches(const std::string& word, const std::vector<const Connection*>& matches) {
    constexpr std::size_t k_most = 20;
    std::string hint = "say which one, by SOURCE/NAME or by its connection ID:";
    for (std::size_t i = 0; i < matches.size() && i < k_most; ++i) {
        const Connection& entry = *matches[i];
        hint += cat({"\n", printable(id_of(entry)), "  ", description_of(entry, true)});
    }
    if (matches.size() > k_most) {
        hint += cat({"\nand ", std::to_string(matches.size() - k_most), " more"});
    }
    return {ExitCode::refused,
            cat({"\"", word, "\" means ", std::to_string(matches.size()),
                 " of your connections; nothing was sent"}),
            std::move(hint)};
}

Result<Target> target_of(const Connection& entry, std::string asked) {
    const auto id = Uuid::parse(entry.id);
    if (!id) {
        return Error{ExitCode::server, cat({"the service lists \"", entry.title(), "\" with the ID \"",
                                            entry.id, "\", which is no UUID; nothing was sent"})};
    }
    return Target{std::move(asked), *id, entry};
}

Result<Target> ask_person(Context& context, const Entries& entries, const Wanted& wanted) {
    std::vector<const Connection*> offered;
    for (const Connection& entry : entries) {
        if (wanted.fits == nullptr || wanted.fits(sailpoint::phase_of(entry, context.service_now()))) {
            offered.push_back(&entry);
        }
    }
    if (offered.empty()) {
        return Error{ExitCode::refused, cat({"there is nothing to ", wanted.verb, "; nothing was sent"}),
                     "jit list shows what there is"};
    }
    std::sort(offered.begin(), offered.end(), [](const Connection* a, const Connection* b) {
        return std::pair(fold_case(a->title()), a->source) < std::pair(fold_case(b->title()), b->source);
    });
    std::vector<std::vector<std::string>> rows;
    rows.reserve(offered.size());
    for (const Connection* const entry : offered) {
        rows.push_back(
            {std::to_string(rows.size() + 1), entry->title(), entry->source, entry->account, entry->state});
    }
    io::Console& console = context.console();
    console.message(
        io::render_table({{"#"}, {"ENTITLEMENT", true}, {"SOURCE", true}, {"ACCOUNT", true}, {"STATE", true}},
                         rows, {console.err_device().width, false}));
    for (;;) {
        JIT_TRY(const Secret answer,
                io::ask(console, context.interrupt(),
                        cat({"Which one to ", wanted.verb, "? [1-", std::to_string(offered.size()), "] "})));
        const std::string_view word = trim(answer.reveal());
        if (word.empty()) {
            return usage_error("nothing was chosen; nothing was sent");
        }
        if (const auto number = parse_whole(word, 1, static_cast<long>(offered.size()))) {
            const Connection& chosen = *offered[static_cast<std::size_t>(*number) - 1];
            return target_of(chosen, chosen.title());
        }
    }
}

} // namespace

const std::string& Target::title() const {
    return entry && !entry->title().empty() ? entry->title() : connection.str();
}

bool is_jit(const Connection& connection) {
    return to_lower(connection.type) == "jit";
}

Result<std::vector<Connection>> read_connections(Context& context, bool whole) {
    JIT_TRY(sailpoint::Client* const client, context.client());
    Entries entries;
    KnownNames names;
    auto done = client->connections(sailpoint::Whose::mine, k_only_jit, sailpoint::k_all,
                                    [&](Connection entry) -> Result<bool> {
                                        if (is_jit(entry)) {
                                            names.add(entry, context.service_now());
                                            if (!whole) {
                                                entry.raw.clear();
                                            }
                                            entries.push_back(std::move(entry));
                                        }
                                        return true;
                                    });
    if (!done) {
        return std::move(done).error();
    }
    names.keep(context);
    return entries;
}

Result<std::optional<Connection>> read_entry(Context& context, const Uuid& connection,
                                             std::string& entitlement_id) {
    JIT_TRY(sailpoint::Client* const client, context.client());
    std::string filters(k_only_jit);
    if (!entitlement_id.empty()) {
        filters += cat({" and entitlement.id eq ", in_quotes(entitlement_id)});
    }
    std::optional<Connection> found;
    auto done = client->connections(sailpoint::Whose::mine, filters, sailpoint::k_all,
                                    [&](Connection entry) -> Result<bool> {
                                        if (Uuid::parse(entry.id) != connection) {
                                            return true;
                                        }
                                        entitlement_id = entry.entitlement_id;
                                        found = std::move(entry);
                                        return false;
                                    });
    if (!done) {
        return std::move(done).error();
    }
    return found;
}

Result<std::vector<Target>> resolve_targets(Context& context, const std::vector<std::string>& words,
                                            const Wanted& wanted) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    if (words.empty()) {
        if (!context.interactive()) {
            return usage_error("no entitlement is given", k_example);
        }
        JIT_TRY(const Entries entries, read_settled_connections(context));
        JIT_TRY(Target chosen, ask_person(context, entries, wanted));
        return std::vector<Target>{std::move(chosen)};
    }
    const std::vector<Word> expanded = expand_aliases(words, *settings);
    const bool only_ids = std::all_of(expanded.begin(), expanded.end(), [](const Word& word) {
        return Uuid::parse(trim(word.text)).has_value();
    });
    Entries entries;
    if (!only_ids || wanted.entries) {
        for (const Word& word : expanded) {
            if (trim(word.text).empty()) {
                return usage_error("an entitlement is named by nothing but blanks; nothing was sent",
                                   k_example);
            }
        }
        JIT_TRY(entries, read_connections(context, wanted.entries));
    }
    const Directory directory(entries);
    std::vector<Target> targets;
    for (const Word& word : expanded) {
        std::optional<Target> target;
        if (const auto id = Uuid::parse(trim(word.text))) {
            target = Target{word.text, *id, {}, {}, true};
            for (const Connection& entry : entries) {
                if (Uuid::parse(entry.id) == id) {
                    target->entry = entry;
                }
            }
        } else {
            const std::vector<const Connection*> matches = directory.find(word.text);
            if (matches.empty()) {
                return no_match(entries, word.text);
            }
            if (matches.size() > 1) {
                return several_matches(word.text, matches);
            }
            JIT_TRY(target, target_of(*matches.front(), word.text));
        }
        target->minutes = word.minutes;
        const bool known = std::any_of(targets.begin(), targets.end(), [&target](const Target& other) {
            return other.connection == target->connection;
        });
        if (!known) {
            targets.push_back(*std::move(target));
        }
    }
    return targets;
}

void explain_refusal(Context& context, const Target& target, std::string_view command, Error& error) {
    // What names no connection is the refusal of something else: of the token that was needed first.
    const bool of_the_connection = error.message.find(target.connection.str()) != std::string::npos;
    const int status = error.http_status.value_or(0);
    if (!target.by_id || !of_the_connection || (status != 404 && status != 400)) {
        return;
    }
    const auto client = context.client();
    if (!client) {
        return;
    }
    std::string digits = target.connection.str();
    digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
    // The service writes entitlement IDs without hyphens in some places and with them in others.
    const std::string filters =
        cat({"entitlement.id in (", in_quotes(digits), ",", in_quotes(target.connection.str()), ")"});
    std::string hint;
    (void)(*client)->connections(
        sailpoint::Whose::mine, filters, sailpoint::k_all,
        [&](const Connection& entry) -> Result<bool> {
            if (is_jit(entry) && Uuid::parse(entry.entitlement_id) == target.connection) {
                hint += cat(
                    {hint.empty() ? cat({"that is the ID of an entitlement, not of a connection; try:"}) : "",
                     "\njit ", command, " -e ", printable(id_of(entry)), "  (", description_of(entry, false),
                     ")"});
            }
            return true;
        },
        true);
    if (!hint.empty()) {
        error.hint = std::move(hint);
    }
}

} // namespace jit::app
