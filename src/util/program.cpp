#include "util/program.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

extern char** environ; // NOLINT(readability-redundant-declaration): POSIX has programs declare it

namespace jit {
namespace {

/// The environment as it was before a variable was taken out of it; empty: as it is.
std::vector<char*> given_environment;

/// errno of an attempt to execute a file, as far as that can be told beforehand; 0: none.
int check_executable(const std::string& file) {
    struct stat status = {};
    if (stat(file.c_str(), &status) != 0) {
        return errno;
    }
    return S_ISREG(status.st_mode) && access(file.c_str(), X_OK) == 0 ? 0 : EACCES;
}

} // namespace

Error cannot_run(std::string_view word, int problem) {
    const bool missing = problem == ENOENT || problem == ENOTDIR;
    return {missing ? ErrorKind::not_found : ErrorKind::not_executable,
            concat({"cannot run ", word, ": ", std::generic_category().message(missing ? ENOENT : problem)})};
}

Result<std::string> find_program(const std::string& word, std::string_view path) {
    if (word.find('/') != std::string::npos) {
        const int problem = check_executable(word);
        return problem == 0 ? Result<std::string>(word) : cannot_run(word, problem);
    }
    bool denied = false;
    while (!word.empty()) {
        const std::size_t end = std::min(path.find(':'), path.size());
        const std::string_view directory = path.substr(0, end);
        std::string file = concat({directory.empty() ? "." : directory, "/", word});
        const int problem = check_executable(file);
        if (problem == 0) {
            return file;
        }
        denied = denied || problem == EACCES;
        if (end == path.size()) {
            break;
        }
        path.remove_prefix(end + 1);
    }
    return cannot_run(word, denied ? EACCES : ENOENT);
}

std::vector<std::string> program_environment(const char* const* inherited,
                                             const std::vector<std::string_view>& without,
                                             const Variables& more) {
    std::vector<std::string> entries;
    for (; *inherited != nullptr; ++inherited) {
        const std::string_view entry = *inherited;
        const std::string_view name = entry.substr(0, entry.find('='));
        const bool replaced =
            std::any_of(more.begin(), more.end(), [name](const auto& each) { return each.first == name; });
        if (!replaced && std::find(without.begin(), without.end(), name) == without.end()) {
            entries.emplace_back(entry);
        }
    }
    for (const auto& [name, value] : more) {
        entries.push_back(concat({name, "=", value}));
    }
    return entries;
}

void withhold_from_libraries(const char* name) {
    if (given_environment.empty()) {
        char** end = environ;
        while (*end != nullptr) {
            ++end;
        }
        given_environment.assign(environ, end + 1);
    }
    (void)unsetenv(name); // NOLINT(concurrency-mt-unsafe): there are no threads
}

std::string own_program() {
    return "/proc/self/exe";
}

const char* const* inherited_environment() {
    return given_environment.empty() ? environ : given_environment.data();
}

} // namespace jit
