#include "commands/registry.hpp"

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

const std::vector<Command>& all() {
    static const std::vector<Command> commands = {
        activate(), extend(), deactivate(), ensure(),     run(),         list(),        status(),
        history(),  policy(), whoami(),     auth_login(), auth_status(), auth_logout(), completion()};
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

} // namespace jit::commands
