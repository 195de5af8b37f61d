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
        "Packages install this script. Without a package, install it yourself. It completes commands, "
        "options, their values, and the names of your entitlements: those that are available for activate, "
        "those that are active for extend and deactivate, all for other commands.",
        "SHELL",
        "bash, zsh or fish",
        {{"source <(jit completion bash)", "for this bash; in ~/.bashrc, for all"},
         {"mkdir -p ~/.zfunc && jit completion zsh >~/.zfunc/_jit",
          "for zsh, with fpath+=~/.zfunc before compinit in ~/.zshrc"},
         {"mkdir -p ~/.config/fish/completions && jit completion fish >~/.config/fish/completions/jit.fish",
          "for fish"}},
        [](OptionSet&) -> Run { return run; },
        {"The names come from earlier runs, in a file that only you can read. If the file is more than 10 "
         "minutes old, TAB updates it in the background; TAB itself waits for no request and never starts a "
         "credential command. With `--no-cache`, jit keeps no names and offers aliases only.",
         "zsh and fish also show the source of each name, and the time left if it is active."},
        {Completes::Kind::choices, {"bash", "zsh", "fish"}},
    };
}

} // namespace jit::commands
