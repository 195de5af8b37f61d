#pragma once

#include "base/secret.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::io {

/// Knows the secrets of this run and takes them out of any text that is about to be shown, wherever it came
/// from: an HTTP exchange, or an error in which the server repeats what it was sent.
class Redactor {
public:
    /// From now on `secret`, as it is, percent-encoded and as JSON writes it, is shown as `[label]`. Less
    /// than 8 characters are ignored: replacing those would garble ordinary text, and no real credential is
    /// that short.
    void add(const Secret& secret, std::string_view label);

    [[nodiscard]] std::string apply(std::string_view text) const;

private:
    std::vector<std::pair<Secret, std::string>> secrets_;
};

} // namespace jit::io
