#include "sandbox/fault_rules.hpp"

#include "sandbox/json.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>

namespace jit::sandbox {
namespace {

struct Named {
    std::string_view method;
    std::string_view path; ///< this one, and what is below it
    std::string_view name;
};

constexpr std::array<Named, 7> k_named = {{
    {"POST", "/oauth/token", "token"},
    {"POST", "/jit-activations/v1/activate", "activate"},
    {"POST", "/jit-activations/v1/extend", "extend"},
    {"POST", "/jit-activations/v1/deactivate", "deactivate"},
    {"GET", "/entitlement-connections/v1", "connections"},
    {"GET", "/jit-activation-history/v1", "history"},
    {"GET", "/jit-activation-config/v1", "policy"},
}};

/// Whether a request counts for a rule about requests of that name.
bool is_named(const Request& request, std::string_view name) {
    if (name == "any") {
        return true;
    }
    const auto named = std::find_if(k_named.begin(), k_named.end(), [&](const Named& one) {
        return request.method == one.method &&
               (request.path == one.path || request.path.starts_with(concat({one.path, "/"})));
    });
    return named != k_named.end() && (named->name == name || (name == "get" && named->method == "GET") ||
                                      (name == "post" && named->method == "POST" && named->name != "token"));
}

/// The finalizer of SplitMix64: spreads each bit over all.
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ x >> 30U) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27U) * 0x94D049BB133111EBU;
    return x ^ x >> 31U;
}

} // namespace

FaultRules::FaultRules(std::uint32_t seed, const std::vector<FaultRule>& rules) : seed_(seed) {
    for (const FaultRule& rule : rules) {
        rules_.push_back({rule});
    }
}

/// Whether the rule befalls the newest of its requests.
bool FaultRules::befalls(std::size_t place) const {
    const Counted& counted = rules_[place];
    if (counted.rule.percent) {
        const std::uint64_t drawn = mixed(mixed(mixed(seed_) + place) + counted.requests);
        return static_cast<double>(drawn >> 11U) * 0x1p-53 * 100 < *counted.rule.percent;
    }
    return counted.rule.first <= counted.requests && counted.requests <= counted.rule.last;
}

template <typename Counts>
std::optional<Fault> FaultRules::choose(Counts counts) {
    std::optional<Fault> chosen;
    for (std::size_t place = 0; place < rules_.size(); ++place) {
        Counted& counted = rules_[place];
        if (!counts(counted.rule.request)) {
            continue;
        }
        ++counted.requests;
        if (!chosen && befalls(place)) {
            ++counted.hits;
            chosen = counted.rule.fault;
        }
    }
    return chosen;
}

std::optional<Fault> FaultRules::on_request(const Request& request) {
    return choose([&request](std::string_view name) { return is_named(request, name); });
}

std::optional<Fault> FaultRules::on_connection() {
    return choose([](std::string_view name) { return name == "connection"; });
}

void FaultRules::restart() {
    for (Counted& counted : rules_) {
        counted.requests = 0;
        counted.hits = 0;
    }
}

bool FaultRules::by_chance() const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [](const Counted& counted) { return counted.rule.percent.has_value(); });
}

std::string FaultRules::json() const {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    put_key(writer, "seed");
    writer.Uint(seed_);
    put_key(writer, "faults");
    writer.StartArray();
    for (const Counted& counted : rules_) {
        writer.StartObject();
        put(writer, "fault", valid_utf8(counted.rule.text));
        put_key(writer, "requests");
        writer.Uint64(counted.requests);
        put_key(writer, "hits");
        writer.Uint64(counted.hits);
        writer.EndObject();
    }
    writer.EndArray();
    writer.EndObject();
    return text_of(buffer);
}

} // namespace jit::sandbox
