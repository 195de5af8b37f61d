#include "sailpoint/codec.hpp"

#include "base/text.hpp"
#include "sailpoint/json_reader.hpp"

#include <algorithm>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace jit::sailpoint {
namespace {

using StringBuffer = rapidjson::StringBuffer;

/// The texts of `causes` or `messages`, joined by "; ".
std::string texts_of(const Value& object, const char* name) {
    const auto found = object.FindMember(name);
    if (found == object.MemberEnd() || !found->value.IsArray()) {
        return {};
    }
    std::string joined;
    for (const Value& item : found->value.GetArray()) {
        const std::string_view text = item.IsObject() ? member(item, "text") : text_of(item);
        if (!trim(text).empty()) {
            joined += cat({joined.empty() ? "" : "; ", trim(text)});
        }
    }
    return joined;
}

template <typename Writer>
void write_string(Writer& writer, std::string_view text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

template <typename Writer>
void write_member(Writer& writer, std::string_view name, std::string_view value) {
    writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    write_string(writer, value);
}

std::string_view view(const StringBuffer& buffer) {
    return {buffer.GetString(), buffer.GetSize()};
}

/// Writes an object again as it is parsed: leaves out the members of the outermost level that are replaced,
/// and adds the replacements at its end.
template <typename Writer>
class Rewriter {
public:
    Rewriter(Writer& writer, const std::vector<Member>& members) : writer_(writer), members_(members) {}

    // NOLINTBEGIN(readability-identifier-naming)
    bool Null() { return skipped() || writer_.Null(); }
    bool Bool(bool value) { return skipped() || writer_.Bool(value); }
    // Numbers come as text (k_flags); RapidJSON asks for these all the same.
    bool Int(int value) { return skipped() || writer_.Int(value); }
    bool Uint(unsigned value) { return skipped() || writer_.Uint(value); }
    bool Int64(std::int64_t value) { return skipped() || writer_.Int64(value); }
    bool Uint64(std::uint64_t value) { return skipped() || writer_.Uint64(value); }
    bool Double(double value) { return skipped() || writer_.Double(value); }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return skipped() || writer_.RawValue(text, size, rapidjson::kNumberType);
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return skipped() || writer_.String(text, size);
    }
    bool StartObject() { return enter() || writer_.StartObject(); }
    bool StartArray() { return enter() || writer_.StartArray(); }
    bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        if (depth_ == 1) {
            const std::string_view name(text, size);
            skipping_ = std::any_of(members_.begin(), members_.end(),
                                    [name](const Member& added) { return added.name == name; });
        }
        return skipping_ || writer_.Key(text, size);
    }
    bool EndObject(rapidjson::SizeType /*count*/) {
        if (leave()) {
            return true;
        }
        if (depth_ == 0) {
            for (const Member& added : members_) {
                if (added.is_json) {
                    writer_.Key(added.name.data(), static_cast<rapidjson::SizeType>(added.name.size()));
                    const std::vector<Member> none;
                    Rewriter<Writer> inner(writer_, none);
                    (void)parse_events(added.value, inner);
                } else {
                    write_member(writer_, added.name, added.value);
                }
            }
        }
        return writer_.EndObject();
    }
    bool EndArray(rapidjson::SizeType /*count*/) { return leave() || writer_.EndArray(); }
    // NOLINTEND(readability-identifier-naming)

private:
    /// Whether a single value belongs to a member that is left out.
    bool skipped() { return std::exchange(skipping_, skipping_ && depth_ > 1); }
    bool enter() {
        ++depth_;
        return skipping_;
    }
    /// Leaves an object or array; true where it was part of a member that is left out.
    bool leave() {
        --depth_;
        return skipped();
    }

    Writer& writer_;
    const std::vector<Member>& members_;
    int depth_ = 0;
    bool skipping_ = false;
};

template <typename Writer>
std::string rewrite(Writer& writer, const StringBuffer& buffer, std::string_view object,
                    const std::vector<Member>& members) {
    Rewriter<Writer> rewriter(writer, members);
    return parse_events(object, rewriter) ? printable_json(view(buffer)) : "{}";
}

} // namespace

std::string encode_request(const OperationRequest& request) {
    StringBuffer buffer;
    rapidjson::Writer<StringBuffer> writer(buffer);
    writer.StartObject();
    write_member(writer, "connectionId", request.connection.str());
    if (request.operation != Operation::deactivate) {
        writer.Key(request.operation == Operation::activate ? "activationPeriodMins"
                                                            : "activationPeriodExtensionMins");
        writer.Int(request.minutes);
    }
    if (!request.request_origin.empty()) {
        write_member(writer, "requestOrigin", request.request_origin);
    }
    if (!request.metadata.empty()) {
        writer.Key("metaData");
        writer.StartObject();
        for (const auto& [name, value] : request.metadata) {
            write_member(writer, name, value);
        }
        writer.EndObject();
    }
    writer.EndObject();
    return std::string(view(buffer));
}

std::optional<Acceptance> decode_acceptance(std::string_view body, Operation operation) {
    const ObjectDocument document(body);
    if (!document.good()) {
        return std::nullopt;
    }
    const Value& root = document.root();
    Acceptance acceptance;
    acceptance.raw = body;
    acceptance.id = member(root, "id");
    acceptance.activation_id = member(root, "activationId");
    acceptance.connection_id = member(root, "connectionId");
    acceptance.minutes = member(root, operation == Operation::extend ? "activationPeriodExtensionMins"
                                                                     : "activationPeriodMins");
    acceptance.status = member(root, "status");
    acceptance.start_time = member(root, "startTime");
    return acceptance;
}

ApiError decode_error(std::string_view body) {
    ApiError error;
    const ObjectDocument document(body);
    if (!document.good()) {
        return error;
    }
    const Value& root = document.root();
    error.detail_code = member(root, "detailCode");
    error.tracking_id = member(root, "trackingId");
    error.text = texts_of(root, "causes");
    if (error.text.empty()) {
        error.text = texts_of(root, "messages");
    }
    for (const char* const name : {"error_description", "error", "message"}) {
        if (error.text.empty()) {
            error.text = trim(member(root, name));
        }
    }
    return error;
}

std::optional<Secret> decode_token(std::string_view body) {
    const ObjectDocument document(body);
    if (!document.good()) {
        return std::nullopt;
    }
    const std::string_view token = member(document.root(), "access_token");
    const bool sendable = !token.empty() && std::all_of(token.begin(), token.end(),
                                                        [](char c) { return c > ' ' && c < '\x7f'; });
    std::optional<Secret> secret = sendable ? std::optional(Secret(token)) : std::nullopt;
    wipe(const_cast<char*>(token.data()), token.size()); // the document's copy, which nobody reads again
    return secret;
}

std::string encode_object(std::string_view object, const std::vector<Member>& members, Layout layout) {
    StringBuffer buffer;
    if (layout == Layout::one_line) {
        rapidjson::Writer<StringBuffer> writer(buffer);
        return rewrite(writer, buffer, object, members);
    }
    rapidjson::PrettyWriter<StringBuffer> writer(buffer);
    constexpr unsigned k_indent = 2;
    writer.SetIndent(' ', k_indent);
    return rewrite(writer, buffer, object, members);
}

std::string encode_error_object(const Error& error) {
    StringBuffer buffer;
    rapidjson::Writer<StringBuffer> writer(buffer);
    const auto text = [&writer](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            write_member(writer, name, printable(value));
        }
    };
    writer.StartObject();
    writer.Key("code");
    writer.Int(static_cast<int>(error.code));
    write_member(writer, "kind", kind_name(error.code));
    if (error.http_status) {
        writer.Key("httpStatus");
        writer.Int(*error.http_status);
    }
    text("detailCode", error.detail_code);
    text("message", error.message);
    text("trackingId", error.tracking_id);
    if (error.retry_after) {
        writer.Key("retryAfter");
        writer.Int64(error.retry_after->count());
    }
    text("hint", error.hint);
    writer.EndObject();
    return std::string(view(buffer));
}

std::string encode_error(const Error& error) {
    return cat({R"({"error":)", encode_error_object(error), "}"});
}

} // namespace jit::sailpoint
