#include "commands/registry.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace jit::commands {

// Each is defined in the file of its name.
Command activate();
Command extend();
Command deactivate();
Command ensure();
Command run();
Command list();
Command status();
Command history();
Command policy();
Command whoami();
Command auth_login();
Command auth_status();
Command auth_logout();
Command completion();
Command mcp();

namespace {

std::vector<Command> in_section(std::string_view title, std::vector<Command> commands) {
    for (Command& command : commands) {
        command.section = title;
    }
    return commands;
}

std::vector<Command> joined(const std::vector<std::vector<Command>>& sections) {
    std::vector<Command> commands;
    for (const std::vector<Command>& section : sections) {
        commands.insert(commands.end(), section.begin(), section.end());
    }
    return commands;
}

} // namespace

const std::vector<Command>& all() {
    static const std::vector<Command> commands = joined(
        {in_section("Get and end access", {activate(), extend(), deactivate(), ensure(), run(), mcp()}),
         in_section("See access", {list(), status(), history(), policy()}),
         in_section("Set up", {auth_login(), auth_status(), auth_logout(), whoami(), completion()})});
    return commands;
}

bool is_of(const Command& command, const Group& group) {
    return command.name.substr(0, group.name.size()) == group.name &&
           command.name.substr(group.name.size(), 1) == " ";
}

const std::vector<Group>& groups() {
    static const std::vector<Group> groups = {{"auth", "Set credentials up, look at them, remove them"}};
    return groups;
}

std::string_view meant_by(std::string_view word) {
    static constexpr std::pair<std::string_view, std::string_view> k_words[] = {
        {"start", "activate"},    {"request", "activate"},
        {"elevate", "activate"},  {"grant", "activate"},
        {"get", "activate"},      {"checkout", "activate"},
        {"stop", "deactivate"},   {"end", "deactivate"},
        {"revoke", "deactivate"}, {"release", "deactivate"},
        {"drop", "deactivate"},   {"checkin", "deactivate"},
        {"renew", "extend"},      {"exec", "run"},
        {"shell", "run"},         {"ls", "list"},
        {"show", "status"},       {"ps", "status"},
        {"log", "history"},       {"login", "auth login"},
        {"logout", "auth logout"}};
    const auto* const found = std::find_if(std::begin(k_words), std::end(k_words),
                                           [word](const auto& each) { return each.first == word; });
    return found == std::end(k_words) ? std::string_view() : found->second;
}

} // namespace jit::commands
