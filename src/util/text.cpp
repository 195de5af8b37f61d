#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utf8proc.h>
#include <utility>

namespace jit {
namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD"; // U+FFFD

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whether a character may act on the terminal, or on how the text around it is read, instead of being shown.
bool is_control_or_format(utf8proc_int32_t c) {
    if (c >= 0xE0000 && c <= 0xE007F) { // tags, also those that Unicode has not assigned yet
        return true;
    }
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC: // control
    case UTF8PROC_CATEGORY_CF: // format: bidirectional controls, zero-width joiners, tags, soft hyphen
    case UTF8PROC_CATEGORY_ZL: // line separator
    case UTF8PROC_CATEGORY_ZP: // paragraph separator
    case UTF8PROC_CATEGORY_CS: // surrogate
        return true;
    default:
        return false;
    }
}

/// Adds \uXXXX, or two of them, as JSON has it.
void add_escape(std::string& out, utf8proc_int32_t c) {
    std::array<char, 16> escape{};
    const auto code = static_cast<std::uint32_t>(c);
    if (code < 0x10000U) {
        (void)std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
    } else {
        const std::uint32_t above = code - 0x10000U;
        (void)std::snprintf(escape.data(), escape.size(), "\\u%04x\\u%04x", 0xD800U + (above >> 10U),
                            0xDC00U + (above & 0x3FFU));
    }
    out += escape.data();
}

/// The ASCII character that stands for another one; "?" where none does.
char ascii_for(utf8proc_int32_t c) {
    struct Stand {
        utf8proc_int32_t c;
        char ascii;
    };
    constexpr std::array<Stand, 13> k_stands = {{{0x2026, '~'},
                                                 {0x2588, '#'},
                                                 {0x2591, '-'},
                                                 {0x00B7, '.'},
                                                 {0x00D7, 'x'},
                                                 {0x2013, '-'},
                                                 {0x2014, '-'},
                                                 {0x2018, '\''},
                                                 {0x2019, '\''},
                                                 {0x201C, '"'},
                                                 {0x201D, '"'},
                                                 {0x00A0, ' '},
                                                 {0x2192, '>'}}};
    for (const Stand& stand : k_stands) {
        if (stand.c == c) {
            return stand.ascii;
        }
    }
    std::array<utf8proc_int32_t, 8> parts{};
    const auto count = utf8proc_decompose_char(c, parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
                                               UTF8PROC_DECOMPOSE, nullptr);
    return count > 0 && parts[0] < 0x80 ? static_cast<char>(parts[0]) : '?';
}

/// Whether a character shows as nothing but room.
bool is_blank(utf8proc_int32_t c) {
    switch (c) {
    case 0x115F: // fillers of Hangul, and Braille without a dot
    case 0x1160:
    case 0x2800:
    case 0x3164:
    case 0xFFA0:
        return true;
    default:
        return utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
    }
}

/// Decodes one character at the start of `text`. Its length, or 0 where the bytes are not UTF-8.
std::size_t decode(std::string_view text, utf8proc_int32_t& c) {
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &c);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

} // namespace

std::string concat(std::initializer_list<std::string_view> pieces) {
    std::size_t size = 0;
    for (const std::string_view piece : pieces) {
        size += piece.size();
    }
    std::string text;
    text.reserve(size);
    for (const std::string_view piece : pieces) {
        text += piece;
    }
    return text;
}

std::string join(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) {
        all += concat({all.empty() ? "" : ", ", text});
    }
    return all;
}

std::string quote(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    out.push_back('"');
    return out;
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string to_lower_letters(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        utf8proc_int32_t c = 0;
        const std::size_t size = decode(text, c);
        if (size == 0) {
            out.push_back(text.front());
            text.remove_prefix(1);
            continue;
        }
        std::array<utf8proc_uint8_t, 4> encoded{};
        const auto length = utf8proc_encode_char(utf8proc_tolower(c), encoded.data());
        out.append(encoded.begin(), encoded.begin() + length);
        text.remove_prefix(size);
    }
    return out;
}

std::string fold_case(std::string_view text) {
    utf8proc_uint8_t* folded = nullptr;
    const auto options =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &folded, options);
    std::string out =
        size < 0 ? std::string(text)
                 : std::string(reinterpret_cast<const char*>(folded), static_cast<std::size_t>(size));
    std::free(folded); // NOLINT(cppcoreguidelines-no-malloc): that is how utf8proc hands it over
    return out;
}

std::string_view split_first(std::string_view& text, char end) {
    const std::string_view part = text.substr(0, text.find(end));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view k_blank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(k_blank);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(k_blank) - first + 1);
}

std::optional<long> parse_int(std::string_view text, long least, long most) {
    constexpr std::size_t k_max_digits = 18; // fits a 64-bit long, whatever the digits
    if (text.empty() || text.size() > k_max_digits) {
        return std::nullopt;
    }
    long value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    return value >= least && value <= most ? std::optional(value) : std::nullopt;
}

std::string fnv1a_hex(std::initializer_list<std::string_view> texts) {
    constexpr std::uint64_t k_basis = 14695981039346656037U;
    constexpr std::uint64_t k_prime = 1099511628211U;
    std::uint64_t hash = k_basis;
    for (const std::string_view text : texts) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * k_prime;
        }
    }
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) {
        digits.push_back("0123456789abcdef"[hash >> static_cast<unsigned>(shift) & 0xFU]);
    }
    return digits;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view k_hex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(k_hex[byte >> 4U]);
            out.push_back(k_hex[byte & 0xFU]);
        }
    }
    return out;
}

std::string percent_decode(std::string_view text) {
    const auto digit = [](char c) {
        const char letter = lower(c);
        if (letter >= 'a' && letter <= 'f') {
            return letter - 'a' + 10;
        }
        return c >= '0' && c <= '9' ? c - '0' : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        if (escape) {
            out.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        if (static_cast<unsigned char>(text.front()) < 0x80) {
            text.remove_prefix(1);
            continue;
        }
        utf8proc_int32_t c = 0;
        const std::size_t size = decode(text, c);
        if (size == 0) {
            return false;
        }
        text.remove_prefix(size);
    }
    return true;
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& words) {
    const std::string wanted = fold_case(word);
    std::optional<std::string> best;
    std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    for (const std::string& candidate : words) {
        // The optimal string alignment distance: edits of one character, and swaps of two neighbours.
        const std::string other = fold_case(candidate);
        std::vector<std::size_t> before(other.size() + 1);
        std::vector<std::size_t> last(other.size() + 1);
        std::vector<std::size_t> row(other.size() + 1);
        for (std::size_t j = 0; j <= other.size(); ++j) {
            last[j] = j;
        }
        for (std::size_t i = 1; i <= wanted.size(); ++i) {
            row[0] = i;
            for (std::size_t j = 1; j <= other.size(); ++j) {
                const std::size_t change = wanted[i - 1] == other[j - 1] ? 0 : 1;
                row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
                if (i > 1 && j > 1 && wanted[i - 1] == other[j - 2] && wanted[i - 2] == other[j - 1]) {
                    row[j] = std::min(row[j], before[j - 2] + 1);
                }
            }
            before = std::exchange(last, row);
        }
        if (last[other.size()] < best_distance) {
            best_distance = last[other.size()];
            best = candidate;
        }
    }
    return best;
}

std::string sanitize(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        utf8proc_int32_t c = 0;
        const std::size_t size = decode(text, c);
        if (size == 0) {
            out += k_replacement;
            text.remove_prefix(1);
            continue;
        }
        if (c == '\t' || c == '\n' || c == '\r') {
            out.push_back(' ');
        } else if (is_control_or_format(c)) {
            out += k_replacement;
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return out;
}

std::string sanitize_line(std::string_view text, int most_blanks) {
    const std::string shown = sanitize(text);
    std::string out;
    out.reserve(shown.size());
    int blanks = 0;
    for (std::string_view rest = shown; !rest.empty();) {
        utf8proc_int32_t c = 0;
        const std::size_t size = decode(rest, c);
        if (!is_blank(c)) {
            blanks = 0;
            out += rest.substr(0, size);
        } else if (++blanks <= most_blanks) {
            out.push_back(' ');
        }
        rest.remove_prefix(size);
    }
    return out;
}

std::string sanitize_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    while (!json.empty()) {
        utf8proc_int32_t c = 0;
        const std::size_t size = decode(json, c);
        if (size == 0) {
            out += k_replacement;
            json.remove_prefix(1);
            continue;
        }
        if (c != '\n' && is_control_or_format(c)) {
            add_escape(out, c);
        } else {
            out += json.substr(0, size);
        }
        json.remove_prefix(size);
    }
    return out;
}

std::string to_ascii(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        utf8proc_int32_t c = 0;
        const std::size_t size = std::max<std::size_t>(decode(text, c), 1);
        if (static_cast<unsigned char>(text.front()) < 0x80) {
            out.push_back(text.front());
        } else {
            out.append(static_cast<std::size_t>(display_width(text.substr(0, size))), ascii_for(c));
        }
        text.remove_prefix(size);
    }
    return out;
}

std::string ascii_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    while (!json.empty()) {
        utf8proc_int32_t c = 0;
        const std::size_t size = decode(json, c);
        if (size == 1) {
            out.push_back(json.front());
        } else {
            add_escape(out, size == 0 ? 0xFFFD : c);
        }
        json.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

int display_width(std::string_view text) {
    int width = 0;
    while (!text.empty()) {
        utf8proc_int32_t c = 0;
        const std::size_t size = decode(text, c);
        width += size == 0 ? 1 : utf8proc_charwidth(c);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return width;
}

namespace {

/// Where the character after the one at `at` begins.
std::size_t next_character(std::string_view text, std::size_t at) {
    do {
        ++at;
    } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
    return at;
}

/// The longest beginning that fits into `width` cells.
std::string_view beginning(std::string_view text, int width) {
    std::size_t at = 0;
    for (int used = 0; at < text.size();) {
        const std::size_t next = next_character(text, at);
        used += display_width(text.substr(at, next - at));
        if (used > width) {
            break;
        }
        at = next;
    }
    return text.substr(0, at);
}

} // namespace

std::string shorten(std::string_view text, int width) {
    return display_width(text) <= width ? std::string(text) : concat({beginning(text, width - 1), "…"});
}

std::string shorten_middle(std::string_view text, int width) {
    if (display_width(text) <= width) {
        return std::string(text);
    }
    const int tail = (width - 1) / 2;
    std::size_t at = 0;
    while (display_width(text.substr(at)) > tail) {
        at = next_character(text, at);
    }
    return concat({beginning(text, width - 1 - tail), "…", text.substr(at)});
}

std::string padded(std::string_view text, int width) {
    std::string out(text);
    out.append(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
    return out;
}

} // namespace jit
