#include "io/redactor.hpp"

#include "base/text.hpp"

namespace jit::io {

void Redactor::add(const Secret& secret, std::string_view label) {
    constexpr std::size_t k_least = 8;
    if (secret.size() < k_least) {
        return;
    }
    std::string shown = cat({"[", label, "]"});
    std::string encoded = percent_encode(secret.reveal());
    if (encoded != secret.reveal()) {
        secrets_.emplace_back(Secret::take(encoded), shown);
    }
    wipe(encoded);
    secrets_.emplace_back(secret, std::move(shown));
}

std::string Redactor::apply(std::string_view text) const {
    std::string out(text);
    for (const auto& [secret, shown] : secrets_) {
        for (std::size_t at = out.find(secret.reveal()); at != std::string::npos;
             at = out.find(secret.reveal(), at + shown.size())) {
            out.replace(at, secret.size(), shown);
        }
    }
    return out;
}

} // namespace jit::io
