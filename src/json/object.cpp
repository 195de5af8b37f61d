#include "json/object.hpp"

#include "util/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <utility>

namespace jit::json {
namespace {

/// Writes an object again as it is parsed: leaves out the members of the outermost level that are replaced or
/// not wanted, and adds the replacements at its end.
template <typename Writer>
class Rewriter {
public:
    /// `only`: the names that are wanted; none: all.
    Rewriter(Writer& writer, const std::vector<Member>& members, const std::vector<std::string>& only)
        : writer_(writer), members_(members), only_(only), missing_(only) {}

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
                                    [name](const Member& added) { return added.name == name; }) ||
                        !take_wanted(name);
        }
        return skipping_ || writer_.Key(text, size);
    }
    bool EndObject(rapidjson::SizeType /*count*/) {
        if (leave()) {
            return true;
        }
        if (depth_ == 0) {
            add_members();
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

    /// Whether a member is wanted; one that was missing is so no more.
    bool take_wanted(std::string_view name) {
        const auto found = std::find(missing_.begin(), missing_.end(), name);
        if (found != missing_.end()) {
            missing_.erase(found);
            return true;
        }
        return only_.empty();
    }

    void add_members() {
        for (const Member& added : members_) {
            if (!take_wanted(added.name)) {
                continue;
            }
            if (added.is_json) {
                writer_.Key(added.name.data(), static_cast<rapidjson::SizeType>(added.name.size()));
                const std::vector<Member> no_members;
                const std::vector<std::string> all;
                Rewriter<Writer> inner(writer_, no_members, all);
                (void)parse_events(added.value, inner);
            } else {
                write_member(writer_, added.name, added.value);
            }
        }
        for (const std::string& name : missing_) {
            writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
            writer_.Null();
        }
    }

    Writer& writer_;
    const std::vector<Member>& members_;
    const std::vector<std::string>& only_;
    std::vector<std::string> missing_; ///< of those that are wanted
    int depth_ = 0;
    bool skipping_ = false;
};

template <typename Writer>
std::string rewrite(Writer& writer, const StringBuffer& buffer, std::string_view object,
                    const std::vector<Member>& members, const std::vector<std::string>& only) {
    Rewriter<Writer> rewriter(writer, members, only);
    return parse_events(object, rewriter) ? sanitize_json(view(buffer)) : "{}";
}

} // namespace

std::string encode_object(std::string_view object, const std::vector<Member>& members, Layout layout,
                          const std::vector<std::string>& only) {
    StringBuffer buffer;
    if (layout == Layout::one_line) {
        rapidjson::Writer<StringBuffer> writer(buffer);
        return rewrite(writer, buffer, object, members, only);
    }
    rapidjson::PrettyWriter<StringBuffer> writer(buffer);
    constexpr unsigned k_indent = 2;
    writer.SetIndent(' ', k_indent);
    return rewrite(writer, buffer, object, members, only);
}

} // namespace jit::json
