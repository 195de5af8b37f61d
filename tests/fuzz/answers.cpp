// What the service answers: read into models, and printed again as JSON or as an error.

#include "json.hpp"
#include "promise.hpp"
#include "sailpoint/codec.hpp"
#include "sailpoint/errors.hpp"
#include "sailpoint/list_codec.hpp"
#include "sandbox/json.hpp"
#include "util/text.hpp"
#include "json/error.hpp"
#include "json/object.hpp"

using namespace jit;
using namespace jit::fuzz;
using namespace jit::sailpoint;

namespace {

/// A member of an object that was printed, as a text; empty where it is none.
std::string member_of(const std::string& json, const char* name) {
    rapidjson::Document document;
    document.Parse(json.data(), json.size());
    promise(!document.HasParseError() && document.IsObject(), "what is printed is a JSON object");
    int times = 0;
    std::string value;
    const auto end = document.MemberEnd();
    for (auto member = document.MemberBegin(); member < end; ++member) {
        if (sandbox::view(member->name) == name) {
            ++times;
            value = member->value.IsString() ? sandbox::view(member->value) : "";
        }
    }
    promise(times == 1, "a member that is added is there once");
    return value;
}

void check_printing(std::string_view object) {
    const std::string one_line = json::encode_object(object, {}, json::Layout::one_line);
    promise(is_safe(one_line), "JSON on one line is safe for a terminal");
    // A lone surrogate is valid as an escape, but no character: it is the one thing that is replaced.
    promise(canonical(one_line) == sandbox::valid_utf8(*canonical(object)), "no field is lost or changed");
    promise(json::encode_object(one_line, {}, json::Layout::one_line) == one_line,
            "printing again changes nothing");

    const std::string indented = json::encode_object(object, {}, json::Layout::indented);
    promise(json::encode_object(indented, {}, json::Layout::one_line) == one_line,
            "the layouts differ in blanks alone");
    for (TwoParts parts = two_parts(indented);; parts = two_parts(parts.rest)) {
        promise(is_safe(parts.line), "JSON on several lines is safe for a terminal");
        if (parts.rest.empty()) {
            break;
        }
    }
    const std::vector<json::Member> added = {{"entitlement", std::string(object)}, {"error", one_line, true}};
    const std::string more = json::encode_object(object, added, json::Layout::one_line);
    promise(is_safe(more), "JSON with added members is safe for a terminal");
    promise(member_of(more, "entitlement") == sandbox::valid_utf8(object), "an added text is kept");
    (void)member_of(more, "error");
}

void check_acceptance(std::string_view body) {
    for (const Operation operation : {Operation::activate, Operation::extend, Operation::deactivate}) {
        const auto answer = decode_acceptance(body, operation);
        promise(answer.has_value() ==
                    (canonical(body) && trim(body).front() == '{' && decode_policy(body).has_value()),
                "an answer is a JSON object");
        if (!answer) {
            continue;
        }
        promise(answer->raw == body, "the answer is kept as it was sent");
        const auto again =
            decode_acceptance(json::encode_object(body, {}, json::Layout::one_line), operation);
        promise(again && again->status == sandbox::valid_utf8(answer->status) &&
                    again->id == sandbox::valid_utf8(answer->id) && again->minutes == answer->minutes,
                "what is printed reads as the answer did");
        (void)is_failed(operation, answer->status);
        if (const auto expiry = expiry_of(*answer)) {
            promise(parse_rfc3339(format_rfc3339(*expiry)) == expiry, "an expiry is an RFC 3339 time");
        }
    }
    if (decode_policy(body)) {
        check_printing(body);
    }
}

void check_list(std::string_view body) {
    const auto entries = split_list(body);
    if (!entries) {
        return;
    }
    std::string list;
    for (const std::string_view entry : *entries) {
        const auto object = canonical(entry);
        promise(object && object->front() == '{', "an entry of a list is a JSON object");
        list += concat({list.empty() ? "" : ",", *object});
        const Connection connection = decode_connection(entry);
        const HistoryEntry history = decode_history_entry(entry);
        promise(connection.raw == entry && history.raw == entry, "an entry is kept as it was sent");
        promise(connection.id == history.id, "both lists read the same ID");
        const TimePoint now(std::chrono::hours(24 * 365 * 57));
        const Phase phase = phase_of(connection, now);
        promise(!connection.state.empty() || !connection.activation.empty() ||
                    !connection.provisioned.empty() || !connection.expiration.empty() ||
                    phase == Phase::available,
                "what says nothing is available");
        check_printing(entry);
    }
    promise(canonical(body) == concat({"[", list, "]"}), "a list is its entries, in order");
}

void check_error(std::string_view body) {
    struct Case {
        int status;
        bool changes;
        ErrorKind code;
    };
    constexpr Case k_cases[] = {
        {200, true, ErrorKind::server},         {302, false, ErrorKind::server},
        {400, true, ErrorKind::refused},        {401, true, ErrorKind::unauthenticated},
        {403, true, ErrorKind::forbidden},      {404, true, ErrorKind::refused},
        {429, true, ErrorKind::rate_limited},   {503, false, ErrorKind::server},
        {500, true, ErrorKind::unknown_outcome}};
    for (const Case& one : k_cases) {
        const http::Response response{one.status, {{"retry-after", std::string(body)}}, std::string(body)};
        const Error error = response_error(response, {"activate", one.changes}, TimePoint());
        promise(error.kind == one.code, "the exit code is that of the status, whatever the body says");
        const bool open = one.changes && (one.status < 400 || one.status >= 500);
        promise((error.message.find("may or may not have been carried out") != std::string::npos) >= open,
                "an open outcome is told");
        promise(!error.retry_after ||
                    (error.retry_after->count() >= 0 && error.retry_after->count() <= 86400),
                "a wait is at most a day");
        if (one.code == ErrorKind::refused) { // one is enough
            const std::string json = json::encode_error_object(error, exit_code_of(error.kind));
            promise(is_safe(json), "an error as JSON is safe for a terminal");
            promise(member_of(json, "message") == sanitize(error.message),
                    "an error as JSON has the message");
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body = text_of(data, size);
    check_acceptance(body);
    check_list(body);
    check_error(body);
    return 0;
}
