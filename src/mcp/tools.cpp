#include "mcp/tools.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace jit::mcp {
namespace {

constexpr std::int64_t k_default_limit = 100;
constexpr std::int64_t k_max_limit = 1000;

/// An argument, as part of the schema of a tool's input.
struct Argument {
    std::string_view name;
    std::string_view type;
    std::string_view description;
    bool required = false;
};

struct Tool {
    std::string_view name;
    std::string_view description;
    std::string_view list; ///< what the result calls its list; empty: the result is one object
    std::vector<Argument> arguments;
    bool changes = false;
};

const std::vector<Tool>& tools() {
    static const Argument k_entitlement{
        "entitlement", "string", "its display name, name or value, SOURCE/NAME, or connection ID", true};
    static const Argument k_limit{"limit", "integer", "at most so many entries (default 100, at most 1000)"};
    static const Argument k_wait{"wait", "boolean", "wait until it is done (default true)"};
    static const std::vector<Tool> tools = {
        {"list",
         "List the entitlements that may be activated, and the state of each.",
         "connections",
         {{"search", "string", "text in the name, value, source or account"},
          {"state", "string", "available, starting, waiting, active, ending or failed"},
          k_limit}},
        {"status", "Show what is active now, and when it ends.", "connections", {}},
        {"history",
         "Show past activations, the newest first.",
         "activations",
         {{"since", "string", "7d, 09:30 or 2026-11-01"}, k_limit}},
        {"activate",
         "Start access for some minutes. A person may have to confirm it. It ends with this session.",
         "",
         {k_entitlement, {"minutes", "integer", "how long", true}, k_wait},
         true},
        {"extend",
         "Add minutes to active access. A person may have to confirm it.",
         "",
         {k_entitlement, {"minutes", "integer", "how much longer", true}, k_wait},
         true},
        {"deactivate", "End access now.", "", {k_entitlement, k_wait}, true},
    };
    return tools;
}

const Tool* find(std::string_view name) {
    const auto found =
        std::find_if(tools().begin(), tools().end(), [name](const Tool& tool) { return tool.name == name; });
    return found == tools().end() ? nullptr : &*found;
}

std::string input_schema(const Tool& tool) {
    std::string properties;
    std::string required;
    for (const Argument& argument : tool.arguments) {
        properties += concat({properties.empty() ? "" : ",", json_string(argument.name), R"(:{"type":)",
                              json_string(argument.type), R"(,"description":)",
                              json_string(argument.description), "}"});
        if (argument.required) {
            required += concat({required.empty() ? "" : ",", json_string(argument.name)});
        }
    }
    return concat({R"({"type":"object","properties":{)", properties, R"(},"required":[)", required,
                   R"(],"additionalProperties":false})"});
}

std::string output_schema(const Tool& tool) {
    if (tool.list.empty()) {
        return R"({"type":"object","properties":{"connectionId":{"type":"string"},"entitlementName":{"type":"string"},)"
               R"("status":{"type":"string"},"expiresAt":{"type":"string"},"error":{"type":"object"}}})";
    }
    return concat({R"({"type":"object","properties":{)", json_string(tool.list),
                   R"(:{"type":"array","items":{"type":"object"}},"error":{"type":"object"}}})"});
}

std::string tool_json(const Options& options, const Tool& tool) {
    std::string description(tool.description);
    if (tool.changes) {
        description += concat({" Allowed: ", join(options.allowed), "; at most ",
                               std::to_string(options.max_minutes), " minutes of each in this session."});
    }
    return concat({R"({"name":)", json_string(tool.name), R"(,"description":)", json_string(description),
                   R"(,"inputSchema":)", input_schema(tool), R"(,"outputSchema":)", output_schema(tool),
                   R"(,"annotations":{"readOnlyHint":)", tool.changes ? "false" : "true",
                   R"(,"openWorldHint":true}})"});
}

std::int64_t limit_of(const Message& message) {
    return message.limit.value_or(k_default_limit);
}

} // namespace

std::string tools_json(const Options& options) {
    std::string list;
    for (const Tool& tool : tools()) {
        if (!tool.changes || !options.allowed.empty()) {
            list += concat({list.empty() ? "" : ",", tool_json(options, tool)});
        }
    }
    return concat({R"({"tools":[)", list, "]}"});
}

std::string check_call(const Options& options, const Message& message) {
    const Tool* const tool = find(message.tool);
    if (tool == nullptr) {
        return concat({"there is no tool \"", message.tool, "\""});
    }
    if (tool->changes && options.allowed.empty()) {
        return concat({"this session only reads: the person who starts jit mcp allows more with --allow"});
    }
    const auto takes = [tool](std::string_view name) {
        return std::any_of(tool->arguments.begin(), tool->arguments.end(),
                           [name](const Argument& argument) { return argument.name == name; });
    };
    const std::array<std::pair<const char*, bool>, 7> given = {{{"entitlement", !message.entitlement.empty()},
                                                                {"search", !message.search.empty()},
                                                                {"state", !message.state.empty()},
                                                                {"since", !message.since.empty()},
                                                                {"minutes", message.minutes.has_value()},
                                                                {"limit", message.limit.has_value()},
                                                                {"wait", message.wait.has_value()}}};
    for (const auto& [name, is_given] : given) {
        if (is_given && !takes(name)) {
            return concat({tool->name, " has no argument \"", name, "\""});
        }
    }
    if (!message.wrong_argument.empty()) {
        return concat({"the argument \"", message.wrong_argument, "\" is unknown or has a wrong type"});
    }
    if (takes("entitlement") && trim(message.entitlement).empty()) {
        return "the argument \"entitlement\" is missing";
    }
    if (takes("minutes") && (!message.minutes || *message.minutes < 1 ||
                             *message.minutes > std::numeric_limits<std::int32_t>::max())) {
        return "the argument \"minutes\" must be a whole number from 1 on";
    }
    if (message.limit && (*message.limit < 1 || *message.limit > k_max_limit)) {
        return "the argument \"limit\" must be a whole number from 1 to 1000";
    }
    for (const std::string* const text :
         {&message.entitlement, &message.search, &message.state, &message.since}) {
        if (text->find('\0') != std::string::npos) {
            return "an argument has a NUL character";
        }
    }
    return "";
}

bool is_changing(std::string_view tool) {
    const Tool* const found = find(tool);
    return found != nullptr && found->changes;
}

std::string_view list_name(std::string_view tool) {
    const Tool* const found = find(tool);
    return found == nullptr ? "" : found->list;
}

std::vector<std::string> read_command(const Message& message) {
    std::vector<std::string> words = {message.tool, "-o", "jsonl"};
    const auto add = [&words](const char* option, const std::string& value) {
        if (!value.empty()) {
            words.push_back(concat({option, "=", value})); // a value that begins with - is none for an option
        }
    };
    if (message.tool != "status") {
        add("--limit", std::to_string(limit_of(message)));
    }
    add("--search", message.search);
    add("--state", message.state);
    add("--since", message.since);
    return words;
}

std::vector<std::string> resolve_command(const std::vector<std::string>& names) {
    std::vector<std::string> words = {"deactivate", "--dry-run", "-o", "jsonl"};
    for (const std::string& name : names) {
        words.push_back(concat({"--entitlement=", name}));
    }
    return words;
}

std::vector<std::string> change_command(const Message& message, const std::string& connection, bool confirm) {
    std::vector<std::string> words = {message.tool,
                                      concat({"--entitlement=", connection}),
                                      "-o",
                                      "jsonl",
                                      "--request-origin",
                                      "mcp",
                                      message.wait.value_or(true) ? "--wait" : "--no-wait"};
    if (message.minutes) {
        words.push_back(concat({"--minutes=", std::to_string(*message.minutes)}));
    }
    if (confirm && message.tool != "deactivate") {
        words.emplace_back("--confirm");
    }
    return words;
}

std::vector<std::string> end_command(const std::vector<std::string>& connections,
                                     std::chrono::seconds timeout) {
    std::vector<std::string> words = {
        "deactivate", "-o",     "jsonl",          "--request-origin",
        "mcp",        "--wait", "--wait-timeout", concat({std::to_string(timeout.count()), "s"})};
    for (const std::string& connection : connections) {
        words.push_back(concat({"--entitlement=", connection}));
    }
    return words;
}

} // namespace jit::mcp
