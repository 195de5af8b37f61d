#include "io/title.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <termios.h>
#include <unistd.h>

namespace jit::io {
namespace {

/// Terminals that take xterm's sequences for the title. Others show them as text.
bool knows_titles(const Environment& environment) {
    constexpr std::array<std::string_view, 12> k_known = {"xterm",     "screen", "tmux",    "rxvt",
                                                          "alacritty", "kitty",  "foot",    "konsole",
                                                          "vte",       "gnome",  "wezterm", "st-"};
    const std::string term = environment("TERM").value_or("");
    return std::any_of(k_known.begin(), k_known.end(),
                       [&term](std::string_view known) { return term.starts_with(known); });
}

} // namespace

TerminalTitle::TerminalTitle(Console& console, const Environment& environment)
    : console_(console), has_title_(console.err_device().can_redraw && knows_titles(environment)) {}

TerminalTitle::~TerminalTitle() {
    if (is_set_) {
        console_.message("\x1b[23;2t");
    }
}

bool TerminalTitle::set(std::string_view text) {
    if (!has_title_) {
        return false;
    }
    constexpr int k_longest = 100;
    console_.message(concat(
        {is_set_ ? "" : "\x1b[22;2t", "\x1b]2;", shorten(console_.safe(text), k_longest), "\x07", "\x07"}));
    is_set_ = true;
    return true;
}

bool is_screen_in_use() {
    termios mode{};
    return tcgetattr(STDERR_FILENO, &mode) == 0 && (mode.c_lflag & ICANON) == 0;
}

} // namespace jit::io
