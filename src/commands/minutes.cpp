#include "commands/minutes.hpp"

#include "commands/registry.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <limits>

namespace jit::commands {
namespace {

constexpr std::int32_t k_max = std::numeric_limits<std::int32_t>::max();

} // namespace

void declare_length(OptionSet& set, Length& length, const std::string& help) {
    Option& minutes = set.whole_number("-m,--minutes", length.minutes, 1, k_max, help);
    minutes.takes("N").in(k_request_group);
    const auto read_duration = [&length](const std::string& text) -> Result<void> {
        const auto duration = parse_duration(text);
        if (!duration) {
            return usage_error(concat({"--duration: \"", text, "\" is not a duration; write 90m or 1h30m"}));
        }
        length.minutes = static_cast<std::int32_t>(whole_minutes(*duration).count());
        return {};
    };
    Option& duration = set.text("-d,--duration", read_duration, "the same as a duration: 90m, 1h30m, 2d");
    duration.takes("TIME").in(k_request_group);
    Option& until = set.text("--until", length.until, "the same as an end: 17:30, 5:30pm, 2026-11-24T17:30");
    until.takes("WHEN").in(k_request_group);
    minutes.excludes(duration).excludes(until);
    duration.excludes(until);
}

bool has_length(const access::Context& context, const Length& length) {
    const config::Settings* const settings = context.loaded_settings();
    return length.minutes != 0 || !length.until.empty() || (settings != nullptr && settings->default_minutes);
}

Error no_length() {
    return usage_error("say how long: -m 60", "or set defaults.minutes in the configuration file");
}

Result<std::optional<TimePoint>> read_until(const Length& length, TimePoint now) {
    if (length.until.empty()) {
        return std::optional<TimePoint>();
    }
    const auto until = parse_time(length.until, now);
    if (!until) {
        return usage_error(
            concat({"--until: \"", length.until, "\" ", until.error().message, "; nothing was sent"}),
            "say 17:30 or 5:30pm, or 2026-11-24T17:30, or any of them with a zone: 16:30Z");
    }
    if (*until <= now) {
        return usage_error(concat({"--until: \"", length.until, "\" is past; nothing was sent"}));
    }
    return std::optional(*until);
}

Result<std::int32_t> minutes_until(TimePoint until, TimePoint from) {
    const auto minutes = whole_minutes(until - from).count();
    if (minutes > k_max) {
        return usage_error("--until is too far away; nothing was sent");
    }
    return static_cast<std::int32_t>(std::max<std::int64_t>(1, minutes));
}

Result<std::int32_t> minutes_for(access::Context& context, const Length& length,
                                 const access::Target& target) {
    if (target.minutes_from_file) {
        return *target.minutes_from_file;
    }
    JIT_TRY(const auto until, read_until(length, context.now()));
    if (until) {
        return minutes_until(*until, context.now());
    }
    JIT_TRY(const config::Settings* const settings, context.settings());
    if (length.minutes != 0) {
        return length.minutes;
    }
    if (target.minutes) {
        return static_cast<std::int32_t>(*target.minutes);
    }
    if (settings->default_minutes) {
        return static_cast<std::int32_t>(settings->default_minutes->value);
    }
    return no_length();
}

} // namespace jit::commands
