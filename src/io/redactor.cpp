#include "io/redactor.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>

namespace jit::io {
namespace {

constexpr std::size_t k_least = 8; ///< characters of a secret

/// Which escapes to undo in a text before secrets are looked for in it.
struct Escapes {
    bool json;
    bool percent;
};

/// The value of so many hexadecimal digits at the start of a text, if it is a character of ASCII.
std::optional<char> hex_character(std::string_view text, std::size_t digits) {
    if (text.size() < digits) {
        return std::nullopt;
    }
    unsigned value = 0;
    for (const char c : text.substr(0, digits)) {
        const std::size_t digit = std::string_view("0123456789abcdef").find(to_lower({&c, 1}));
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        value = value * 16 + static_cast<unsigned>(digit);
    }
    return value > 0 && value < 0x80 ? std::optional(static_cast<char>(value)) : std::nullopt;
}

/// The character that an escape at the start of the text stands for, and the size of the escape; that
/// character itself where there is none.
std::pair<char, std::size_t> first_character(std::string_view text, Escapes escapes) {
    if (escapes.percent && text.front() == '%') {
        if (const auto c = hex_character(text.substr(1), 2)) {
            return {*c, 3};
        }
    }
    if (escapes.json && text.front() == '\\' && text.size() > 1) {
        if (text[1] == '"' || text[1] == '\\' || text[1] == '/') {
            return {text[1], 2};
        }
        const auto c = text[1] == 'u' ? hex_character(text.substr(2), 4) : std::nullopt;
        if (c) {
            return {*c, 6};
        }
    }
    return {text.front(), 1};
}

/// A text from which escapes are taken, and where each of its characters, and its end, stood at first.
struct Decoded {
    std::string text;
    std::vector<std::size_t> places;

    /// False where there were none left.
    [[nodiscard]] bool decode(Escapes escapes) {
        std::size_t size = 0;
        for (std::size_t at = 0; at < text.size(); ++size) {
            const auto [c, length] = first_character(std::string_view(text).substr(at), escapes);
            text[size] = c;
            places[size] = places[at];
            at += length;
        }
        places[size] = places[text.size()];
        const bool any = size < text.size();
        text.resize(size);
        places.resize(size + 1);
        return any;
    }
};

/// What is always there of the text in base64 where `before` bytes, 0 to 2, come before it, whatever these
/// and the bytes behind it are.
std::string base64_core(std::string_view text, std::size_t before, std::string_view last_two) {
    const std::string letters =
        concat({"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", last_two});
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    // The first letters have bits of the bytes before.
    std::size_t dropped = before == 0 ? 0 : before + 1;
    for (std::size_t i = 0; i < before + text.size(); ++i) {
        bits = (bits << 8U) | (i < before ? 0U : static_cast<unsigned char>(text[i - before]));
        for (count += 8; count >= 6; count -= 6) {
            if (dropped > 0) {
                --dropped;
            } else {
                out.push_back(letters[(bits >> (count - 6U)) & 0x3FU]);
            }
        }
    }
    return out;
}

} // namespace

Redactor::Needle::Needle(Secret sought, std::size_t of, bool start)
    : text(std::move(sought)), searcher(text.reveal().data(), text.reveal().data() + text.size()), label(of),
      is_start(start) {}

void Redactor::add(const Secret& secret, std::string_view label) {
    const bool known = std::any_of(secrets_.begin(), secrets_.end(), [&secret](const Secret& other) {
        return other.reveal() == secret.reveal();
    });
    if (secret.size() < k_least || known) {
        return;
    }
    const std::size_t number = secrets_.size();
    secrets_.push_back(secret);
    labels_.push_back(concat({"[", label, "]"}));
    needles_.emplace_back(secret, number, false);
    needles_.emplace_back(Secret(secret.reveal().substr(0, k_least)), number, true);
    add_form(percent_encode(secret.reveal()), number);
    std::string quoted = quote(secret.reveal());
    add_form(quoted.substr(1, quoted.size() - 2), number);
    wipe(quoted);
    for (const std::string_view last_two : {"+/", "-_"}) {
        for (std::size_t before = 0; before < 3; ++before) {
            add_form(base64_core(secret.reveal(), before, last_two), number);
        }
    }
}

/// Looks for this form of a secret as well. A text is searched for the escaped forms as they are, and not
/// only after the escapes are undone: a `%` just before the secret makes another character of its first two
/// digits.
void Redactor::add_form(std::string form, std::size_t label) {
    const bool known = std::any_of(needles_.begin(), needles_.end(), [&form](const Needle& other) {
        return !other.is_start && other.text.reveal() == form;
    });
    if (!known && form.size() >= k_least) {
        needles_.emplace_back(Secret::take(form), label, false);
    }
    wipe(form);
}

/// Adds where secrets stand in the text. `places` tells where each of its characters stood before it was
/// decoded; null: there.
void Redactor::find_whole(std::string_view text, const std::vector<std::size_t>* places,
                          std::vector<Span>& spans) const {
    const auto place = [places](std::size_t at) { return places == nullptr ? at : (*places)[at]; };
    const char* const end = text.data() + text.size();
    for (const Needle& needle : needles_) {
        if (needle.is_start) {
            continue;
        }
        for (const char* from = text.data();;) {
            const auto [begin, behind] = needle.searcher(from, end);
            if (begin == end) {
                break;
            }
            spans.push_back({place(static_cast<std::size_t>(begin - text.data())),
                             place(static_cast<std::size_t>(behind - text.data())), needle.label});
            from = behind;
        }
    }
}

/// Adds where the beginning of a secret stands before "…".
void Redactor::find_cut(std::string_view text, std::vector<Span>& spans) const {
    constexpr std::string_view k_cut = "…";
    if (text.find(k_cut) == std::string_view::npos) {
        return;
    }
    const char* const end = text.data() + text.size();
    for (const Needle& needle : needles_) {
        if (!needle.is_start) {
            continue;
        }
        const std::string_view secret = secrets_[needle.label].reveal();
        for (const char* from = text.data();;) {
            const auto [begin, behind] = needle.searcher(from, end);
            if (begin == end) {
                break;
            }
            const auto at = static_cast<std::size_t>(begin - text.data());
            const auto differs = std::mismatch(secret.begin(), secret.end(),
                                               text.begin() + static_cast<std::ptrdiff_t>(at), text.end());
            const auto size = static_cast<std::size_t>(differs.first - secret.begin());
            if (text.substr(at + size, k_cut.size()) == k_cut) {
                spans.push_back({at, at + size, needle.label});
            }
            from = behind;
        }
    }
}

std::string Redactor::apply(std::string_view text) const {
    std::vector<Span> spans;
    find_whole(text, nullptr, spans);
    find_cut(text, spans);
    const bool json = text.find('\\') != std::string_view::npos;
    const bool percent = text.find('%') != std::string_view::npos;
    for (const Escapes escapes : {Escapes{true, false}, Escapes{false, true}, Escapes{true, true}}) {
        if (needles_.empty() || (escapes.json && !json) || (escapes.percent && !percent)) {
            continue;
        }
        Decoded decoded{std::string(text), std::vector<std::size_t>(text.size() + 1)};
        std::iota(decoded.places.begin(), decoded.places.end(), std::size_t{0});
        constexpr int k_layers = 3; // JSON within JSON, say
        for (int layer = 0; layer < k_layers && decoded.decode(escapes); ++layer) {
            find_whole(decoded.text, &decoded.places, spans);
        }
        wipe(decoded.text);
    }
    // Where two overlap, all of both goes.
    std::sort(spans.begin(), spans.end(), [](const Span& one, const Span& other) {
        return one.begin != other.begin ? one.begin < other.begin : one.end > other.end;
    });
    std::string out;
    std::size_t done = 0;
    for (const Span& span : spans) {
        if (span.begin >= done) {
            out.append(text.substr(done, span.begin - done)).append(labels_[span.label]);
        }
        done = std::max(done, span.end);
    }
    return out.append(text.substr(done));
}

} // namespace jit::io
