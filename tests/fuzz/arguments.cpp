// What people type: base URLs, connection IDs, command lines, numbers, misspelt words.

#include "config/base_url.hpp"
#include "promise.hpp"
#include "util/text.hpp"
#include "util/uuid.hpp"
#include "util/words.hpp"

#include <algorithm>

using namespace jit;
using namespace jit::fuzz;

namespace {

void check_base_url(std::string_view text) {
    const auto url = config::parse_base_url(text, "--base-url");
    if (!url) {
        promise(url.error().kind == ErrorKind::usage && url.error().message.rfind("--base-url: ", 0) == 0,
                "the error of a bad URL names the setting");
        return;
    }
    const auto again = config::parse_base_url(*url, "--base-url");
    promise(again && *again == *url, "a base URL has one spelling");
    constexpr std::string_view k_characters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%:/[]";
    promise(url->find_first_not_of(k_characters) == std::string::npos, "a base URL has no odd characters");
    const std::string_view trimmed = trim(text);
    const std::string typed =
        concat({trimmed.find("://") == std::string_view::npos ? "https://" : "", trimmed});
    const bool as_typed = to_lower(typed).rfind(to_lower(*url), 0) == 0 &&
                          typed.substr(url->size()).find_first_not_of('/') == std::string::npos;
    const std::string tenant = url->substr(0, url->find('.'));
    promise(
        as_typed || (to_lower(typed).rfind(tenant, 0) == 0 && url->find(".api.") == tenant.size()),
        "a base URL is what was typed, but for slashes at its end, or the API of the tenant that was typed");
    const bool here = url->rfind("http://localhost", 0) == 0 || url->rfind("http://127.", 0) == 0 ||
                      url->rfind("http://[::1]", 0) == 0;
    promise(url->rfind("https://", 0) == 0 || here, "plain http goes to this machine only");
    promise(url->back() != '/', "a base URL has no slash at its end");
}

void check_uuid(std::string_view text) {
    const auto without_hyphens = [](std::string_view uuid) {
        std::string digits = to_lower(uuid);
        digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
        return digits;
    };
    const auto uuid = Uuid::parse(text);
    const std::string digits = without_hyphens(text);
    if (!uuid) {
        promise(text.size() != 32 || digits.size() != 32 ||
                    digits.find_first_not_of("0123456789abcdef") != std::string::npos,
                "32 hexadecimal digits are a UUID");
        return;
    }
    promise(without_hyphens(uuid->str()) == digits && digits.size() == 32, "a UUID keeps its digits");
    promise(Uuid::parse(uuid->str()) == uuid && uuid->str().size() == 36, "a UUID has one spelling");
}

void check_words(std::string_view line) {
    if (const auto words = split_words(line)) {
        promise(!words->empty(), "a command line has a word");
        std::string quoted;
        for (const std::string& word : *words) {
            quoted += quote(word) + " ";
        }
        promise(split_words(quoted) == words, "words in quotes are the same words");
    }
    promise(split_words(quote(line)) == std::vector<std::string>{std::string(line)},
            "a text in quotes is one word");
    if (line.find('\'') == std::string_view::npos) {
        promise(split_words(concat({"'", line, "'"})) == std::vector<std::string>{std::string(line)},
                "single quotes hold anything but themselves");
    }
    if (line.find_first_of("'\"\\") != std::string_view::npos) {
        return;
    }
    std::vector<std::string> words;
    for (std::string_view rest = trim(line); !rest.empty(); rest = trim(rest)) {
        const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n"));
        words.emplace_back(word);
        rest.remove_prefix(word.size());
    }
    promise(split_words(line) == (words.empty() ? std::nullopt : std::optional(words)),
            "without quotes, blanks alone part words");
}

void check_numbers(std::string_view text) {
    constexpr long k_max = 2147483647;
    if (const auto number = parse_int(text, 1, k_max)) {
        const std::string_view digits = text.substr(std::min(text.find_first_not_of('0'), text.size()));
        promise(*number >= 1 && *number <= k_max && digits == std::to_string(*number),
                "a number is the one that was typed");
    }
}

void check_nearest(std::string_view line, std::string_view rest) {
    const std::vector<std::string> words = {"activate", "deactivate", "history", std::string(rest)};
    const auto word = nearest(line, words);
    promise(!word || std::find(words.begin(), words.end(), *word) != words.end(),
            "the nearest word is one of them");
    promise(nearest(rest, {words.back()}) == rest, "the nearest of a word is itself");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    check_base_url(text);
    check_uuid(text);
    check_words(text);
    check_numbers(text);
    constexpr std::size_t k_longest = 64; // it takes the square of the length
    const TwoParts parts = two_parts(text.substr(0, k_longest));
    check_nearest(parts.line, parts.rest);
    return 0;
}
