#include "commands/minutes.hpp"

#include "commands/registry.hpp"
#include "config/settings.hpp"
#include "io/prompt.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace jit::commands {
namespace {

constexpr std::int32_t k_max = std::numeric_limits<std::int32_t>::max();

Error no_length() {
    return usage_error("say how long: -m 60", "or set defaults.minutes in the configuration file");
}

} // namespace

void declare_length(OptionSet& set, Length& length, const std::string& help) {
    const auto read_number = [&length](const std::string& text) -> Result<void> {
        const auto number = parse_int(text, 1, k_max);
        if (!number) {
            const bool duration = parse_duration(text).has_value();
            return usage_error(
                concat({"--minutes: \"", text, "\" is not a whole number from 1 to ", std::to_string(k_max),
                        duration ? concat({"; for a duration write -d ", text}) : ""}));
        }
        length.minutes = static_cast<std::int32_t>(*number);
        return {};
    };
    Option& minutes = set.text("-m,--minutes", read_number, help);
    minutes.takes("N").in(k_request_group);
    const auto read_duration = [&length](const std::string& text) -> Result<void> {
        const auto duration = parse_duration(text);
        if (!duration) {
            const bool number = parse_int(text, 1, k_max).has_value();
            return usage_error(
                concat({"--duration: \"", text, "\" is not a duration; write ",
                        number ? concat({text, "m for minutes, or -m ", text}) : "90m or 1h30m"}));
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

namespace {

/// What the configuration says, for these targets or in general: minutes, and where they are from.
std::vector<std::pair<long, std::string>> offers_for(const config::Settings& settings,
                                                     const std::vector<access::Target>& targets) {
    std::vector<std::pair<long, std::string>> offers;
    if (settings.default_minutes) {
        offers.emplace_back(settings.default_minutes->value, "the default");
    }
    for (const auto& [key, alias] : settings.aliases) {
        const bool names_one =
            std::any_of(targets.begin(), targets.end(), [&alias = alias](const access::Target& target) {
                return std::any_of(alias.entitlements.begin(), alias.entitlements.end(),
                                   [&target](const std::string& name) {
                                       return fold_case(name) == fold_case(target.title()) ||
                                              Uuid::parse(trim(name)) == target.connection;
                                   });
            });
        if (names_one && alias.minutes) {
            offers.emplace_back(alias.minutes->value, concat({"alias ", alias.name}));
        }
    }
    return offers;
}

/// "60", "90m" or "1h30m" in minutes.
std::optional<std::int32_t> read_minutes(std::string_view text) {
    if (const auto number = parse_int(text, 1, k_max)) {
        return static_cast<std::int32_t>(*number);
    }
    const auto duration = parse_duration(text);
    return duration ? std::optional(static_cast<std::int32_t>(whole_minutes(*duration).count()))
                    : std::nullopt;
}

} // namespace

Result<void> ask_length(access::Context& context, Length& length, const access::TargetList& list,
                        bool chosen) {
    if (length.minutes != 0 || !length.until.empty() || !context.interactive()) {
        return {};
    }
    const std::vector<access::Target> targets = list.all();
    const bool all_have = std::all_of(targets.begin(), targets.end(), [](const access::Target& target) {
        return target.minutes || target.minutes_from_file;
    });
    if (targets.empty() || (!chosen && (all_have || context.loaded_settings()->default_minutes))) {
        return {};
    }
    const auto offers = offers_for(*context.loaded_settings(), targets);
    std::string question = "How many minutes?";
    for (std::size_t i = 0; i < offers.size(); ++i) {
        question += concat({i == 0 ? " [" : "", std::to_string(offers[i].first), ": ", offers[i].second,
                            i + 1 < offers.size() ? ", " : "]"});
    }
    for (;;) {
        JIT_TRY(const Secret answer, io::ask(context.console(), context.interrupt(), question + " "));
        const std::string_view word = trim(answer.reveal());
        if (word.empty() && offers.empty()) {
            return usage_error("the question for the minutes was not answered; nothing was sent",
                               "say how long: -m 60");
        }
        const auto minutes =
            word.empty() ? static_cast<std::int32_t>(offers.front().first) : read_minutes(word).value_or(0);
        if (minutes != 0) {
            length.minutes = minutes;
            return {};
        }
        context.console().message("write 60, 60m or 1h30m\n");
    }
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
