#pragma once

#include "access/context.hpp"
#include "sailpoint/model.hpp"
#include "util/result.hpp"
#include "util/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace jit::access {

/// An entitlement of mine as this machine last saw it: what a shell can offer where one is to be named.
struct CachedName {
    std::string connection; ///< its ID
    std::string name;       ///< what people call it
    std::string source;
    sailpoint::Phase phase = sailpoint::Phase::available;
    std::optional<TimePoint> expires = {};
    std::string word = {}; ///< what names it and no other: `name`, SOURCE/NAME, or the connection ID

    /// "SOURCE/NAME".
    [[nodiscard]] std::string long_name() const;
};

/// The names of my JIT connections, kept in the cache directory by every run that reads the whole list, in a
/// file for each tenant and its credentials. A name that has control characters, or is not UTF-8, is
/// not kept. A file that is broken or cannot be written is as good as none: never an error.
class NameCache {
public:
    /// Reads the file, and puts in what was done from this machine since. Makes no request.
    [[nodiscard]] static NameCache load(Context& context);

    [[nodiscard]] const std::vector<CachedName>& all() const { return names_; }

    /// Whether it is time to read the list again: there is a cache, the last time is long ago, and no try was
    /// made a moment ago.
    [[nodiscard]] bool is_stale(TimePoint now) const;

    /// Takes an entry of the list; beyond some ten thousand it takes no more.
    void add(const sailpoint::Connection& entry, TimePoint service_now);

    /// Writes the file. The entries that were added are the whole list.
    void save(Context& context);

private:
    void find_words();
    void write(Context& context) const;

    bool has_cache_ = false;
    std::vector<CachedName> names_;
    std::optional<TimePoint> read_;  ///< when the list was
    std::optional<TimePoint> tried_; ///< when somebody last began to read it only for this

    friend Result<void> refresh_names(Context& context);
};

/// Reads the list, so that its names are kept. Meant for a process in the background: asks nobody anything,
/// starts no program, and does nothing where another process is at it.
[[nodiscard]] Result<void> refresh_names(Context& context);

} // namespace jit::access
