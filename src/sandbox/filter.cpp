#include "sandbox/filter.hpp"

#include "util/text.hpp"

#include <cstddef>

namespace jit::sandbox {
namespace {

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<std::vector<Comparison>, std::string> parse() {
        std::vector<Comparison> comparisons;
        for (;;) {
            JIT_TRY(Comparison comparison, read_comparison());
            comparisons.push_back(std::move(comparison));
            skip_blanks();
            if (at_ == text_.size()) {
                return comparisons;
            }
            const std::size_t start = at_;
            const std::string_view word = read_word();
            if (word != "and") {
                at_ = start;
                return fault("expected \"and\" or the end");
            }
        }
    }

private:
    static bool is_blank(char c) { return c == ' ' || c == '\t'; }
    static bool is_mark(char c) { return c == '"' || c == '(' || c == ')' || c == ','; }

    [[nodiscard]] std::string fault(std::string_view what) const {
        return concat({what, " at character ", std::to_string(at_ + 1)});
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) {
            ++at_;
        }
    }

    /// What stands up to the next blank or mark; may be empty.
    std::string_view read_word() {
        skip_blanks();
        const std::size_t start = at_;
        while (at_ < text_.size() && !is_blank(text_[at_]) && !is_mark(text_[at_])) {
            ++at_;
        }
        return text_.substr(start, at_ - start);
    }

    bool skip_mark(char mark) {
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == mark) {
            ++at_;
            return true;
        }
        return false;
    }

    Result<Comparison, std::string> read_comparison() {
        Comparison comparison;
        comparison.field = read_word();
        if (comparison.field.empty()) {
            return fault("expected a field");
        }
        comparison.word = read_word();
        if (comparison.word.empty()) {
            return fault("expected an operator");
        }
        if (comparison.word != "in") {
            JIT_TRY(FilterValue value, read_value());
            comparison.values.push_back(std::move(value));
            return comparison;
        }
        if (!skip_mark('(')) {
            return fault("expected \"(\" behind \"in\"");
        }
        do {
            JIT_TRY(FilterValue value, read_value());
            comparison.values.push_back(std::move(value));
        } while (skip_mark(','));
        if (!skip_mark(')')) {
            return fault("expected \",\" or \")\"");
        }
        return comparison;
    }

    Result<FilterValue, std::string> read_value() {
        if (skip_mark('"')) {
            return read_quoted();
        }
        const std::string_view word = read_word();
        if (word.empty()) {
            return fault("expected a value");
        }
        return FilterValue{std::string(word), false};
    }

    Result<FilterValue, std::string> read_quoted() {
        std::string value;
        for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') {
                ++at_;
                if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\\')) {
                    return fault("expected \" or \\ behind \\");
                }
            }
            value += text_[at_];
        }
        if (at_ == text_.size()) {
            return fault("expected the closing quote");
        }
        ++at_;
        if (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != ',' && text_[at_] != ')') {
            return fault("expected a space behind the value");
        }
        return FilterValue{std::move(value), true};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

Result<std::vector<Comparison>, std::string> parse_filter(std::string_view text) {
    return Parser(text).parse();
}

} // namespace jit::sandbox
