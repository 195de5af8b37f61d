#pragma once

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <optional>
#include <string>
#include <string_view>

namespace jit::fuzz {

/// JSON as another parser than the program's reads it, written anew: without blanks, every number as a text.
/// Empty where it is none.
inline std::optional<std::string> canonical(std::string_view json) {
    rapidjson::MemoryStream stream(json.data(), json.size());
    rapidjson::Document document;
    document.ParseStream<rapidjson::kParseNumbersAsStringsFlag>(stream);
    if (document.HasParseError() || stream.Tell() != json.size()) {
        return std::nullopt;
    }
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    document.Accept(writer);
    return std::string(buffer.GetString(), buffer.GetSize());
}

} // namespace jit::fuzz
