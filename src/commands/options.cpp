#include "commands/options.hpp"

#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace jit::commands {

Option& OptionSet::add(std::string_view names, Option::Value value, Option::Read read, std::string help) {
    const std::size_t comma = names.find(',');
    const bool both = comma != std::string_view::npos;
    return options_.emplace_back(Option{std::string(both ? names.substr(0, comma) : ""),
                                        std::string(both ? names.substr(comma + 1) : names), std::move(help),
                                        value, std::move(read)});
}

Option& OptionSet::flag(std::string_view names, bool& target, std::string help) {
    return flag(
        names, [&target] { target = true; }, std::move(help));
}

Option& OptionSet::flag(std::string_view names, std::function<void()> set, std::string help) {
    const auto read = [set = std::move(set)](const std::vector<std::string>&) -> Result<void> {
        set();
        return {};
    };
    return add(names, Option::Value::none, read, std::move(help));
}

Option& OptionSet::text(std::string_view names, std::string& target, std::string help) {
    const auto read = [&target](const std::string& value) -> Result<void> {
        target = value;
        return {};
    };
    return text(names, read, std::move(help));
}

Option& OptionSet::text(std::string_view names, std::optional<std::string>& target, std::string help) {
    const auto read = [&target](const std::string& value) -> Result<void> {
        target = value;
        return {};
    };
    return text(names, read, std::move(help));
}

Option& OptionSet::text(std::string_view names, std::function<Result<void>(const std::string&)> read,
                        std::string help) {
    const auto read_first = [read = std::move(read)](const std::vector<std::string>& values) {
        return read(values.front());
    };
    return add(names, Option::Value::required, read_first, std::move(help));
}

Option& OptionSet::whole_number(std::string_view names, std::function<void(long)> set, long least, long most,
                                std::string help) {
    const std::string name(names.substr(names.rfind(',') + 1));
    const auto read = [set = std::move(set), least, most, name](const std::string& text) -> Result<void> {
        const auto number = parse_int(text, least, most);
        if (!number) {
            return usage_error(concat({name, ": \"", text, "\" is not a whole number from ",
                                       std::to_string(least), " to ", std::to_string(most)}));
        }
        set(static_cast<long>(*number));
        return {};
    };
    return text(names, read, std::move(help));
}

Option& OptionSet::duration(std::string_view names, std::function<void(std::chrono::seconds)> set,
                            std::string help) {
    const std::string name(names.substr(names.rfind(',') + 1));
    const auto read = [set = std::move(set), name](const std::string& text) -> Result<void> {
        const auto duration = parse_duration(text);
        if (!duration) {
            return usage_error(concat({name, ": \"", text, "\" is not a duration; write 90s or 10m"}));
        }
        set(*duration);
        return {};
    };
    return text(names, read, std::move(help)).takes("TIME");
}

Option& OptionSet::repeatable(std::string_view names, std::vector<std::string>& target, std::string help) {
    const auto read = [&target](const std::vector<std::string>& values) -> Result<void> {
        target = values;
        return {};
    };
    return repeatable(names, read, std::move(help));
}

Option& OptionSet::repeatable(std::string_view names, Option::Read read, std::string help) {
    Option& option = add(names, Option::Value::required, std::move(read), std::move(help));
    option.repeat = Option::Repeat::collected;
    return option;
}

Option& OptionSet::optional_value(std::string_view names, Option::Read read, std::string help) {
    return add(names, Option::Value::optional, std::move(read), std::move(help));
}

const Option* OptionSet::find(std::string_view name) const {
    const auto found = std::find_if(options_.begin(), options_.end(), [name](const Option& option) {
        return name == option.name || (!name.empty() && name == option.letter);
    });
    return found == options_.end() ? nullptr : &*found;
}

} // namespace jit::commands
