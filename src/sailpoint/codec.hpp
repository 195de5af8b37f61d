#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "sailpoint/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::sailpoint {

// JSON, both ways. The one place that knows RapidJSON. Nothing that is read here can crash the program, and
// it takes at most some 20 times the memory of the text: parsing does not recurse, nesting is limited to 64
// levels and numbers to the range of a double, the encoding is checked, and every type is looked at before
// use.

/// The body of one of the three POSTs.
[[nodiscard]] std::string encode_request(const OperationRequest& request);

/// Reads the answer to one of the three POSTs. Empty where the text is not a JSON object.
[[nodiscard]] std::optional<Acceptance> decode_acceptance(std::string_view body, Operation operation);

/// Reads an error body in any of the API's shapes: `detailCode`/`causes`/`messages`, `error` (with
/// `error_description`), `message`. Empty parts where it is none of these.
[[nodiscard]] ApiError decode_error(std::string_view body);

/// The answer of the token endpoint. Empty where it holds no access token that can be sent in a header.
[[nodiscard]] std::optional<Secret> decode_token(std::string_view body);

/// One more member of an object that is printed.
struct Member {
    std::string_view name;
    std::string value;
    bool is_json = false; ///< `value` is JSON of this codec's, and not a text
};

/// How JSON is laid out for the reader: over several lines, or on one.
enum class Layout { indented, one_line };

/// Writes a JSON object with all its members (numbers as they were written), less those that `members` names,
/// which then follow. `object` must be one that this codec accepted. Safe to show on a terminal.
/// No newline at the end.
[[nodiscard]] std::string encode_object(std::string_view object, const std::vector<Member>& members,
                                        Layout layout);

/// The `{…}` alone of what follows.
[[nodiscard]] std::string encode_error_object(const Error& error);

/// `{"error": {…}}` on one line, as scripts get errors. Safe to show on a terminal. No newline at the end.
[[nodiscard]] std::string encode_error(const Error& error);

} // namespace jit::sailpoint
