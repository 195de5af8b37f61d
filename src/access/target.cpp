#include "access/target.hpp"

#include "access/access_cache.hpp"
#include "access/name_cache.hpp"
#include "io/chooser.hpp"
#include "sailpoint/client.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace jit::access {
namespace {

using sailpoint::Connection;
using sailpoint::Phase;
using Entries = std::vector<Connection>;

constexpr std::size_t k_id_length = 36; ///< of a UUID

constexpr const char* k_example =
    "name it: -e \"Prod DB Admin\", or by its connection ID; jit list shows what there is";

/// What a word stands for: itself, or what an alias has.
struct Meaning {
    std::vector<std::string> texts;
    std::optional<long> minutes = {};
    std::string alias = {}; ///< see `Target::alias`
    bool confirm = false;
    std::vector<std::string> ready = {};
};

Meaning meaning_of(const std::string& word, const config::Settings& settings) {
    const config::Alias* const alias = Uuid::parse(trim(word)) ? nullptr : config::find_alias(settings, word);
    if (alias == nullptr) {
        return {{word}};
    }
    Meaning meaning{alias->entitlements, {}, concat({"alias ", alias->name, " (", alias->origin.where, ")"})};
    if (alias->minutes) {
        meaning.minutes = alias->minutes->value;
    }
    meaning.confirm = alias->confirm && alias->confirm->value;
    if (alias->ready) {
        meaning.ready = alias->ready->words;
    }
    return meaning;
}

bool is_id(const std::string& text) {
    return Uuid::parse(trim(text)).has_value();
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
                add(concat({entries[i].source, "/", name}), i);
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
std::vector<std::string> suggestions(const Entries& entries, const std::vector<std::string>& aliases,
                                     std::string_view word) {
    constexpr std::size_t k_max = 3;
    const std::string part = fold_case(trim(word));
    const bool with_source = part.find('/') != std::string::npos;
    std::set<std::string> names(aliases.begin(), aliases.end());
    std::vector<std::string> found;
    for (const Connection& entry : entries) {
        const bool is_new = names.insert(entry.title()).second;
        const bool has_part = is_new && !part.empty() && found.size() < k_max &&
                              fold_case(entry.title()).find(part) != std::string::npos;
        if (has_part) {
            found.push_back(entry.title());
        }
    }
    for (const Connection& entry : entries) {
        for (const std::string_view name : names_of(entry)) {
            names.insert(with_source ? concat({entry.source, "/", name}) : std::string(name));
        }
    }
    for (const std::string& name : found) {
        names.erase(name);
    }
    while (found.size() < k_max) {
        auto near = nearest(trim(word), {names.begin(), names.end()});
        if (!near) {
            break;
        }
        names.erase(*near);
        found.push_back(*std::move(near));
    }
    return found;
}

Error no_match(const Entries& entries, const std::vector<std::string>& aliases, const std::string& word) {
    Error error{ErrorKind::refused, concat({"none of your ", std::to_string(entries.size()),
                                            " JIT connections is called \"", word, "\"; nothing was sent"})};
    std::string names;
    for (const std::string& name : suggestions(entries, aliases, word)) {
        names += concat({names.empty() ? "did you mean " : " or ", "\"", sanitize(name), "\""});
    }
    const std::string_view text = trim(word);
    const bool like_id = text.size() >= k_id_length - 6 &&
                         text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
    if (!names.empty()) {
        error.hint = names + "?";
    } else if (like_id) {
        error.hint = concat({"a connection ID has ", std::to_string(k_id_length), " characters; this has ",
                             std::to_string(text.size()), "; jit list shows what there is"});
    } else {
        error.hint = "jit list shows what there is";
    }
    return error;
}

std::string id_of(const Connection& entry) {
    const auto id = Uuid::parse(entry.id);
    return id ? id->str() : entry.id;
}

/// "SOURCE/NAME (VALUE), account ACCOUNT", for one line of a hint: names may have line ends in them.
std::string description_of(const Connection& entry, bool with_value) {
    std::string text = concat({entry.source, "/", entry.title()});
    if (with_value && entry.value != entry.title() && !entry.value.empty()) {
        text += concat({" (", entry.value, ")"});
    }
    return sanitize(concat({text, ", account ", entry.account}));
}

/// What names each of the matches and no other connection: SOURCE/NAME, the value, or the connection ID
/// alone.
std::string_view way_to_tell(const Directory& directory, const std::vector<const Connection*>& matches) {
    const auto tells = [&](const auto& name_of) {
        return std::all_of(matches.begin(), matches.end(), [&](const Connection* entry) {
            return directory.find(name_of(*entry)).size() == 1;
        });
    };
    if (tells([](const Connection& entry) { return concat({entry.source, "/", entry.title()}); })) {
        return "by SOURCE/NAME or by its connection ID";
    }
    if (tells([](const Connection& entry) { return entry.value; })) {
        return "by its value, which stands in brackets, or by its connection ID";
    }
    if (tells([](const Connection& entry) { return concat({entry.source, "/", entry.value}); })) {
        return "by SOURCE/VALUE (the value stands in brackets) or by its connection ID";
    }
    return "by its connection ID";
}

Error several_matches(const Directory& directory, const std::string& word,
                      const std::vector<const Connection*>& matches) {
    constexpr std::size_t k_max = 20;
    std::string hint = concat({"say which one, ", way_to_tell(directory, matches), ":"});
    std::vector<Candidate> candidates;
    for (const Connection* const match : matches) {
        const Connection& entry = *match;
        if (candidates.size() < k_max) {
            hint += concat({"\n", sanitize(id_of(entry)), "  ", description_of(entry, true)});
        }
        candidates.push_back({id_of(entry), entry.title(), entry.source, entry.account, entry.value});
    }
    if (matches.size() > k_max) {
        hint += concat({"\nand ", std::to_string(matches.size() - k_max), " more"});
    }
    Error error{ErrorKind::refused,
                concat({"\"", word, "\" matches ", std::to_string(matches.size()),
                        " of your connections; nothing was sent"}),
                std::move(hint)};
    error.candidates = std::move(candidates);
    return error;
}

Result<Target> target_of(const Connection& entry, std::string requested_name) {
    const auto id = Uuid::parse(entry.id);
    if (!id) {
        return Error{ErrorKind::server, concat({"the service lists \"", entry.title(), "\" with the ID \"",
                                                entry.id, "\", which is no UUID; nothing was sent"})};
    }
    return Target{std::move(requested_name), *id, entry};
}

Result<std::vector<Target>> ask_person(Context& context, const Entries& entries,
                                       const ResolveOptions& wanted) {
    std::vector<const Connection*> offered;
    for (const Connection& entry : entries) {
        if (wanted.fits == nullptr || wanted.fits(sailpoint::phase_of(entry, context.service_now()))) {
            offered.push_back(&entry);
        }
    }
    if (offered.empty()) {
        return Error{ErrorKind::refused, concat({"there is nothing to ", wanted.verb, "; nothing was sent"}),
                     "jit list shows what there is"};
    }
    std::sort(offered.begin(), offered.end(), [](const Connection* a, const Connection* b) {
        return std::pair(fold_case(a->title()), a->source) < std::pair(fold_case(b->title()), b->source);
    });
    io::Choices choices{{{"ENTITLEMENT", io::Yields::shortened},
                         {"SOURCE", io::Yields::second},
                         {"ACCOUNT", io::Yields::first},
                         {"STATE"}},
                        {}};
    choices.rows.reserve(offered.size());
    for (const Connection* const entry : offered) {
        const Phase phase = sailpoint::phase_of(*entry, context.service_now());
        choices.rows.push_back(
            {entry->title(), entry->source, entry->account,
             std::string(sailpoint::phase_words(phase == Phase::ended ? Phase::available : phase))});
    }
    JIT_TRY(const auto chosen, io::choose(context.console(), context.interrupt(),
                                          concat({"Which to ", wanted.verb, "?"}), choices));
    std::vector<Target> targets;
    for (const std::size_t place : chosen) {
        JIT_TRY(Target target, target_of(*offered[place], offered[place]->title()));
        targets.push_back(std::move(target));
    }
    return targets;
}

} // namespace

const std::string& Target::title() const {
    return entry && !entry->title().empty() ? entry->title() : connection.str();
}

bool asks_more(const Target& target) {
    return target.confirm || !target.ready.empty();
}

void merge_into(Target& first, const Target& second) {
    first.confirm = first.confirm || second.confirm;
    if (first.ready.empty()) {
        first.ready = second.ready;
    }
}

EntriesById by_connection_id(const Entries& entries) {
    EntriesById by_id;
    for (const Connection& entry : entries) {
        if (const auto id = Uuid::parse(entry.id)) {
            by_id.insert({id->str(), &entry});
        }
    }
    return by_id;
}

Error needs_list(Error refusal) {
    if (refusal.kind == ErrorKind::forbidden) {
        refusal.hint = "your token lacks the scope idn:entitlement-connections:read, or belongs to no user; "
                       "by connection ID, activate, extend and deactivate work without it (with --wait, "
                       "given idn:jit-activation-history-self:read)";
    }
    return refusal;
}

bool is_jit(const Connection& connection) {
    return to_lower(connection.type) == "jit";
}

Result<std::vector<Connection>> read_connections(Context& context, bool whole, bool optional) {
    JIT_TRY(sailpoint::Client* const client, context.client());
    Entries entries;
    sailpoint::KeptEntries kept;
    NameCache names;
    auto done = client->connections(sailpoint::Whose::mine, k_only_jit, sailpoint::k_all,
                                    [&](Connection entry) -> Result<bool> {
                                        if (is_jit(entry)) {
                                            if (auto added = kept.add(entry.raw); !added) {
                                                return std::move(added).error();
                                            }
                                            names.add(entry, context.service_now());
                                            if (!whole) {
                                                entry.raw.clear();
                                            }
                                            entries.push_back(std::move(entry));
                                        }
                                        return true;
                                    },
                                    {optional, true});
    if (!done) {
        return std::move(done).error();
    }
    names.save(context);
    return entries;
}

Result<std::optional<Connection>> read_entry(Context& context, const Uuid& connection,
                                             std::string& entitlement_id, bool optional) {
    JIT_TRY(sailpoint::Client* const client, context.client());
    std::string filters(k_only_jit);
    if (!entitlement_id.empty()) {
        filters += concat({" and entitlement.id eq ", quote(entitlement_id)});
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
                                    },
                                    {optional, true});
    if (!done) {
        return std::move(done).error();
    }
    return found;
}

Result<std::vector<Target>> resolve_targets(Context& context, const std::vector<std::string>& words,
                                            const ResolveOptions& wanted) {
    if (auto settings = context.settings(); !settings) {
        return std::move(settings).error();
    }
    if (words.empty()) {
        if (!context.interactive()) {
            return usage_error("no entitlement is given", k_example);
        }
        JIT_TRY(const Entries entries, read_consistent_connections(context));
        return ask_person(context, entries, wanted);
    }
    std::vector<TargetSpec> all;
    all.reserve(words.size());
    for (const std::string& word : words) {
        all.push_back({word});
    }
    JIT_TRY(auto meant, resolve_words(context, all, wanted));
    std::vector<Target> targets;
    for (std::vector<Target>& group : meant) {
        for (Target& target : group) {
            const auto known = std::find_if(targets.begin(), targets.end(), [&target](const Target& other) {
                return other.connection == target.connection;
            });
            if (known == targets.end()) {
                targets.push_back(std::move(target));
            } else {
                merge_into(*known, target);
            }
        }
    }
    return targets;
}

namespace {

/// What is wrong with several words, as one error.
Error all_of(std::vector<Error> errors, const std::vector<std::string>& places) {
    constexpr std::size_t k_max = 20;
    Error error = std::move(errors.front());
    if (errors.size() > 1) {
        std::string rest = "and these:";
        for (std::size_t i = 1; i < errors.size() && i < k_max; ++i) {
            rest += concat({"\n", places[i], places[i].empty() ? "" : ": ", sanitize(errors[i].message)});
        }
        if (errors.size() > k_max) {
            rest += concat({"\nand ", std::to_string(errors.size() - k_max), " more"});
        }
        error.hint += concat({error.hint.empty() ? "" : "\n", rest});
    }
    if (!places.front().empty()) {
        error.message = concat({places.front(), ": ", error.message});
    }
    return error;
}

/// Finds targets among the entries of the list.
class Resolver {
public:
    Resolver(const Entries& entries, const config::Settings& settings)
        : entries_(entries), directory_(entries), by_id_(by_connection_id(entries)) {
        for (const auto& alias : settings.aliases) {
            aliases_.push_back(alias.second.name);
        }
    }

    [[nodiscard]] Result<Target> find(const std::string& text) const {
        if (const auto id = Uuid::parse(trim(text))) {
            const auto entry = by_id_.find(id->str());
            return Target{text, *id, entry == by_id_.end() ? std::nullopt : std::optional(*entry->second),
                          {},   {},  true};
        }
        const std::vector<const Connection*> matches = directory_.find(text);
        if (matches.empty()) {
            return no_match(entries_, aliases_, text);
        }
        if (matches.size() > 1) {
            return several_matches(directory_, text, matches);
        }
        return target_of(*matches.front(), text);
    }

private:
    const Entries& entries_;
    std::vector<std::string> aliases_;
    Directory directory_;
    EntriesById by_id_;
};

/// The name that all the words make together, where somebody left out its quotes.
std::optional<std::string> unquoted_name(const Resolver& resolver, const std::vector<TargetSpec>& words) {
    constexpr std::size_t k_most = 12;
    if (words.size() < 2 || words.size() > k_most || !words.front().where.empty()) {
        return std::nullopt;
    }
    std::string name;
    for (const TargetSpec& word : words) {
        name += concat({name.empty() ? "" : " ", word.text});
    }
    return resolver.find(name) ? std::optional(sanitize(name)) : std::nullopt;
}

} // namespace

Result<std::vector<std::vector<Target>>> resolve_words(Context& context, const std::vector<TargetSpec>& words,
                                                       const ResolveOptions& wanted) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    std::vector<Meaning> meanings;
    bool only_ids = true;
    for (const TargetSpec& word : words) {
        meanings.push_back(meaning_of(word.text, *settings));
        const auto& texts = meanings.back().texts;
        only_ids = only_ids && std::all_of(texts.begin(), texts.end(), is_id);
        const bool blank = std::any_of(texts.begin(), texts.end(),
                                       [](const std::string& text) { return trim(text).empty(); });
        if (blank) {
            return usage_error("the name of an entitlement is blank; nothing was sent", k_example);
        }
    }
    Entries entries;
    if (!only_ids || wanted.entries) {
        auto read = read_connections(context, wanted.entries);
        if (!read) {
            return wanted.entries ? needs_list(std::move(read).error()) : std::move(read).error();
        }
        entries = *std::move(read);
    }
    const Resolver resolver(entries, *settings);
    std::vector<std::vector<Target>> targets;
    std::vector<Error> errors;
    std::vector<std::string> places;
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::vector<Target>& group = targets.emplace_back();
        for (const std::string& text : meanings[i].texts) {
            auto target = resolver.find(text);
            if (!target) {
                errors.push_back(std::move(target).error());
                const bool both = !words[i].where.empty() && !meanings[i].alias.empty();
                places.push_back(concat({words[i].where, both ? ", " : "", meanings[i].alias}));
                continue;
            }
            target->alias = meanings[i].alias;
            target->minutes = meanings[i].minutes;
            target->confirm = meanings[i].confirm;
            target->ready = meanings[i].ready;
            target->minutes_from_file = words[i].minutes;
            group.push_back(*std::move(target));
        }
    }
    if (!errors.empty()) {
        Error error = all_of(std::move(errors), places);
        if (const auto name = unquoted_name(resolver, words)) {
            error.hint = concat({"put the name in quotes: \"", *name, "\""});
        }
        return error;
    }
    return targets;
}

void explain_refusal(Context& context, const Target& target, std::string_view command, Error& error,
                     bool may_look_up) {
    const bool forbidden = error.refusal == Refusal::forbidden;
    const bool no_such_connection = error.refusal == Refusal::invalid || error.refusal == Refusal::missing;
    if (!target.by_id || error.of_token || !(forbidden || no_such_connection)) {
        return;
    }
    if (!target.alias.empty()) {
        error.message = concat({target.alias, ": ", error.message});
    }
    if (forbidden || !may_look_up) {
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
        concat({"entitlement.id in (", quote(digits), ",", quote(target.connection.str()), ")"});
    std::string hint;
    (void)(*client)->connections(
        sailpoint::Whose::mine, filters, sailpoint::k_all,
        [&](const Connection& entry) -> Result<bool> {
            if (is_jit(entry) && Uuid::parse(entry.entitlement_id) == target.connection) {
                hint += concat({hint.empty()
                                    ? concat({"that is the ID of an entitlement, not of a connection; try:"})
                                    : "",
                                "\njit ", command, " -e ", sanitize(id_of(entry)), "  (",
                                description_of(entry, false), ")"});
            }
            return true;
        },
        {true});
    if (!hint.empty()) {
        error.hint = std::move(hint);
    }
}

} // namespace jit::access
