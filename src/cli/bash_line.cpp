#include "cli/bash_line.hpp"

#include <utility>

namespace jit::cli {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

bool is_any_of(char c, std::string_view set) {
    return set.find(c) != std::string_view::npos;
}

/// Characters that bash never treats specially.
bool is_plain(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || static_cast<unsigned char>(c) >= 0x80 || is_any_of(c, "_./:=@%+,-");
}

} // namespace

BashLine parse_bash_line(std::string_view line, std::string_view breaks) {
    BashLine parsed;
    bool in_word = false;
    std::size_t word_from = line.size();
    std::size_t quote_from = line.size();
    std::size_t end = line.size();
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (parsed.quote == '\0' && is_blank(c)) {
            if (std::exchange(in_word, false)) {
                parsed.words.push_back(std::exchange(parsed.current, {}));
            }
            word_from = line.size();
            continue;
        }
        if (!std::exchange(in_word, true)) {
            word_from = i;
        }
        if (c == '\\' && parsed.quote != '\'') {
            if (i + 1 == line.size()) {
                end = i; // it quotes nothing yet
                break;
            }
            const char next = line[++i];
            if (parsed.quote == '"' && !is_any_of(next, "$`\"\\")) {
                parsed.current += c;
            }
            parsed.current += next;
        } else if (c == parsed.quote && c != '\0') {
            parsed.quote = '\0';
        } else if (parsed.quote == '\0' && is_any_of(c, "'\"")) {
            parsed.quote = c;
            quote_from = i + 1;
        } else {
            parsed.current += c;
            if (parsed.quote == '\0' && is_any_of(c, breaks)) {
                word_from = i + 1;
            }
        }
    }
    // Readline has the word begin behind a quote that is open.
    const std::size_t kept_from = parsed.quote != '\0' ? quote_from : word_from;
    parsed.kept = line.substr(kept_from, end - kept_from);
    return parsed;
}

std::string bash_completion(const BashLine& line, std::string_view word) {
    std::string out = line.kept;
    for (const char c : word.substr(line.current.size())) {
        if (line.quote == '\'' && c == '\'') {
            out += "'\\''";
            continue;
        }
        if (line.quote == '"' && c == '!') {
            out +=
                "\"'!'\""; // history is expanded within these quotes, and a backslash against it would stay
            continue;
        }
        if (line.quote == '"' ? is_any_of(c, "$`\"\\") : line.quote == '\0' && !is_plain(c)) {
            out += '\\';
        }
        out += c;
    }
    if (line.quote != '\0' && !out.empty() && out.back() == line.quote) {
        out += line.quote; // readline closes a quote, but not where it takes this for its end
    }
    return out;
}

} // namespace jit::cli
