#include "sandbox/form.hpp"

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
