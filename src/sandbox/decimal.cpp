#include "sandbox/decimal.hpp"

#include <charconv>

namespace jit::sandbox {

std::optional<double> parse_decimal(std::string_view text, double least, double most) {
    double value = 0;
    const auto [end, fault] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (fault != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most)) {
        return std::nullopt;
    }
    return value;
}

} // namespace jit::sandbox
