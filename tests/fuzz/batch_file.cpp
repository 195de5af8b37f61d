// Lines of a file of targets.

#include "access/target_line.hpp"
#include "promise.hpp"
#include "util/text.hpp"

using namespace jit;
using namespace jit::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size); // NOLINT: bytes are characters
    const auto read = access::read_target_line(line);
    const std::string_view text = trim(line);
    if (!read) {
        promise(!read.error().empty() && is_safe(read.error()), "what is wrong is said, and safe to show");
        promise(text.front() == '{' || !is_utf8(text) || text.find('\0') != std::string_view::npos,
                "a name is never wrong");
        return 0;
    }
    const bool nothing = text.empty() || text.front() == '#';
    promise(read->has_value() != nothing, "blank lines and comments are nothing, all else is something");
    if (nothing) {
        return 0;
    }
    const sailpoint::TargetLine& target = **read;
    promise(!trim(target.entitlement).empty() && is_utf8(target.entitlement), "a target has a name");
    promise(!target.minutes || *target.minutes >= 1, "minutes are positive");
    if (text.front() != '{') {
        promise(target.entitlement == text && !target.minutes, "a name is taken as it is");
    }
    return 0;
}
