#pragma once

#include "util/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit {

/// Finds the file that a word means as a program, as shells do: a word with a slash is a path, any other is
/// looked for in the directories of `path` (the value of PATH). Code 127 where there is none, 126 where it
/// cannot be executed.
[[nodiscard]] Result<std::string> find_program(const std::string& word, std::string_view path);

/// The error for a program that cannot be started, by errno: code 127 or 126.
[[nodiscard]] Error cannot_run(std::string_view word, int problem);

using Variables = std::vector<std::pair<std::string, std::string>>;

/// The environment that a program gets, as "NAME=VALUE": the `inherited` one (ended by a null pointer) but
/// the names in `without`, and `more`, which count before what is inherited.
[[nodiscard]] std::vector<std::string> program_environment(const char* const* inherited,
                                                           const std::vector<std::string_view>& without,
                                                           const Variables& more);

/// Takes a variable away from this process, so that no library acts on it. Programs that are started have it
/// nevertheless. To be called before anything else looks at the environment; each call names another
/// variable.
void withhold_from_libraries(const char* name);

/// The file of this program, also after a newer one has taken its place.
[[nodiscard]] std::string own_program();

/// The environment that this process was given, for programs that it starts.
[[nodiscard]] const char* const* inherited_environment();

} // namespace jit
