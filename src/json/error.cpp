#include "json/error.hpp"

#include "util/text.hpp"
#include "json/writer.hpp"

namespace jit::json {

std::string encode_error_object(const Error& error, ExitCode code) {
    StringBuffer buffer;
    rapidjson::Writer<StringBuffer> writer(buffer);
    const auto text = [&writer](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            write_member(writer, name, sanitize(value));
        }
    };
    writer.StartObject();
    writer.Key("code");
    writer.Int(static_cast<int>(code));
    write_member(writer, "kind", kind_name(error.kind));
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
    if (!error.candidates.empty()) {
        writer.Key("candidates");
        writer.StartArray();
        for (const Candidate& candidate : error.candidates) {
            writer.StartObject();
            write_member(writer, "connectionId", sanitize(candidate.connection_id));
            write_member(writer, "entitlementName", sanitize(candidate.name));
            write_member(writer, "source", sanitize(candidate.source));
            write_member(writer, "account", sanitize(candidate.account));
            write_member(writer, "value", sanitize(candidate.value));
            writer.EndObject();
        }
        writer.EndArray();
    }
    if (!error.warnings.empty()) {
        writer.Key("warnings");
        writer.StartArray();
        for (const std::string& warning : error.warnings) {
            writer.String(warning.data(), static_cast<rapidjson::SizeType>(warning.size()));
        }
        writer.EndArray();
    }
    writer.EndObject();
    return std::string(view(buffer));
}

std::string encode_error(const Error& error, ExitCode code) {
    return concat({R"({"error":)", encode_error_object(error, code), "}"});
}

} // namespace jit::json
