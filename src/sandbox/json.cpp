#include "sandbox/json.hpp"

#include <rapidjson/error/en.h>

#include <cstdint>

namespace jit::sandbox {
namespace {

/// The length of the valid UTF-8 character (RFC 3629) that `text` starts with, or 0.
std::size_t character_length(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80U) {
        return 1;
    }
    const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
    if (first < 0xC2U || first > 0xF4U || text.size() < length) {
        return 0;
    }
    // The second byte also rules out long forms, surrogates and what lies behind U+10FFFF.
    const unsigned least = first == 0xE0U ? 0xA0U : first == 0xF0U ? 0x90U : 0x80U;
    const unsigned most = first == 0xEDU ? 0x9FU : first == 0xF4U ? 0x8FU : 0xBFU;
    if (byte(1) < least || byte(1) > most) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    return length;
}

} // namespace

Result<rapidjson::Document, JsonFault> parse_json(std::string_view text) {
    // Without the iterative flag a few megabytes of '[' overflow the stack.
    constexpr unsigned k_flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    rapidjson::Document document;
    document.Parse<k_flags>(text.data(), text.size());
    if (document.HasParseError()) {
        return JsonFault{document.GetErrorOffset(), rapidjson::GetParseError_En(document.GetParseError())};
    }
    return document;
}

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return out;
}

} // namespace jit::sandbox
