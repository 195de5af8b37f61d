#pragma once

#include "access/access_cache.hpp"
#include "access/context.hpp"
#include "access/target.hpp"
#include "util/result.hpp"
#include "util/uuid.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jit::access {

/// Targets in the order in which they were asked for, each connection once. Connection IDs from a file take a
/// few bytes each, so that there may be very many.
class TargetList {
public:
    /// The targets that words mean, and then those of a file (`-`: standard input), one a line: an
    /// entitlement as on the command line, or `{"entitlement": …, "minutes": …}`. Blank lines and those that
    /// begin with # are left out. Code 2 for lines that are neither, or give a connection different minutes;
    /// code 5 for names that mean none or several; the error has the numbers of the lines. Sends nothing but
    /// what reads the list of connections, where names or `wanted.entries` need it.
    [[nodiscard]] static Result<TargetList> read(Context& context, const std::vector<std::string>& words,
                                                 const std::optional<std::string>& file,
                                                 const ResolveOptions& wanted);

    explicit TargetList(std::vector<Target> targets);

    [[nodiscard]] std::size_t size() const { return items_.size(); }
    [[nodiscard]] Target at(std::size_t place) const;

    /// All of them: for lists that are not long.
    [[nodiscard]] std::vector<Target> all() const;

    /// Whether an alias that named one has a command that shows that its access works.
    [[nodiscard]] bool any_ready_command() const;

    /// The function of that name, for targets with entries.
    [[nodiscard]] Result<void> wait_for_consistency(Context& context) {
        return access::wait_for_consistency(context, known_);
    }

private:
    struct Item {
        Uuid::Bits connection;
        std::int32_t minutes = 0; ///< of its line; 0: none
        std::uint32_t known = 0;  ///< index into `known_`, from 1; 0: a connection ID as it is
    };

    TargetList() = default;
    void put_in(std::vector<std::vector<Target>> resolved);
    [[nodiscard]] Result<void> drop_duplicates();

    std::vector<Item> items_;
    std::vector<Target> known_;
};

} // namespace jit::access
