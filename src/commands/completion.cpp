#include "commands/completion_scripts.hpp"
#include "commands/registry.hpp"
#include "util/text.hpp"

namespace jit::commands {
namespace {

Result<void> run(access::Context& context, const std::vector<std::string>& words) {
    if (words.size() != 1) {
        return usage_error("name one shell: bash, zsh or fish");
    }
    const std::string& shell = words.front();
    if (shell != "bash" && shell != "zsh" && shell != "fish") {
        return usage_error(concat({"there is no completion for \"", shell, "\""}), "name bash, zsh or fish");
    }
    return context.console().result(shell == "bash"  ? k_bash_script
                                    : shell == "zsh" ? k_zsh_script
                                                     : k_fish_script);
}

} // namespace

Command completion() {
    return {
        "completion",
        "Print the shell completion script",
        "Packages install it, so this is for where jit was not installed by one. Commands, options and their "
        "values are completed, and the names of your entitlements: what is available for activate, what is "
        "active for extend and deactivate, all for the others.",
        "SHELL",
        "bash, zsh or fish",
        {{"source <(jit completion bash)", "for this bash; in ~/.bashrc, for all"},
         {"mkdir -p ~/.zfunc && jit completion zsh >~/.zfunc/_jit",
          "for zsh, with fpath+=~/.zfunc before compinit in ~/.zshrc"},
         {"mkdir -p ~/.config/fish/completions && jit completion fish >~/.config/fish/completions/jit.fish",
          "for fish"}},
        [](OptionSet&) -> Run { return run; },
        {"Names come from what earlier runs read, kept in a file that only you can read. When that is more "
         "than 10 minutes old, pressing the key has it read again in the background; the key itself waits "
         "for "
         "no request. A credential command is never started by that. With `--no-cache` no names are kept or "
         "offered, but aliases.",
         "In zsh and fish, each name stands with its source, and with the time left where it is active."},
        {Completes::Kind::choices, {"bash", "zsh", "fish"}},
    };
}

} // namespace jit::commands
