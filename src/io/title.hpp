#pragma once

#include "io/console.hpp"
#include "util/environment.hpp"

#include <string_view>

namespace jit::io {

/// The title of the terminal that stderr is, if it is one that has a title. What it was before is back when
/// the object goes.
class TerminalTitle {
public:
    TerminalTitle(Console& console, const Environment& environment);
    TerminalTitle(const TerminalTitle&) = delete;
    TerminalTitle& operator=(const TerminalTitle&) = delete;
    TerminalTitle(TerminalTitle&&) = delete;
    TerminalTitle& operator=(TerminalTitle&&) = delete;
    ~TerminalTitle();

    /// Shows it, safe and on one line, and rings the bell. False where there is no title.
    bool set(std::string_view text);

private:
    Console& console_;
    bool has_title_;
    bool is_set_ = false;
};

/// Whether the terminal that stderr is is not in line mode: the program there draws on the screen.
[[nodiscard]] bool is_screen_in_use();

} // namespace jit::io
