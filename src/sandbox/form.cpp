#include "sandbox/form.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <cstddef>

namespace jit::sandbox {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Takes the text up to the next `&` off the front, and the `&` with it.
std::string_view next_field(std::string_view& text) {
    const std::size_t end = text.find('&');
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return field;
}

/// A parameter of a header's value: `boundary` of `multipart/form-data; boundary="x"`. Empty where there is
/// none.
std::string_view parameter(std::string_view header, std::string_view name) {
    (void)split_first(header, ';');
    while (!header.empty()) {
        std::string_view value = split_first(header, ';');
        const std::string_view key = trim(split_first(value, '='));
        value = trim(value);
        if (to_lower(key) == name) {
            const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
            return quoted ? value.substr(1, value.size() - 2) : value;
        }
    }
    return {};
}

struct Part {
    std::string_view name;
    std::string_view value; ///< a piece of the body
};

/// The name in the head of a part; empty where it has none.
std::string_view name_of_part(std::string_view head) {
    while (!head.empty()) {
        std::string_view line = trim(split_first(head, '\n'));
        if (to_lower(split_first(line, ':')) == "content-disposition") {
            return parameter(line, "name");
        }
    }
    return {};
}

std::optional<std::vector<Part>> parts_of(std::string_view body, std::string_view content_type) {
    const std::string_view boundary = parameter(content_type, "boundary");
    const std::string mark = concat({"--", boundary});
    std::size_t at = body.find(mark);
    if (boundary.empty() || at == std::string_view::npos) {
        return std::nullopt;
    }
    std::vector<Part> parts;
    const std::string next_mark = concat({"\r\n", mark});
    for (at += mark.size();;) {
        const std::string_view rest = body.substr(at);
        if (rest.substr(0, 2) == "--") {
            return parts;
        }
        const std::size_t head_end = rest.find("\r\n\r\n");
        const std::size_t end =
            head_end == std::string_view::npos ? head_end : rest.find(next_mark, head_end + 2);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        const std::size_t value =
            std::min(head_end + 4, end); // an empty value shares its line end with the mark
        parts.push_back({name_of_part(rest.substr(0, head_end)), rest.substr(value, end - value)});
        at += end + next_mark.size();
    }
}

} // namespace

std::string form_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i] == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> fields;
    while (!text.empty()) {
        const std::string_view field = next_field(text);
        const std::size_t equals = field.find('=');
        if (!field.empty()) {
            const std::string_view value =
                equals == std::string_view::npos ? std::string_view() : field.substr(equals + 1);
            fields.emplace_back(form_decode(field.substr(0, equals)), form_decode(value));
        }
    }
    return fields;
}

std::optional<std::vector<std::pair<std::string, std::string>>>
parse_multipart(std::string_view body, std::string_view content_type) {
    const auto parts = parts_of(body, content_type);
    if (!parts) {
        return std::nullopt;
    }
    std::vector<std::pair<std::string, std::string>> fields;
    for (const Part& part : *parts) {
        fields.emplace_back(part.name, part.value);
    }
    return fields;
}

std::string replace_multipart_value(std::string_view body, std::string_view content_type,
                                    std::string_view name, std::string_view replacement) {
    const auto parts = parts_of(body, content_type);
    if (!parts) {
        return std::string(replacement);
    }
    std::string out;
    const char* from = body.data();
    for (const Part& part : *parts) {
        if (part.name == name) {
            out.append(from, part.value.data());
            out += replacement;
            from = part.value.data() + part.value.size();
        }
    }
    out.append(from, body.data() + body.size());
    return out;
}

std::string replace_form_value(std::string_view text, std::string_view name, std::string_view replacement) {
    std::string out;
    while (!text.empty()) {
        const std::size_t before = text.size();
        const std::string_view field = next_field(text);
        const std::size_t equals = field.find('=');
        if (equals != std::string_view::npos && form_decode(field.substr(0, equals)) == name) {
            out += field.substr(0, equals + 1);
            out += replacement;
        } else {
            out += field;
        }
        if (before - text.size() > field.size()) {
            out.push_back('&');
        }
    }
    return out;
}

} // namespace jit::sandbox
