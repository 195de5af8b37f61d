#pragma once

/// Reads JSON that anybody may have written. Nothing that is read can crash the program, and reading takes at
/// most some 20 times the memory of the text: parsing does not recurse, nesting is limited to 64 levels and
/// numbers to the range of a double, the encoding is checked, and every type is looked at before use. Only
/// sources include it, since RapidJSON is slow to compile.

#include <cstdint>
#include <optional>
#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <string_view>
#include <vector>

namespace jit::json {

inline constexpr int k_deepest = 64;
inline constexpr unsigned k_flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                                    rapidjson::kParseNumbersAsStringsFlag;

using Value = rapidjson::Value;

/// Hands the parser's events on to another handler, and ends the parse where they nest too deep.
template <typename Handler>
class DepthLimit {
public:
    explicit DepthLimit(Handler& handler) : handler_(handler) {}

    // The names are RapidJSON's: a handler is found by them.
    // NOLINTBEGIN(readability-identifier-naming)
    bool Null() { return handler_.Null(); }
    bool Bool(bool value) { return handler_.Bool(value); }
    bool Int(int value) { return handler_.Int(value); }
    bool Uint(unsigned value) { return handler_.Uint(value); }
    bool Int64(std::int64_t value) { return handler_.Int64(value); }
    bool Uint64(std::uint64_t value) { return handler_.Uint64(value); }
    bool Double(double value) { return handler_.Double(value); }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
        return handler_.RawNumber(text, size, copy);
    }
    bool String(const char* text, rapidjson::SizeType size, bool copy) {
        return handler_.String(text, size, copy);
    }
    bool StartObject() { return ++depth_ <= k_deepest && handler_.StartObject(); }
    bool Key(const char* text, rapidjson::SizeType size, bool copy) { return handler_.Key(text, size, copy); }
    bool EndObject(rapidjson::SizeType count) { return --depth_ >= 0 && handler_.EndObject(count); }
    bool StartArray() { return ++depth_ <= k_deepest && handler_.StartArray(); }
    bool EndArray(rapidjson::SizeType count) { return --depth_ >= 0 && handler_.EndArray(count); }
    // NOLINTEND(readability-identifier-naming)

private:
    Handler& handler_;
    int depth_ = 0;
};

/// Sends the events of a text to a handler. False where the text is not JSON, or the handler ended it.
template <typename Handler>
bool parse_events(rapidjson::MemoryStream& stream, Handler& handler) {
    DepthLimit<Handler> limit(handler);
    rapidjson::Reader reader;
    // RapidJSON takes a NUL for the end.
    return !reader.Parse<k_flags>(stream, limit).IsError() && stream.src_ == stream.end_;
}
template <typename Handler>
bool parse_events(std::string_view text, Handler& handler) {
    rapidjson::MemoryStream stream(text.data(), text.size());
    return parse_events(stream, handler);
}

/// A document whose root is an object. Numbers are kept as they are written, as strings.
class ObjectDocument {
public:
    explicit ObjectDocument(std::string_view text) {
        bool good = false;
        const auto generate = [text, &good](auto& handler) {
            good = parse_events(text, handler);
            return good;
        };
        document_.Populate(generate);
        good_ = good && document_.IsObject();
    }

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] const Value& root() const { return document_; }

private:
    rapidjson::Document document_;
    bool good_ = false;
};

inline std::string_view text_of(const Value& value) {
    if (value.IsString()) {
        return {value.GetString(), value.GetStringLength()};
    }
    if (value.IsBool()) {
        return value.GetBool() ? "true" : "false";
    }
    return {};
}

/// A member of an object as text; empty where there is none, or it is not a single value.
inline std::string_view member(const Value& object, const char* name) {
    if (!object.IsObject()) {
        return {};
    }
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? std::string_view() : text_of(found->value);
}

/// A member of an object that is itself an object or a list; null where there is none.
inline const Value* child(const Value& object, const char* name) {
    if (!object.IsObject()) {
        return nullptr;
    }
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
}

/// The same by a path: `text_at(hit, "entitlement", "displayName")`.
inline std::string_view text_at(const Value& object, const char* group, const char* name) {
    const Value* const inner = child(object, group);
    return inner == nullptr ? std::string_view() : member(*inner, name);
}

} // namespace jit::json
