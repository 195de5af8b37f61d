#pragma once

#include "util/secret.hpp"
#include "util/time.hpp"
#include "util/uuid.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::sailpoint {

/// The three things that the JIT activations API does.
enum class Operation { activate, extend, deactivate };

/// "activate", "extend", "deactivate".
[[nodiscard]] std::string_view operation_name(Operation operation);

/// What to ask the API for.
struct OperationRequest {
    Operation operation;
    Uuid connection;
    std::int32_t minutes = 0; ///< how long, or how much longer; not sent when deactivating
    std::string request_origin = {};
    std::vector<std::pair<std::string, std::string>> metadata = {};
    std::string title =
        {}; ///< what messages call the target, beside its connection ID; may be empty; not sent
};

/// What the API answered to one of the three (HTTP 202): the work is accepted, not done. Every field is the
/// text of what the service sent; one that it left out, or sent as null, a list or an object, is empty.
struct Acceptance {
    std::string raw; ///< the whole answer: a JSON object, UTF-8, with every field of the service
    std::string id = {};
    std::string activation_id = {};
    std::string connection_id = {};
    std::string minutes = {}; ///< activationPeriodMins or activationPeriodExtensionMins
    std::string status = {};
    std::string start_time = {};
    bool by_state = false; ///< there was no answer: the state tells that it was carried out
};

/// When access that was activated ends: the start that the service names plus the minutes. Empty where either
/// is missing or no such time.
[[nodiscard]] std::optional<TimePoint> expiry_of(const Acceptance& acceptance);

/// Whether a workflow in this state will never do what was asked. The set of states is open: an unknown one
/// is not a failure.
[[nodiscard]] bool is_failed(Operation operation, std::string_view status);

/// How far access has come. What the service's open sets of words come down to.
enum class Phase {
    available, ///< not active, and nothing is under way
    starting,  ///< not usable yet
    waiting,   ///< the same, and the person has to do something in SailPoint first
    active,    ///< usable
    ending,    ///< the service takes it away
    ended,     ///< was active, and is over
    failed,    ///< will never be what was asked for
};

/// Whether access is usable or on its way; whether it is neither, nor being taken away.
[[nodiscard]] bool is_running(Phase phase);
[[nodiscard]] bool is_over(Phase phase);

/// "available", "starting", "waiting", "active", "ending", "ended", "failed".
[[nodiscard]] std::string_view phase_name(Phase phase);

/// The same for people: "waiting for you".
[[nodiscard]] std::string_view phase_words(Phase phase);

/// What a word of the service for a state means; empty where that is not known.
[[nodiscard]] std::optional<Phase> meaning_of(std::string_view status);

/// What people call a state that the service has this word for; a word that is not known stays as it is.
[[nodiscard]] std::string state_words(std::string_view status);

/// The phase that has that name.
[[nodiscard]] std::optional<Phase> phase_named(std::string_view name);

/// What a workflow's or a history entry's status means. An unknown word is work under way.
[[nodiscard]] Phase phase_of_status(std::string_view status);

/// One entry of the list of entitlement connections. Texts as the service sent them, but for a time that is a
/// number, which is written as RFC 3339 has it; empty where it left one out.
struct Connection {
    std::string raw = {}; ///< the whole entry: a JSON object
    std::string id = {};  ///< mostly 32 hexadecimal digits without hyphens
    std::string type = {};
    std::string state = {};
    std::string state_changed = {};
    std::string identity = {};       ///< name
    std::string account = {};        ///< name
    std::string source = {};         ///< name
    std::string entitlement_id = {}; ///< as it is written there
    std::string name = {};
    std::string display_name = {};
    std::string value = {};
    std::string privilege = {}; ///< effective level
    std::string activation = {};
    std::string provisioned = {};
    std::string deactivation = {};
    std::string deprovisioned = {};
    std::string expiration = {};

    /// What people call it: the display name, else the name, the value, the ID.
    [[nodiscard]] const std::string& title() const;
};

/// How far the access that a connection gives has come at a time, by its `jit.*` times and its state's word.
/// The set of words is open. The word decides only if the times do not; an unknown word then means that
/// access is active. Where the two disagree, access is never over.
[[nodiscard]] Phase phase_of(const Connection& connection, TimePoint now);

/// Whether access may be usable, now or soon: also where only the state's word says so, or only an expiration
/// that lies ahead.
[[nodiscard]] bool may_be_on(const Connection& connection, TimePoint now);

/// Whether the last activation of a connection ever became usable.
[[nodiscard]] bool was_provisioned(const Connection& connection);

/// When its last activation began, as far as its entry says.
[[nodiscard]] std::optional<TimePoint> start_of(const Connection& connection);

/// When access that is on or under way ends by itself, as far as its entry says. Empty while it waits for the
/// person: its period has not begun.
[[nodiscard]] std::optional<TimePoint> expiry_of(const Connection& connection, TimePoint now);

/// One entry of the activation history, read like `Connection`.
struct HistoryEntry {
    std::string raw = {};
    std::string id = {};
    std::string connection_id = {};
    std::string identity = {};
    std::string entitlement = {};
    std::string source = {};
    std::string status = {};
    std::string error = {};
    std::string initiated = {};
    std::string provision_start = {};
    std::string provision_completed = {};
    std::string deprovision_start = {};
    std::string deprovision_complete = {};
    std::string provision_minutes = {};   ///< duration of provisioning
    std::string deprovision_minutes = {}; ///< the same of deprovisioning
    std::string friction_outcome = {};
    std::vector<std::string> policies = {};  ///< display names
    std::vector<std::string> frictions = {}; ///< "TICKET COMPLETE (INC0012345)"
    std::string ticket = {};                 ///< its reference
    std::string justification = {};          ///< what the person wrote
    std::vector<std::string> missing = {};   ///< steps of the person that are not done: "TICKET (PENDING)"
};

/// The latest of some times; empty where none of the texts is one.
[[nodiscard]] std::optional<TimePoint> latest_of(std::initializer_list<std::string_view> times);

/// The limits of the tenant's JIT policy, in minutes; empty where one is unset.
struct Policy {
    std::string raw = {};
    std::string max_activation = {};
    std::string max_extension = {};
    std::string default_activation = {};
    std::string default_extension = {};
    std::string future_assignments = {}; ///< "true" or "false"
    std::string template_name = {};
    std::vector<std::string> entitlements = {}; ///< IDs
    std::vector<std::string> recipients = {};   ///< addresses
};

/// What the token endpoint answered.
struct IssuedToken {
    Secret token;
    std::optional<std::chrono::seconds> lifetime = {}; ///< `expires_in`, at least 1
    std::optional<TimePoint> server_time = {};         ///< the server's clock, from the answer's `Date`
};

/// A token as it is kept for later runs, and whose it is.
struct KeptToken {
    std::string base_url;
    Secret client_id;
    Secret token;
    TimePoint issued;  ///< by this machine's clock
    TimePoint expires; ///< the same
};

/// What an access token says of itself. Nobody verified it: for people to read, never to decide by.
struct TokenClaims {
    std::string user_name = {}; ///< empty: the token belongs to no user
    std::string identity_id = {};
    std::string org = {};
    std::string pod = {};
    std::optional<TimePoint> expires = {};
    std::vector<std::string> scopes = {};
};

/// The body of the API's errors. Empty where the service left a part out.
struct ApiError {
    std::string detail_code = {};
    std::string tracking_id = {};
    std::string text = {}; ///< the most specific one: a cause before a message
};

} // namespace jit::sailpoint
