#pragma once

#include "cli/tree.hpp"
#include "util/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::docs {

/// A manual page: the name of its file ("jit-activate.1"), and its text in mdoc(7).
struct Page {
    std::string file;
    std::string text;
};

/// The pages of the commands and their groups, all from the tree. `date` is what they are dated with,
/// "November 24, 2026".
[[nodiscard]] std::vector<Page> command_pages(const cli::CommandTree& tree, std::string_view date);

/// Fills a template in: each line "@NAME@" becomes the list of that name, made from the tree and the tables
/// behind it: DATE, SYNOPSIS, COMMANDS, OPTIONS, ENVIRONMENT, EXIT_STATUS, SEE_ALSO. Code 1 for any other
/// name.
[[nodiscard]] Result<std::string> fill_in(std::string_view page, const cli::CommandTree& tree,
                                          std::string_view date);

/// Plain text as mdoc has it: what stands between backquotes is bold, a sentence begins a line, and nothing
/// in it is taken for a request.
[[nodiscard]] std::string mdoc_text(std::string_view text);

/// Text as the arguments of one macro.
[[nodiscard]] std::string mdoc_arguments(std::string_view text);

} // namespace jit::docs
