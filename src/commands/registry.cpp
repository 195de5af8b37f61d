#include "commands/registry.hpp"

#include "commands/activate.hpp"
#include "commands/deactivate.hpp"
#include "commands/extend.hpp"

namespace jit::commands {

const std::vector<Command>& all() {
    static const std::vector<Command> commands = {activate(), deactivate(), extend()};
    return commands;
}

} // namespace jit::commands
