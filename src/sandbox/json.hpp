#pragma once

#include "util/result.hpp"
#include "util/time.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace jit::sandbox {

/// Where JSON text stops being JSON.
struct JsonFault {
    std::size_t offset = 0; ///< bytes from the start
    std::string message;
};

/// Parses one JSON text, of any depth. Refuses invalid UTF-8 and anything behind the value.
[[nodiscard]] Result<rapidjson::Document, JsonFault> parse_json(std::string_view text);

[[nodiscard]] inline std::string_view view(const rapidjson::Value& string) {
    return {string.GetString(), string.GetStringLength()};
}

/// The text with every byte that is not part of valid UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

/// Writes a string value, which must be valid UTF-8.
template <typename Writer>
void put(Writer& writer, std::string_view value) {
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

/// Writes a member's name.
template <typename Writer>
void put_key(Writer& writer, std::string_view name) {
    writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

/// Writes a member with a string value, which must be valid UTF-8.
template <typename Writer>
void put(Writer& writer, std::string_view name, std::string_view value) {
    put_key(writer, name);
    put(writer, value);
}

/// Writes a time as RFC 3339 has it, or null.
template <typename Writer>
void put_time(Writer& writer, const std::optional<TimePoint>& time) {
    if (time) {
        put(writer, format_rfc3339(*time));
    } else {
        writer.Null();
    }
}

[[nodiscard]] inline std::string text_of(const rapidjson::StringBuffer& buffer) {
    return {buffer.GetString(), buffer.GetSize()};
}

} // namespace jit::sandbox
