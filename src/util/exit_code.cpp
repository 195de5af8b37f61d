#include "util/exit_code.hpp"

namespace jit {

std::string_view kind_name(ExitCode code) {
    for (const ExitCodeMeaning& meaning : k_exit_codes) {
        if (meaning.code == code) {
            return meaning.kind;
        }
    }
    return "internal";
}

} // namespace jit
