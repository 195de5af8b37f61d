#include "json/properties.hpp"

#include "util/text.hpp"
#include "json/writer.hpp"

namespace jit::json {

std::string encode_properties(const std::vector<Property>& facts, Layout layout) {
    StringBuffer buffer;
    const auto write = [&](auto&& writer) {
        writer.StartObject();
        for (const Property& fact : facts) {
            writer.Key(fact.name.data(), static_cast<rapidjson::SizeType>(fact.name.size()));
            writer.StartObject();
            writer.Key("value");
            if (const auto* const text = std::get_if<std::string>(&fact.value)) {
                write_string(writer, *text);
            } else if (const auto* const yes = std::get_if<bool>(&fact.value)) {
                writer.Bool(*yes);
            } else if (const auto* const number = std::get_if<std::int64_t>(&fact.value)) {
                writer.Int64(*number);
            } else {
                writer.StartArray();
                for (const std::string& word : std::get<std::vector<std::string>>(fact.value)) {
                    write_string(writer, word);
                }
                writer.EndArray();
            }
            if (!fact.from.empty()) {
                write_member(writer, "from", fact.from);
            }
            writer.EndObject();
        }
        writer.EndObject();
    };
    if (layout == Layout::one_line) {
        write(rapidjson::Writer<StringBuffer>(buffer));
    } else {
        rapidjson::PrettyWriter<StringBuffer> writer(buffer);
        constexpr unsigned k_indent = 2;
        writer.SetIndent(' ', k_indent);
        write(writer);
    }
    return sanitize_json(view(buffer));
}

} // namespace jit::json
