#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace jit {

/// A UUID (RFC 9562) in the one spelling that the API accepts: lower case, with hyphens.
class Uuid {
public:
    /// Takes 32 hexadecimal digits, or the same in groups of 8-4-4-4-12 with hyphens, in any case; nothing
    /// else: no braces, no `urn:`, no spaces.
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);

    [[nodiscard]] const std::string& str() const { return text_; }

    /// Its 128 bits, for where there are very many.
    using Bits = std::array<unsigned char, 16>;
    [[nodiscard]] Bits bits() const;
    [[nodiscard]] static Uuid of(const Bits& bits);

    friend bool operator==(const Uuid&, const Uuid&) = default;

private:
    explicit Uuid(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// An ID in the form that `connectionId` has in every output: with hyphens. What is no UUID stays as it is.
[[nodiscard]] std::string hyphenated(const std::string& id);

} // namespace jit
