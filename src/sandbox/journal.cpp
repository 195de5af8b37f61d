#include "sandbox/journal.hpp"

#include "sandbox/form.hpp"
#include "sandbox/json.hpp"

namespace jit::sandbox {
namespace {

std::string shown_authorization(std::string_view value, const Tokens& tokens) {
    const std::optional<std::string_view> jwt = bearer_token(value);
    if (!jwt) {
        return "<unknown>";
    }
    const std::optional<Token> token = tokens.identify(*jwt);
    return token ? "Bearer <token " + std::to_string(token->ordinal) + ">" : "Bearer <unknown>";
}

Request redacted(Request request, const Tokens& tokens) {
    for (auto& [name, value] : request.headers) {
        if (equal_ignoring_case(name, "Authorization")) {
            value = shown_authorization(value, tokens);
        }
    }
    if (request.path == "/oauth/token") {
        request.body =
            request.content_type() == k_multipart
                ? replace_multipart_value(request.body, request.header("Content-Type").value_or(""),
                                          "client_secret", "<secret>")
                : replace_form_value(request.body, "client_secret", "<secret>");
        request.query = replace_form_value(request.query, "client_secret", "<secret>");
    }
    return request;
}

void put_request(JsonWriter& writer, const Request& request) {
    put(writer, "method", valid_utf8(request.method));
    put(writer, "path", valid_utf8(request.path));
    put(writer, "query", valid_utf8(request.query));
    put_key(writer, "headers");
    writer.StartArray();
    for (const auto& [name, value] : request.headers) {
        writer.StartArray();
        put(writer, valid_utf8(name));
        put(writer, valid_utf8(value));
        writer.EndArray();
    }
    writer.EndArray();
    put(writer, "body", valid_utf8(request.body));
}

} // namespace

Journal::Ticket Journal::record(const Request& request, const Tokens& tokens, std::string fault,
                                TimePoint now) {
    const auto number =
        connection_numbers_.emplace(request.connection, connection_numbers_.size() + 1).first->second;
    entries_.push_back({now, number, redacted(request, tokens), std::move(fault)});
    return first_ticket_ + entries_.size() - 1;
}

void Journal::answered(Ticket ticket, int status) {
    if (ticket >= first_ticket_) {
        entries_[ticket - first_ticket_].status = status;
    }
}

void Journal::applied(const Uuid& connection, Action action) {
    Counts& counts = applied_[connection.str()];
    switch (action) {
    case Action::activate:
        ++counts.activate;
        break;
    case Action::extend:
        ++counts.extend;
        break;
    case Action::deactivate:
        ++counts.deactivate;
        break;
    }
}

void Journal::clear() {
    first_ticket_ += entries_.size();
    entries_.clear();
    connection_numbers_.clear();
    applied_.clear();
}

std::string Journal::json() const {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    put_key(writer, "connections");
    writer.Uint64(connection_numbers_.size());
    put_key(writer, "requests");
    writer.StartArray();
    std::uint64_t n = 0;
    for (const Entry& entry : entries_) {
        writer.StartObject();
        put_key(writer, "n");
        writer.Uint64(++n);
        put(writer, "time", format_rfc3339(entry.time));
        put_key(writer, "connection");
        writer.Uint64(entry.connection);
        put_request(writer, entry.request);
        put_key(writer, "status");
        if (entry.status) {
            writer.Int(*entry.status);
        } else {
            writer.Null();
        }
        if (!entry.fault.empty()) {
            put(writer, "fault", valid_utf8(entry.fault));
        }
        writer.EndObject();
    }
    writer.EndArray();
    put_key(writer, "applied");
    writer.StartObject();
    for (const auto& [connection, counts] : applied_) {
        put_key(writer, connection);
        writer.StartObject();
        put_key(writer, "activate");
        writer.Uint64(counts.activate);
        put_key(writer, "extend");
        writer.Uint64(counts.extend);
        put_key(writer, "deactivate");
        writer.Uint64(counts.deactivate);
        writer.EndObject();
    }
    writer.EndObject();
    writer.EndObject();
    return text_of(buffer);
}

} // namespace jit::sandbox
