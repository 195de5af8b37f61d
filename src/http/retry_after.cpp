#include "http/retry_after.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace jit::http {
namespace {

constexpr std::chrono::seconds k_max = std::chrono::hours(24);

} // namespace

std::optional<TimePoint> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> k_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::size_t k_size = 29;
    if (text.size() != k_size || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
        text[16] != ' ' || text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto* const month = std::find(k_months.begin(), k_months.end(), text.substr(8, 3));
    if (month == k_months.end()) {
        return std::nullopt;
    }
    const std::string number = std::to_string(month - k_months.begin() + 1);
    return parse_rfc3339(concat({text.substr(12, 4), "-", number.size() == 1 ? "0" : "", number, "-",
                                 text.substr(5, 2), "T", text.substr(17, 8), "Z"}));
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, TimePoint now) {
    text = trim(text);
    const bool all_digits = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    if (all_digits) {
        const auto seconds = parse_int(text, 0, k_max.count());
        return seconds ? std::chrono::seconds(*seconds) : k_max;
    }
    const auto date = parse_http_date(text);
    if (!date || *date < now) {
        return std::nullopt;
    }
    return std::min(std::chrono::ceil<std::chrono::seconds>(*date - now), k_max);
}

std::optional<std::chrono::seconds> retry_after(const Response& response, TimePoint now) {
    const auto header = response.header("retry-after");
    if (!header) {
        return std::nullopt;
    }
    const auto date = response.header("date");
    return parse_retry_after(*header, (date ? parse_http_date(*date) : std::nullopt).value_or(now));
}

} // namespace jit::http
