#pragma once

#include "util/secret.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::io {

/// Knows the secrets of this run and removes them from all text before it is shown: an HTTP exchange, a
/// result or an error in which the server repeats what it was sent.
class Redactor {
public:
    /// From now on `secret` is shown as `[label]`: as it is, in base64, with any of its characters
    /// percent-encoded or escaped as in JSON (also both, or again), and where it was cut short with "…". Less
    /// than 8 characters are ignored: replacing those would garble ordinary text, and no real credential is
    /// that short.
    void add(const Secret& secret, std::string_view label);

    [[nodiscard]] std::string apply(std::string_view text) const;

private:
    /// A text to look for.
    struct Needle {
        Needle(Secret sought, std::size_t of, bool whole);

        Secret text; ///< what the searcher points into; it stays where it is when this is moved
        std::boyer_moore_horspool_searcher<const char*> searcher;
        std::size_t label; ///< its place in `labels_`
        bool is_start;     ///< the first characters of a secret, which count only where it was cut
    };
    struct Span {
        std::size_t begin;
        std::size_t end;
        std::size_t label;
    };

    void add_form(std::string form, std::size_t label);
    void find_whole(std::string_view text, const std::vector<std::size_t>* places,
                    std::vector<Span>& spans) const;
    void find_cut(std::string_view text, std::vector<Span>& spans) const;

    std::vector<Secret> secrets_;
    std::vector<std::string> labels_; ///< of the secrets, as they are shown
    std::vector<Needle> needles_;
};

} // namespace jit::io
