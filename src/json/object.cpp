#include "json/object.hpp"

#include "util/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <utility>

namespace jit::json {
namespace {

/// Writes an object again as it is parsed: leaves out the members of the outermost level that are replaced,
/// and adds the replacements at its end.
template <typename Writer>
class Rewriter {
public:
    Rewriter(Writer& writer, const std::vector<Member>& members) : writer_(writer), members_(members) {}

    // NOLINTBEGIN(readability-identifier-naming)
    bool Null() { return consume_skip() || writer_.Null(); }
    bool Bool(bool value) { return consume_skip() || writer_.Bool(value); }
    // Numbers come as text (k_flags); RapidJSON asks for these all the same.
    bool Int(int value) { return consume_skip() || writer_.Int(value); }
    bool Uint(unsigned value) { return consume_skip() || writer_.Uint(value); }
    bool Int64(std::int64_t value) { return consume_skip() || writer_.Int64(value); }
    bool Uint64(std::uint64_t value) { return consume_skip() || writer_.Uint64(value); }
    bool Double(double value) { return consume_skip() || writer_.Double(value); }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return consume_skip() || writer_.RawValue(text, size, rapidjson::kNumberType);
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return consume_skip() || writer_.String(text, size);
    }
    bool StartObject() { return enter() || writer_.StartObject(); }
    bool StartArray() { return enter() || writer_.StartArray(); }
    bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        if (depth_ == 1) {
            const std::string_view name(text, size);
            skipping_ = std::any_of(members_.begin(), members_.end(),
                                    [name](const Member& added) { return added.name == name; });
        }
        return skipping_ || writer_.Key(text, size);
    }
    bool EndObject(rapidjson::SizeType /*count*/) {
        if (leave()) {
            return true;
        }
        if (depth_ == 0) {
            for (const Member& added : members_) {
                if (added.is_json) {
                    writer_.Key(added.name.data(), static_cast<rapidjson::SizeType>(added.name.size()));
                    const std::vector<Member> none;
                    Rewriter<Writer> inner(writer_, none);
                    (void)parse_events(added.value, inner);
                } else {
                    write_member(writer_, added.name, added.value);
                }
            }
        }
        return writer_.EndObject();
    }
    bool EndArray(rapidjson::SizeType /*count*/) { return leave() || writer_.EndArray(); }
    // NOLINTEND(readability-identifier-naming)

private:
    /// Whether a single value belongs to a member that is left out.
    bool consume_skip() { return std::exchange(skipping_, skipping_ && depth_ > 1); }
    bool enter() {
        ++depth_;
        return skipping_;
    }
    /// Leaves an object or array; true where it was part of a member that is left out.
    bool leave() {
        --depth_;
        return consume_skip();
    }

    Writer& writer_;
    const std::vector<Member>& members_;
    int depth_ = 0;
    bool skipping_ = false;
};

template <typename Writer>
std::string rewrite(Writer& writer, const StringBuffer& buffer, std::string_view object,
                    const std::vector<Member>& members) {
    Rewriter<Writer> rewriter(writer, members);
    return parse_events(object, rewriter) ? sanitize_json(view(buffer)) : "{}";
}

} // namespace

std::string encode_object(std::string_view object, const std::vector<Member>& members, Layout layout) {
    StringBuffer buffer;
    if (layout == Layout::one_line) {
        rapidjson::Writer<StringBuffer> writer(buffer);
        return rewrite(writer, buffer, object, members);
    }
    rapidjson::PrettyWriter<StringBuffer> writer(buffer);
    constexpr unsigned k_indent = 2;
    writer.SetIndent(' ', k_indent);
    return rewrite(writer, buffer, object, members);
}

} // namespace jit::json
