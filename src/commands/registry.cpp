#include "commands/registry.hpp"

#include "commands/activate.hpp"
#include "commands/deactivate.hpp"
#include "commands/ensure.hpp"
#include "commands/extend.hpp"
#include "commands/history.hpp"
#include "commands/list.hpp"
#include "commands/policy.hpp"
#include "commands/status.hpp"

namespace jit::commands {

const std::vector<Command>& all() {
    static const std::vector<Command> commands = {activate(), extend(), deactivate(), ensure(),
                                                  list(),     status(), history(),    policy()};
    return commands;
}

} // namespace jit::commands
