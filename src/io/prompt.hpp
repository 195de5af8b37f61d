#pragma once

#include "io/console.hpp"
#include "util/interrupt.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace jit::io {

/// Shows a question on stderr and reads a line of the terminal that standard input is. Code 130 on an
/// interrupt, code 2 where the input ends.
[[nodiscard]] Result<Secret> ask(Console& console, const Interrupt& interrupt, std::string_view question);

/// The same for what nobody may see: the terminal shows nothing of it, and is as it was before on every way
/// out, also where a signal ends or stops the process. Ctrl-\ and Ctrl-Z do nothing meanwhile.
[[nodiscard]] Result<Secret> ask_secret(Console& console, const Interrupt& interrupt,
                                        std::string_view question);

/// Writes a question to the terminal of this process, whatever its standard streams are, and reads the line
/// that is typed after it; an end of input is an empty line. Empty without a terminal. Code 130 on an
/// interrupt.
[[nodiscard]] Result<std::optional<Secret>> ask_terminal(const Interrupt& interrupt,
                                                         std::string_view question);

/// Reads standard input to its end. Code 2 where it has more than `most` bytes or cannot be read; 130 on an
/// interrupt.
[[nodiscard]] Result<Secret> read_input(const Interrupt& interrupt, std::size_t most);

} // namespace jit::io
