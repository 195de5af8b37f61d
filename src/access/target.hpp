#pragma once

#include "access/context.hpp"
#include "sailpoint/model.hpp"
#include "util/result.hpp"
#include "util/uuid.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jit::access {

/// An entitlement connection to act on.
struct Target {
    std::string requested_name; ///< as the person wrote it
    Uuid connection;
    std::optional<sailpoint::Connection> entry = {};    ///< as the list shows it, where it was looked up
    std::optional<long> minutes = {};                   ///< of the alias that named it
    std::optional<std::int32_t> minutes_from_file = {}; ///< of the line of a file that named it
    bool by_id = false;                                 ///< named by a connection ID
    bool confirm = false;                               ///< the alias that named it asks a person first
    std::vector<std::string> ready = {}; ///< of that alias: the command that shows that its access works
    std::string alias = {};              ///< of which it is: "alias oncall (FILE:3)"; empty: none

    /// What to call it in messages: its display name, else its connection ID.
    [[nodiscard]] const std::string& title() const;
};

/// Whether an alias asks more for the target than minutes: a question, a command that shows that it works.
[[nodiscard]] bool asks_more(const Target& target);

/// The same connection was named twice: what the second one asks of it counts, too.
void merge_into(Target& first, const Target& second);

/// What a command needs to know of its targets, and which of them it offers for a choice.
struct ResolveOptions {
    bool entries = false;             ///< the list's entry of each target, also of those named by ID
    std::string_view verb = "act on"; ///< "activate": for the question
    bool (*fits)(sailpoint::Phase phase) = nullptr; ///< those to choose from; null: all
};

/// Finds the connections that words mean: connection IDs, aliases of the configuration, names. Each
/// connection comes once, in the order that they were asked for. The list of connections is read only where a
/// word is neither an ID nor stands for IDs, and then once, to its end. No words: asks the person to choose,
/// where there is one. Code 5 where a name means none or several, 2 where there is no word and nobody to ask.
[[nodiscard]] Result<std::vector<Target>>
resolve_targets(Context& context, const std::vector<std::string>& words, const ResolveOptions& wanted);

/// What somebody wrote for an entitlement.
struct TargetSpec {
    std::string text;
    std::string where = {}; ///< "targets.txt, line 3"; empty: on the command line
    std::optional<std::int32_t> minutes = {};
};

/// The same for words from anywhere: each may mean several, by an alias. An error lists all words that are
/// wrong. The list of connections is not read for IDs, unless `wanted.entries` says so.
[[nodiscard]] Result<std::vector<std::vector<Target>>>
resolve_words(Context& context, const std::vector<TargetSpec>& words, const ResolveOptions& wanted);

/// Reads my JIT connections to the end of the list, and keeps their names for the shell; without `whole`,
/// `raw` is left empty. An `optional` reading is given up at the first failure.
[[nodiscard]] Result<std::vector<sailpoint::Connection>> read_connections(Context& context, bool whole = true,
                                                                          bool optional = false);

/// Entries by their connection IDs, however the service writes these. Points into what it was made of.
using EntriesById = std::map<std::string, const sailpoint::Connection*>;
[[nodiscard]] EntriesById by_connection_id(const std::vector<sailpoint::Connection>& entries);

/// Reads the entry of one connection, in one request where its entitlement is known (`entitlement_id`, which
/// is filled in for the next time). Empty where the list has none.
[[nodiscard]] Result<std::optional<sailpoint::Connection>>
read_entry(Context& context, const Uuid& connection, std::string& entitlement_id, bool optional = false);

/// Has a refusal to read the list say what can be done without it: for a command that needs the list whatever
/// names the entitlement.
[[nodiscard]] Error needs_list(Error refusal);

/// The filter for JIT connections.
inline constexpr std::string_view k_only_jit = "type eq \"JIT\"";

/// Whether an entry of a list can be activated at all: the service filters as well, and this checks again.
[[nodiscard]] bool is_jit(const sailpoint::Connection& connection);

/// Adds to the service's refusal of a connection ID the alias that has it, and what is wrong with it where it
/// is the ID of an entitlement of mine: a poll-up that is made only for that hint, where it may be, and whose
/// own failure says nothing.
void explain_refusal(Context& context, const Target& target, std::string_view command, Error& error,
                     bool may_look_up);

} // namespace jit::access
