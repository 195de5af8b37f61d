// Text from outside on its way to the terminal, and the encodings of text.

#include "util/text.hpp"

#include "promise.hpp"

#include <algorithm>
#include <cstdlib>
#include <utf8proc.h>

using namespace jit;
using namespace jit::fuzz;

namespace {

/// The same text with its accents encoded in another way.
std::string normalised(std::string_view text, int options) {
    utf8proc_uint8_t* mapped = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                   static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
    std::string out(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
    std::free(mapped); // NOLINT(cppcoreguidelines-no-malloc)
    return out;
}

void check_printable(std::string_view text) {
    const std::string shown = sanitize(text);
    promise(is_safe(shown), "printable text is safe for a terminal");
    promise(sanitize(shown) == shown, "printable text stays as it is");
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    promise(!ascii || shown == text, "plain text is shown as it is");
    promise(is_utf8(text) >= is_safe(text), "safe text is UTF-8");

    const int width = display_width(shown);
    promise(width >= 0 && static_cast<std::size_t>(width) <= shown.size(),
            "a character takes no more cells than bytes");
    for (const int limit : {1, 2, 3, 8, 40}) {
        const std::string cut = shorten(shown, limit);
        promise(display_width(cut) <= limit, "shortened text fits");
        promise(is_safe(cut), "text is shortened between characters");
        const std::string_view kept = std::string_view(cut).substr(0, cut.size() - (cut == shown ? 0 : 3));
        promise(cut == shown ||
                    (width > limit && shown.rfind(kept, 0) == 0 && cut.substr(kept.size()) == "…"),
                "shortened text is the beginning of the text");
        const std::string wide = padded(cut, limit);
        promise(display_width(wide) == limit && wide.rfind(cut, 0) == 0, "padded text is as wide as asked");
    }
    const std::string json = quote(shown); // as a writer of JSON has it
    promise(sanitize_json(json) == json, "JSON that is safe stays as it is");
    promise(text.find('\n') != std::string_view::npos || is_safe(sanitize_json(text)),
            "printable JSON is safe for a terminal");
}

void check_case(std::string_view text) {
    const std::string folded = fold_case(text);
    if (!is_utf8(text)) {
        promise(folded == text, "what is not UTF-8 compares as it is");
        return;
    }
    promise(is_utf8(folded), "folded text is UTF-8");
    promise(fold_case(to_lower(text)) == folded, "the case of a letter does not count");
    const std::string decomposed = normalised(text, UTF8PROC_DECOMPOSE);
    const bool iota = decomposed.find("\u0345") != std::string::npos; // an accent that becomes a letter
    if (!iota) {
        promise(fold_case(normalised(text, UTF8PROC_COMPOSE)) == fold_case(decomposed),
                "the encoding of an accent does not count");
    }
}

void check_encodings(std::string_view text) {
    const std::string encoded = percent_encode(text);
    promise(percent_decode(encoded) == text, "percent-encoded text is decoded again");
    promise(encoded.find_first_not_of(
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%") == std::string::npos,
            "percent-encoded text has only characters of URLs");
    promise(percent_decode(text).size() <= text.size(), "decoded text is no longer than it was");
    if (text.find('%') == std::string_view::npos) {
        promise(percent_decode(text) == text, "text without a percent sign is decoded already");
    }
    const std::string_view trimmed = trim(text);
    promise(trim(trimmed) == trimmed && text.find(trimmed) != std::string_view::npos,
            "trimmed text is trimmed");
    promise(trim(concat({" \r\n", text, "\t"})) == trimmed, "blanks at the ends do not count");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    check_printable(text);
    check_case(text);
    check_encodings(text);
    return 0;
}
