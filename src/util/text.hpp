#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit {

/// Joins pieces with one allocation.
[[nodiscard]] std::string concat(std::initializer_list<std::string_view> pieces);

/// Joins texts, with ", " between them.
[[nodiscard]] std::string join(const std::vector<std::string>& texts);

/// A text in double quotes, with quotes and backslashes escaped.
[[nodiscard]] std::string quote(std::string_view text);

/// ASCII letters made lower case; all other bytes as they are.
[[nodiscard]] std::string to_lower(std::string_view text);

/// All letters made lower case, one character for one, as the vendor's tool does it. Bytes that are not UTF-8
/// stay as they are.
[[nodiscard]] std::string to_lower_letters(std::string_view text);

/// The form in which two texts are compared when neither case nor the way an accent is encoded counts:
/// Unicode case folding and composition. Bytes that are not UTF-8 compare as they are.
[[nodiscard]] std::string fold_case(std::string_view text);

/// Without blanks (space, tab, CR, LF) at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// Takes the part before the first `end` off the text, and that `end`; all of it where there is none.
[[nodiscard]] std::string_view split_first(std::string_view& text, char end);

/// A whole decimal number from `least` to `most`: digits only, no sign, blank or prefix. Empty on anything
/// else.
[[nodiscard]] std::optional<long> parse_int(std::string_view text, long least, long most);

/// 16 hexadecimal digits that texts, taken together, come down to (FNV-1a): tells names of files apart, and
/// hides nothing.
[[nodiscard]] std::string fnv1a_hex(std::initializer_list<std::string_view> texts);

/// Percent-encodes all but the unreserved characters of RFC 3986, as application/x-www-form-urlencoded and
/// query values both accept.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// The bytes that `percent_encode` was given. A `%` that begins no escape stays as it is.
[[nodiscard]] std::string percent_decode(std::string_view text);

/// Whether the bytes are UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

/// The one of `words` that `word` was most likely meant to be (case does not count), or nothing when
/// none is near: at most a third of its letters, and at least one, may be wrong, missing, extra or swapped.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& words);

/// Text from outside made safe to show on one line of a terminal: control characters (C0, DEL, C1),
/// characters that reorder or hide text (bidirectional controls, zero-width ones, tags, line and paragraph
/// separators) and bytes that are not UTF-8 become U+FFFD; tab, CR and LF become a space.
[[nodiscard]] std::string sanitize(std::string_view text);

/// The same for what stands beside or above other text: blanks of whatever kind are spaces, and of a run of
/// them at most so many stay, so that none looks like the gap before a column, or wraps to what looks like
/// another line.
[[nodiscard]] std::string sanitize_line(std::string_view text, int most_blanks = 1);

/// The same as `printable` for JSON text: what `printable` would replace is escaped as \uXXXX, so no
/// information is lost. Expects valid UTF-8 in which such characters stand only inside strings, as a JSON
/// writer makes it.
[[nodiscard]] std::string sanitize_json(std::string_view json);

/// Text for people in ASCII, as wide as it was: letters lose their accents, what is drawn is drawn with other
/// characters, "…" becomes "~", and all else "?".
[[nodiscard]] std::string to_ascii(std::string_view text);

/// JSON text in ASCII: all other characters are escaped, so no information is lost. Expects what
/// `printable_json` does.
[[nodiscard]] std::string ascii_json(std::string_view json);

/// How many cells of a terminal the text takes. Expects the output of `printable`.
[[nodiscard]] int display_width(std::string_view text);

/// The beginning of such a text that fits into `width` cells, at least 1, with "…" at its end where it was
/// cut.
[[nodiscard]] std::string shorten(std::string_view text, int width);

/// The same, with "…" in its middle: its beginning and its end stay.
[[nodiscard]] std::string shorten_middle(std::string_view text, int width);

/// Such a text followed by as many blanks as make it `width` cells wide.
[[nodiscard]] std::string padded(std::string_view text, int width);

} // namespace jit
