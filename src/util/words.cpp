#include "util/words.hpp"

#include <utility>

namespace jit {

std::optional<std::vector<std::string>> split_words(std::string_view line) {
    std::vector<std::string> words;
    std::optional<std::string> word; // one that has begun, if it has no letter yet
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (quote == '\0' && blank) {
            if (word) {
                words.push_back(*std::exchange(word, std::nullopt));
            }
            continue;
        }
        if (!word) {
            word.emplace();
        }
        if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
            word->push_back(line[++i]);
        } else if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if (quote != '\0' && c == quote) {
            quote = '\0';
        } else {
            word->push_back(c);
        }
    }
    if (word) {
        words.push_back(*std::move(word));
    }
    return quote == '\0' && !words.empty() ? std::optional(std::move(words)) : std::nullopt;
}

} // namespace jit
