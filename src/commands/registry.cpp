#include "commands/registry.hpp"

#include "commands/activate.hpp"
#include "commands/auth_login.hpp"
#include "commands/auth_logout.hpp"
#include "commands/auth_status.hpp"
#include "commands/deactivate.hpp"
#include "commands/extend.hpp"

namespace jit::commands {

const std::vector<Command>& all() {
    static const std::vector<Command> commands = {activate(),   deactivate(),  extend(),
                                                  auth_login(), auth_status(), auth_logout()};
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
