// What an MCP client writes: one message a line.

#include "mcp/message.hpp"
#include "mcp/tools.hpp"
#include "promise.hpp"
#include "util/text.hpp"
#include "json/reader.hpp"

#include <algorithm>

using namespace jit;
using namespace jit::fuzz;

namespace {

/// Whether a text is one line of JSON that is safe to show.
bool is_answer(std::string_view text) {
    return !text.empty() && text.back() == '\n' && is_safe(text.substr(0, text.size() - 1)) &&
           json::ObjectDocument(text.substr(0, text.size() - 1)).good();
}

void check_message(const mcp::Message& message) {
    const bool has_id = !message.id.empty();
    promise(has_id || !message.method.empty(), "a message is a request, a notification or a response");
    promise(!has_id || is_answer(mcp::response(message.id, "{}")), "an ID can be given back");
    promise(!message.approved || message.method.empty() || has_id, "only a response approves");
    mcp::Options options;
    options.allowed = {"Prod DB Admin"};
    if (!mcp::check_call(options, message).empty()) {
        return;
    }
    promise(!mcp::is_changing(message.tool) || !trim(message.entitlement).empty(),
            "what changes access names an entitlement");
    promise(message.tool == "deactivate" || !mcp::is_changing(message.tool) ||
                (message.minutes && *message.minutes > 0 && *message.minutes <= 2147483647),
            "what starts or extends access says how long");
    for (const auto& words : {mcp::read_command(message), mcp::resolve_command({message.entitlement}),
                              mcp::change_command(message, "c0ffee00-0000-4000-8000-000000000001", true)}) {
        promise(std::none_of(words.begin(), words.end(),
                             [](const std::string& word) { return word.find('\0') != std::string::npos; }),
                "an argument of a program has no NUL");
        promise(std::count_if(words.begin(), words.end(),
                              [](const std::string& word) {
                                  return word == "--all" || word == "--from-file" || word == "--config";
                              }) == 0,
                "no argument of a tool is an option of the command");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string line(text_of(data, size));
    const mcp::Parsed parsed = mcp::parse_message(line);
    if (parsed.message) {
        check_message(*parsed.message);
    } else {
        promise(is_answer(mcp::error_response(parsed.id, parsed.error, parsed.reason)),
                "what is wrong with a line is a response");
    }
    if (is_utf8(line)) {
        promise(is_answer(mcp::response("1", mcp::tool_result(line, "{}", true))),
                "a result is one line of JSON");
    }
    return 0;
}
