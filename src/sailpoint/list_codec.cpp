#include "sailpoint/list_codec.hpp"

#include "util/text.hpp"
#include "util/time.hpp"
#include "json/reader.hpp"

#include <charconv>
#include <cmath>
#include <initializer_list>

namespace jit::sailpoint {
namespace {

using json::child;
using json::member;
using json::ObjectDocument;
using json::parse_events;
using json::text_at;
using json::text_of;
using json::Value;

/// Notes where the objects of the outermost list begin and end; ends the parse at anything else there.
class Splitter {
public:
    Splitter(std::string_view text, const rapidjson::MemoryStream& stream) : text_(text), stream_(stream) {}

    // The names are RapidJSON's, and it looks at what they return.
    // NOLINTBEGIN(readability-identifier-naming,modernize-use-nodiscard)
    bool Null() const { return inside(); }
    bool Bool(bool /*value*/) const { return inside(); }
    bool Int(int /*value*/) const { return inside(); }
    bool Uint(unsigned /*value*/) const { return inside(); }
    bool Int64(std::int64_t /*value*/) const { return inside(); }
    bool Uint64(std::uint64_t /*value*/) const { return inside(); }
    bool Double(double /*value*/) const { return inside(); }
    bool RawNumber(const char* /*text*/, rapidjson::SizeType /*size*/, bool /*copy*/) const {
        return inside();
    }
    bool String(const char* /*text*/, rapidjson::SizeType /*size*/, bool /*copy*/) const { return inside(); }
    bool Key(const char* /*text*/, rapidjson::SizeType /*size*/, bool /*copy*/) const { return inside(); }
    bool StartObject() {
        if (depth_ == 0) {
            return false;
        }
        if (depth_++ == 1) {
            begin_ = stream_.Tell(); // the reader has not yet taken the brace
        }
        return true;
    }
    bool EndObject(rapidjson::SizeType /*count*/) {
        if (--depth_ == 1) {
            pieces.push_back(text_.substr(begin_, stream_.Tell() + 1 - begin_));
        }
        return true;
    }
    bool StartArray() { return depth_++ != 1; }
    bool EndArray(rapidjson::SizeType /*count*/) {
        --depth_;
        return true;
    }
    // NOLINTEND(readability-identifier-naming,modernize-use-nodiscard)

    std::vector<std::string_view> pieces;

private:
    [[nodiscard]] bool inside() const { return depth_ > 1; }

    std::string_view text_;
    const rapidjson::MemoryStream& stream_;
    std::size_t begin_ = 0;
    int depth_ = 0;
};

/// The single values of a list of an object, as texts.
std::vector<std::string> texts(const Value& object, const char* name) {
    std::vector<std::string> found;
    const Value* const list = child(object, name);
    if (list != nullptr && list->IsArray()) {
        for (const Value& item : list->GetArray()) {
            if (const std::string_view text = text_of(item); !text.empty()) {
                found.emplace_back(text);
            }
        }
    }
    return found;
}

std::vector<std::string> friction_texts(const Value& entry) {
    std::vector<std::string> found;
    const Value* const list = child(entry, "frictions");
    if (list == nullptr || !list->IsArray()) {
        return found;
    }
    for (const Value& item : list->GetArray()) {
        const std::string_view data = member(item, "submittedData");
        std::string text = concat({member(item, "type"), " ", member(item, "status")});
        if (!data.empty()) {
            text += concat({" (", data, ")"});
        }
        found.emplace_back(trim(text));
    }
    return found;
}

/// What the person gave for a friction of that type.
std::string submitted(const Value& entry, std::string_view type) {
    const Value* const list = child(entry, "frictions");
    if (list != nullptr && list->IsArray()) {
        for (const Value& item : list->GetArray()) {
            if (to_lower(member(item, "type")) == type) {
                return std::string(member(item, "submittedData"));
            }
        }
    }
    return "";
}

std::string ticket_of(const Value& entry) {
    std::string ticket = submitted(entry, "ticket");
    const Value* const summary = child(entry, "summary");
    if (ticket.empty() && summary != nullptr) {
        ticket = text_at(*summary, "serviceNowTicket", "ticketReference");
    }
    return ticket;
}

/// The steps that a person has not done yet. Where none are listed, those that the summary demands.
std::vector<std::string> missing_steps(const Value& entry) {
    std::vector<std::string> missing;
    const Value* const list = child(entry, "frictions");
    if (list != nullptr && list->IsArray() && !list->Empty()) {
        for (const Value& item : list->GetArray()) {
            const std::string_view type = member(item, "type");
            const std::string_view status = member(item, "status");
            const std::string word = to_lower(status);
            const bool done =
                word.starts_with("complete") || word.starts_with("success") || word == "bypassed";
            if (!type.empty() && !done) {
                missing.push_back(status.empty() ? std::string(type) : concat({type, " (", status, ")"}));
            }
        }
        return missing;
    }
    struct Demand {
        const char* name;
        const char* step;
    };
    const Value* const summary = child(entry, "summary");
    for (const Demand& demand :
         {Demand{"reauthentication", "REAUTH"}, Demand{"justification", "JUSTIFICATION"},
          Demand{"serviceNowTicket", "TICKET"}}) {
        if (summary != nullptr && text_at(*summary, demand.name, "required") == "true" &&
            text_at(*summary, demand.name, "bypassed") != "true") {
            missing.emplace_back(demand.step);
        }
    }
    return missing;
}

/// A time as a text. Numbers, and texts of digits, are seconds or milliseconds since 1970.
std::string time_text(std::string_view text) {
    constexpr double k_first = 1e8; // in 1973: what is less is no time of this service
    constexpr double k_first_in_milliseconds = 1e11;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
        return std::string(text);
    }
    const double milliseconds = number < k_first_in_milliseconds ? number * 1000 : number;
    const auto latest = static_cast<double>(k_latest_time.time_since_epoch().count());
    if (number < k_first || milliseconds > latest) {
        return number == 0 ? "" : std::string(text);
    }
    return format_rfc3339(TimePoint(std::chrono::milliseconds(std::llround(milliseconds))));
}

/// The first of some texts that is a time; else the first that is not empty.
std::string first_time(std::initializer_list<std::string_view> texts) {
    std::string first;
    for (const std::string_view text : texts) {
        std::string time = time_text(text);
        if (parse_rfc3339(time)) {
            return time;
        }
        first = first.empty() ? std::move(time) : first;
    }
    return first;
}

} // namespace

std::optional<std::vector<std::string_view>> split_list(std::string_view body) {
    rapidjson::MemoryStream stream(body.data(), body.size());
    Splitter splitter(body, stream);
    if (!parse_events(stream, splitter)) {
        return std::nullopt;
    }
    return std::move(splitter.pieces);
}

Connection decode_connection(std::string_view entry) {
    const ObjectDocument document(entry);
    Connection connection;
    connection.raw = entry;
    if (!document.good()) {
        return connection;
    }
    const Value& root = document.root();
    connection.id = member(root, "id");
    connection.type = member(root, "type");
    connection.state = child(root, "state") != nullptr && child(root, "state")->IsObject()
                           ? text_at(root, "state", "value")
                           : member(root, "state");
    connection.state_changed = first_time({text_at(root, "state", "changed"), member(root, "stateChanged")});
    connection.identity = text_at(root, "identity", "name");
    if (connection.identity.empty()) {
        connection.identity = text_at(root, "machineIdentity", "name");
    }
    connection.account = text_at(root, "account", "name");
    connection.source = text_at(root, "source", "name");
    connection.entitlement_id = text_at(root, "entitlement", "id");
    connection.name = text_at(root, "entitlement", "name");
    connection.display_name = text_at(root, "entitlement", "displayName");
    connection.value = text_at(root, "entitlement", "value");
    if (const Value* const entitlement = child(root, "entitlement")) {
        connection.privilege = text_at(*entitlement, "privilegeLevel", "effective");
    }
    // The API's page has two spellings for some, and a flat form of all.
    const auto jit = [&root](const char* name) { return text_at(root, "jit", name); };
    connection.activation = first_time({jit("activation"), member(root, "jitActivation")});
    connection.provisioned = first_time(
        {jit("provisioned"), jit("provision"), member(root, "jitProvision"), member(root, "jitProvisioned")});
    connection.deactivation = first_time({jit("deactivation"), member(root, "jitDeactivation")});
    connection.deprovisioned = first_time({jit("deprovisioned"), jit("deprovision"),
                                           member(root, "jitDeprovision"), member(root, "jitDeprovisioned")});
    connection.expiration = first_time({jit("expiration"), member(root, "jitExpiration")});
    return connection;
}

HistoryEntry decode_history_entry(std::string_view entry) {
    const ObjectDocument document(entry);
    HistoryEntry history;
    history.raw = entry;
    if (!document.good()) {
        return history;
    }
    const Value& root = document.root();
    history.id = member(root, "id");
    history.connection_id = member(root, "connectionId");
    history.identity = member(root, "identityName");
    history.entitlement = member(root, "entitlementName");
    history.source = member(root, "sourceDisplayName");
    history.status = member(root, "status");
    history.error = member(root, "error");
    history.initiated = time_text(member(root, "activationInitiated"));
    history.provision_start = time_text(member(root, "provisionStart"));
    history.provision_completed = time_text(member(root, "provisionCompleted"));
    history.deprovision_start = time_text(member(root, "deprovisionStart"));
    history.deprovision_complete = time_text(member(root, "deprovisionComplete"));
    history.provision_minutes = member(root, "provisionDurationMins");
    history.deprovision_minutes = member(root, "deprovisionDurationMins");
    history.friction_outcome = member(root, "policyFrictionOutcome");
    history.policies = texts(root, "policyDisplayNames");
    history.frictions = friction_texts(root);
    history.ticket = ticket_of(root);
    history.justification = submitted(root, "justification");
    history.missing = missing_steps(root);
    return history;
}

std::optional<Policy> decode_policy(std::string_view body) {
    const ObjectDocument document(body);
    if (!document.good()) {
        return std::nullopt;
    }
    const Value& root = document.root();
    Policy policy;
    policy.raw = body;
    policy.max_activation = member(root, "maxActivationPeriodMins");
    policy.max_extension = member(root, "maxActivationPeriodExtensionMins");
    policy.default_activation = member(root, "defaultMaxActivationPeriodMins");
    policy.default_extension = member(root, "defaultMaxActivationPeriodExtensionMins");
    policy.future_assignments = member(root, "applyToFutureAssignments");
    policy.template_name = member(root, "notificationTemplate");
    policy.entitlements = texts(root, "entitlementIds");
    policy.recipients = texts(root, "notificationRecipients");
    return policy;
}

} // namespace jit::sailpoint
