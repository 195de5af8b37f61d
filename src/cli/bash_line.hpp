#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jit::cli {

/// A command line as bash hands it to a completion function, up to the cursor.
struct BashLine {
    std::vector<std::string> words = {}; ///< before the one at the cursor, as a program would get them
    std::string current = {};            ///< what the word at the cursor comes to so far
    std::string kept = {};               ///< the part of it, as typed, that readline is about to replace
    char quote = '\0';                   ///< the quote that is open at the cursor: ' or ", or none
};

/// Splits a line as bash does, without its expansions. `breaks` is COMP_WORDBREAKS: readline replaces only
/// what stands behind the last of these characters, or behind an open quote.
[[nodiscard]] BashLine parse_bash_line(std::string_view line, std::string_view breaks);

/// What is to stand in the place of `kept` so that the word becomes `word`, which begins as `current` does
/// (ASCII case does not count): what was typed stays, and the rest is quoted as it must be there.
[[nodiscard]] std::string bash_completion(const BashLine& line, std::string_view word);

} // namespace jit::cli
