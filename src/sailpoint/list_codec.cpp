#include "sailpoint/list_codec.hpp"

#include "base/text.hpp"
#include "sailpoint/json_reader.hpp"

namespace jit::sailpoint {
namespace {

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
        std::string text = cat({member(item, "type"), " ", member(item, "status")});
        if (!data.empty()) {
            text += cat({" (", data, ")"});
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
    connection.state = text_at(root, "state", "value");
    connection.state_changed = text_at(root, "state", "changed");
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
    connection.activation = text_at(root, "jit", "activation");
    connection.provisioned = text_at(root, "jit", "provisioned");
    connection.deactivation = text_at(root, "jit", "deactivation");
    connection.deprovisioned = text_at(root, "jit", "deprovisioned");
    connection.expiration = text_at(root, "jit", "expiration");
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
    history.initiated = member(root, "activationInitiated");
    history.provision_start = member(root, "provisionStart");
    history.provision_completed = member(root, "provisionCompleted");
    history.deprovision_start = member(root, "deprovisionStart");
    history.deprovision_complete = member(root, "deprovisionComplete");
    history.provision_minutes = member(root, "provisionDurationMins");
    history.deprovision_minutes = member(root, "deprovisionDurationMins");
    history.friction_outcome = member(root, "policyFrictionOutcome");
    history.policies = texts(root, "policyDisplayNames");
    history.frictions = friction_texts(root);
    history.ticket = ticket_of(root);
    history.justification = submitted(root, "justification");
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
