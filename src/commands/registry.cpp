#include "commands/registry.hpp"

#include "commands/activate.hpp"
#include "commands/auth_login.hpp"
#include "commands/auth_logout.hpp"
#include "commands/auth_status.hpp"
#include "commands/completion.hpp"
#include "commands/deactivate.hpp"
#include "commands/ensure.hpp"
#include "commands/extend.hpp"
#include "commands/history.hpp"
#include "commands/list.hpp"
#include "commands/policy.hpp"
#include "commands/run.hpp"
#include "commands/status.hpp"

namespace jit::commands {

const std::vector<Command>& all() {
    static const std::vector<Command> commands = {
        activate(), extend(), deactivate(), ensure(),      run(),         list(),      status(),
        history(),  policy(), auth_login(), auth_status(), auth_logout(), completion()};
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
