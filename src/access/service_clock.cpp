#include "access/service_clock.hpp"

#include "util/private_file.hpp"
#include "util/text.hpp"

namespace jit::access {
namespace {

using std::chrono::milliseconds;

/// One line: when it was, by the service's clock, by this machine's, and by its boot clock in milliseconds;
/// and which boot that was.
struct Told {
    TimePoint by_service;
    TimePoint by_machine;
    BootTime by_boot;
    std::string boot;
};

std::optional<Told> read(const std::string& path) {
    constexpr std::size_t k_max = 256;
    const auto text = path.empty() ? Result<std::optional<Secret>>(std::optional<Secret>())
                                   : read_private_file(path, k_max);
    if (!text || !*text) {
        return std::nullopt;
    }
    std::string_view rest = trim((*text)->reveal());
    const auto by_service = parse_rfc3339(split_first(rest, ' '));
    const auto by_machine = parse_rfc3339(split_first(rest, ' '));
    constexpr long k_century = 1000L * 86400 * 36500;
    const auto by_boot = parse_int(split_first(rest, ' '), 0, k_century);
    if (!by_service || !by_machine || !by_boot) {
        return std::nullopt;
    }
    return Told{*by_service, *by_machine, BootTime(milliseconds(*by_boot)), std::string(rest)};
}

bool is_of_this_boot(const Told& told, const Clock& clock) {
    return !told.boot.empty() && told.boot == boot_id() && told.by_boot <= clock.boot_time();
}

TimePoint service_time(const Told& told, const Clock& clock) {
    if (is_of_this_boot(told, clock)) {
        return told.by_service + (clock.boot_time() - told.by_boot);
    }
    // Where this machine's clock was set back since, what is known of it is worth nothing.
    const TimePoint now = clock.now();
    return told.by_machine <= now ? now + (told.by_service - told.by_machine) : now;
}

} // namespace

std::optional<TimePoint> remembered_service_time(const std::string& path, const Clock& clock) {
    const auto told = read(path);
    return told ? std::optional(service_time(*told, clock)) : std::nullopt;
}

void remember_service_time(const std::string& path, const Clock& clock, TimePoint service_now) {
    constexpr std::chrono::seconds k_worth_it{5}; // answers tell it to the second, and take their time
    const auto told = read(path);
    const bool known = told && is_of_this_boot(*told, clock) &&
                       std::chrono::abs(service_time(*told, clock) - service_now) < k_worth_it;
    if (path.empty() || known) {
        return;
    }
    const std::string line =
        concat({format_rfc3339(service_now), " ", format_rfc3339(clock.now()), " ",
                std::to_string(clock.boot_time().time_since_epoch().count()), " ", boot_id(), "\n"});
    (void)write_private_file(path, line).has_value();
}

} // namespace jit::access
