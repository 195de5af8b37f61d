#pragma once

#include "util/child.hpp"
#include "util/interrupt.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <string>
#include <vector>

namespace jit::auth {

/// Runs a program that prints a secret, as `pass`, `op` and `vault` do, and gives what it printed: directly,
/// for at most 30 seconds, without our own secrets in its environment. Its standard error is passed on; its
/// output is read by nobody else. `where` names it in errors, which have code 2 (130 for an interrupt) and do
/// not repeat its arguments.
[[nodiscard]] Result<Secret> run_credential_command(const std::vector<std::string>& words,
                                                    const std::string& where, Terminal terminal,
                                                    const Interrupt& interrupt);

} // namespace jit::auth
