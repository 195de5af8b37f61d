// Configuration files: read, and changed by `auth login` and `auth logout`. The input's first line is an
// environment's name, the rest is the file.

#include "config/edit.hpp"
#include "config/file.hpp"
#include "promise.hpp"
#include "util/text.hpp"

#include <algorithm>

using namespace jit;
using namespace jit::fuzz;
using namespace jit::config;

namespace {

constexpr const char* k_path = "c.yaml";
constexpr const char* k_url = "https://new.example";

/// The settings of a file that have nothing to do with one environment, as text.
std::string all_but(const File& file, const std::string& name) {
    const auto text = [](const auto& setting) { return setting ? concat({"+", setting->value}) : "-"; };
    const auto number = [](const std::optional<Setting<long>>& setting) {
        return setting ? std::to_string(setting->value) : "-";
    };
    std::string all = concat({text(file.default_output), number(file.default_minutes),
                              file.default_wait ? std::to_string(file.default_wait->value) : "-"});
    for (const auto& [key, environment] : file.environments) {
        const bool own = key == fold_case(name);
        if (!own) {
            all += concat({"\n", key, text(environment.base_url)});
            if (environment.pat) {
                all += concat({environment.pat->client_id.reveal(), environment.pat->client_secret.reveal()});
            }
        }
        all += concat({text(environment.client_cert), text(environment.client_key),
                       environment.command ? join(environment.command->words) : "-"});
    }
    for (const auto& [key, alias] : file.aliases) {
        all += concat({"\n", key, join(alias.entitlements), number(alias.minutes)});
    }
    return all;
}

void check_login(const std::string& text, const std::string& name, const ClientCredentials* pat) {
    const Login login{name, k_url, pat};
    const auto changed = with_login(text, k_path, login);
    if (!changed) {
        promise(changed.error().kind == ErrorKind::usage, "a file that cannot be changed is a usage error");
        const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
        promise(!text.empty() || name.empty() || !std::all_of(name.begin(), name.end(), is_plain),
                "an empty file can be changed, whatever the name and the secret");
        return;
    }
    const auto file = parse_file(*changed, k_path);
    promise(file.has_value(), "a file that was changed can be read");
    const auto entry = file->environments.find(fold_case(name));
    promise(file->active_environment && fold_case(file->active_environment->value) == fold_case(name),
            "the environment that was logged in to is the active one");
    promise(entry != file->environments.end() && entry->second.base_url &&
                entry->second.base_url->value == k_url,
            "a file has the base URL that was written");
    promise(entry->second.pat.has_value() == (pat != nullptr), "a file has a PAT only where it should");
    promise(pat == nullptr || (entry->second.pat->client_id.reveal() == pat->client_id.reveal() &&
                               entry->second.pat->client_secret.reveal() == pat->client_secret.reveal()),
            "a file has the PAT that was written");
    if (const auto before = parse_file(text, k_path)) {
        auto expected = *before;
        expected.environments.try_emplace(fold_case(name));
        promise(all_but(expected, name) == all_but(*file, name), "a login changes nothing else");
    }
    const auto again = with_login(*changed, k_path, login);
    promise(again && *again == *changed, "a second login changes nothing");
}

void check_logout(const std::string& text, const std::string& name) {
    const auto changed = without_pat(text, k_path, name);
    if (!changed) {
        return;
    }
    const auto before = parse_file(text, k_path);
    if (*changed == text && !before) {
        return; // no configuration, and no PAT of this environment in it
    }
    const auto file = parse_file(*changed, k_path);
    promise(file.has_value(), "a file whose PAT was removed can be read");
    const auto entry = file->environments.find(fold_case(name));
    promise(entry == file->environments.end() || (!entry->second.pat && !entry->second.client_id),
            "nothing of a PAT stays when it is removed");
    promise(!before || all_but(*before, name) == all_but(*file, name), "a logout changes nothing else");
    const auto again = without_pat(*changed, k_path, name);
    promise(again && *again == *changed, "a second logout changes nothing");
}

/// A secret that stands where it belongs is in no error and no warning, whatever stands above it.
void check_errors(const std::string& text) {
    const std::string secret = "4c2dR9vKq0ZtXw7uLp5sBn1yHe8fMj3aGi6oTd2rVx9kCz0bQw4lSn7hYp1mEu5j";
    if (text.find(secret) != std::string::npos) {
        return; // elsewhere too
    }
    const auto file = parse_file(
        concat({text, "\nenvironments:\n  acme:\n    pat: {clientid: id, clientsecret: ", secret, "}\n"}),
        k_path);
    if (!file) {
        const Error& error = file.error();
        promise(error.kind == ErrorKind::usage && error.message.rfind("c.yaml", 0) == 0,
                "the error of a bad file names it");
        promise(error.message.find(secret) == std::string::npos, "an error does not repeat a secret");
        return;
    }
    for (const std::string& warning : file->warnings) {
        promise(warning.find(secret) == std::string::npos, "a warning does not repeat a secret");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const TwoParts parts = two_parts(text_of(data, size));
    const std::string name = to_lower(parts.line);
    const std::string text(parts.rest);
    check_errors(text);
    check_logout(text, name);
    const ClientCredentials pat{Secret("an-id"), Secret(concat({"x", parts.line})), {}};
    check_login(text, name, text.size() % 2 == 0 ? &pat : nullptr); // YAML is slow: one of them an input
    return 0;
}
