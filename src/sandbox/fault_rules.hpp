#pragma once

#include "sandbox/fault.hpp"
#include "sandbox/http_message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::sandbox {

/// The rules in force, and how often each was asked. Chance is a function of the seed, the rule's place and
/// the number of the request among those that count for the rule: the same requests get the same faults.
class FaultRules {
public:
    explicit FaultRules(std::uint32_t seed, const std::vector<FaultRule>& rules = {});

    /// Counts a request that was read. Its fault, by the first rule that fits.
    [[nodiscard]] std::optional<Fault> on_request(const Request& request);

    /// Counts a connection that was accepted. Its fault, by the first rule that fits.
    [[nodiscard]] std::optional<Fault> on_connection();

    /// Counts from the first request again.
    void restart();

    [[nodiscard]] std::uint32_t seed() const { return seed_; }

    /// Whether any rule goes by chance.
    [[nodiscard]] bool by_chance() const;

    /// The seed, and each rule with how often it was asked and how often it hit.
    [[nodiscard]] std::string json() const;

private:
    struct Counted {
        FaultRule rule;
        std::uint64_t requests = 0; ///< that count for it
        std::uint64_t hits = 0;
    };

    template <typename Counts>
    [[nodiscard]] std::optional<Fault> choose(Counts counts);
    [[nodiscard]] bool befalls(std::size_t place) const;

    std::uint32_t seed_;
    std::vector<Counted> rules_;
};

} // namespace jit::sandbox
