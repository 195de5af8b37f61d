#include "access/progress.hpp"

#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace jit::access {

using std::chrono::milliseconds;

bool sleep_visibly(Context& context, milliseconds wait, const std::string& text, MonotonicTime began) {
    if (!context.shows_progress()) {
        return context.clock().sleep(wait);
    }
    const bool ascii = context.console().charset() == io::Charset::ascii;
    const std::vector<std::string_view> frames =
        ascii ? std::vector<std::string_view>{"-", "\\", "|", "/"}
              : std::vector<std::string_view>{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
    constexpr milliseconds k_frame{100};
    const Deadline end(context.clock(), wait);
    bool slept = true;
    while (slept && !end.is_over()) {
        const auto elapsed = context.clock().monotonic_time() - began;
        const auto frame = static_cast<std::size_t>(elapsed / k_frame) % frames.size();
        context.console().progress(concat({frames[frame], " ", text, ", ", duration_words(elapsed)}), text);
        slept = context.clock().sleep(std::min(k_frame, end.left()));
    }
    return slept;
}

} // namespace jit::access
