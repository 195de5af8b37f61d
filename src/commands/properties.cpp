#include "commands/properties.hpp"

#include "commands/output.hpp"
#include "io/table.hpp"

#include <string>
#include <utility>

namespace jit::commands {
namespace {

std::string text_of(const json::Property& fact) {
    if (const auto* const text = std::get_if<std::string>(&fact.value)) {
        return *text;
    }
    if (const auto* const yes = std::get_if<bool>(&fact.value)) {
        return *yes ? "yes" : "no";
    }
    if (const auto* const number = std::get_if<std::int64_t>(&fact.value)) {
        return std::to_string(*number);
    }
    std::string words;
    for (const std::string& word : std::get<std::vector<std::string>>(fact.value)) {
        words += (words.empty() ? "" : " ") + word;
    }
    return words;
}

} // namespace

Result<void> print_properties(access::Context& context, const std::vector<json::Property>& facts) {
    using config::OutputFormat;
    JIT_TRY(const config::Settings* const settings, context.settings());
    std::string text;
    std::vector<std::vector<std::string>> rows;
    switch (settings->output.value) {
    case OutputFormat::table:
        for (const json::Property& fact : facts) {
            rows.push_back({std::string(fact.name), text_of(fact), fact.from});
        }
        text = table_text(
            context, {{"WHAT"}, {"VALUE", io::Yields::shortened}, {"FROM", io::Yields::shortened}}, rows);
        break;
    case OutputFormat::json:
        text = json::encode_properties(facts, json::Layout::indented) + "\n";
        break;
    case OutputFormat::jsonl:
        text = json::encode_properties(facts, json::Layout::one_line) + "\n";
        break;
    case OutputFormat::csv:
        text = context.view().no_header ? "" : io::csv_line({"what", "value", "from"});
        for (const json::Property& fact : facts) {
            text += io::csv_line({std::string(fact.name), text_of(fact), fact.from});
        }
        break;
    }
    return context.console().result(text, form_of(settings->output.value));
}

} // namespace jit::commands
