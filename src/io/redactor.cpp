#include "io/redactor.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace jit::io {

namespace {

/// Quotes and backslashes as they stand in a JSON string.
std::string json_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    return out;
}

} // namespace

void Redactor::add(const Secret& secret, std::string_view label) {
    constexpr std::size_t k_least = 8;
    if (secret.size() < k_least) {
        return;
    }
    const std::string shown = cat({"[", label, "]"});
    for (std::string form : {percent_encode(secret.reveal()), json_escaped(secret.reveal())}) {
        if (form != secret.reveal()) {
            secrets_.emplace_back(Secret::take(form), shown);
        }
        wipe(form);
    }
    secrets_.emplace_back(secret, shown);
    // The longest first: where one secret is part of another, the whole of that goes.
    std::stable_sort(secrets_.begin(), secrets_.end(), [](const auto& one, const auto& other) {
        return one.first.size() > other.first.size();
    });
}

std::string Redactor::apply(std::string_view text) const {
    std::string out(text);
    for (const auto& [secret, shown] : secrets_) {
        std::string next;
        std::size_t done = 0;
        for (std::size_t at = out.find(secret.reveal()); at != std::string::npos;
             at = out.find(secret.reveal(), done)) {
            next.append(out, done, at - done).append(shown);
            done = at + secret.size();
        }
        if (done != 0) {
            out = next.append(out, done);
        }
    }
    return out;
}

} // namespace jit::io
