#pragma once

/// What all writers of JSON share. To be included by sources alone, as json/reader.hpp.

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string_view>

namespace jit::json {

using StringBuffer = rapidjson::StringBuffer;

template <typename Writer>
void write_string(Writer& writer, std::string_view text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

template <typename Writer>
void write_member(Writer& writer, std::string_view name, std::string_view value) {
    writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    write_string(writer, value);
}

inline std::string_view view(const StringBuffer& buffer) {
    return {buffer.GetString(), buffer.GetSize()};
}

} // namespace jit::json
