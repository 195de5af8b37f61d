#include "auth/credential_command.hpp"

#include "util/text.hpp"

#include <chrono>

namespace jit::auth {

Result<Secret> run_credential_command(const std::vector<std::string>& words, const std::string& where,
                                      Terminal terminal, const Interrupt& interrupt) {
    constexpr std::chrono::seconds k_patience{30};
    constexpr std::size_t k_max = std::size_t{64} * 1024;
    auto end = run_program({words,
                            {k_patience, k_max},
                            terminal,
                            Captured::standard,
                            {"SAIL_CLIENT_SECRET", "SAIL_ACCESS_TOKEN"}},
                           interrupt);
    const auto failed = [&where](std::string_view why) {
        return usage_error(concat({where, " ", why}),
                           "run the command yourself to see what is wrong with it");
    };
    if (!end) {
        return usage_error(concat({where, ": ", end.error().message}));
    }
    switch (end->kind) {
    case ChildEnd::Kind::exited:
        if (end->number != 0) {
            return failed(concat({"ended with code ", std::to_string(end->number)}));
        }
        return std::move(end->output);
    case ChildEnd::Kind::killed:
        return interrupt.signal() != 0
                   ? Error{ErrorKind::interrupted, concat({"interrupted while ", where, " ran"})}
                   : failed(concat({"was ended by signal ", std::to_string(end->number)}));
    case ChildEnd::Kind::out_of_time:
        return failed("has not ended within 30 seconds");
    case ChildEnd::Kind::too_much:
        return failed("printed more than 64 KiB");
    case ChildEnd::Kind::interrupted:
        break;
    }
    return Error{ErrorKind::interrupted, concat({"interrupted while ", where, " ran"})};
}

} // namespace jit::auth
