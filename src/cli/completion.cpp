#include "cli/completion.hpp"

#include "access/name_cache.hpp"
#include "cli/bash_line.hpp"
#include "cli/line.hpp"
#include "config/settings.hpp"
#include "util/child.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace jit::cli {
namespace {

using commands::Completes;
using commands::Offered;
using commands::Option;
using sailpoint::Phase;
using Candidate = Completion::Candidate;

/// Whether words fit to what was typed.
class Pattern {
public:
    Pattern(const std::string& typed, Fit fit, bool any_case)
        : typed_(any_case ? fold_case(typed) : typed), fit_(fit), any_case_(any_case) {}

    [[nodiscard]] bool fits(std::string_view word) const {
        if (!any_case_) {
            return word.substr(0, typed_.size()) == typed_;
        }
        const std::size_t at = fold_case(word).find(typed_);
        return fit_ == Fit::anywhere ? at != std::string::npos : at == 0;
    }

private:
    std::string typed_;
    Fit fit_;
    bool any_case_;
};

/// The ways in which words may fit: the first in which any does is the one that counts.
std::vector<Pattern> patterns(const std::string& typed, Fit fit) {
    std::vector<Pattern> found;
    if (fit == Fit::beginning) {
        found.emplace_back(typed, fit, false);
    }
    found.emplace_back(typed, fit, true);
    return found;
}

/// "42 min left, Postgres Production"; with its name where that is not what names it.
std::string description_of(const access::CachedName& name, TimePoint now) {
    std::string state;
    if (name.phase == Phase::active) {
        state = name.expires ? duration_words(*name.expires - now) + " left" : "active";
    } else if (sailpoint::is_running(name.phase)) {
        state = sailpoint::phase_words(name.phase);
    }
    const bool named = name.word == name.name || name.word == name.long_name();
    return concat({state, state.empty() ? "" : ", ", named ? name.source : name.long_name()});
}

bool is_offered(Phase phase, Offered offered) {
    switch (offered) {
    case Offered::available:
        return sailpoint::is_over(phase);
    case Offered::active:
        return sailpoint::is_running(phase);
    case Offered::all:
        break;
    }
    return true;
}

class Completer {
public:
    Completer(const CommandTree& tree, access::Context& context, const Line& line, Fit fit)
        : tree_(tree), context_(context), line_(line), fit_(fit) {}

    [[nodiscard]] Completion at(const std::string& current) {
        if (line_.pending != nullptr) {
            return values(line_.pending->completes, current);
        }
        const bool option = !line_.options_ended && !current.empty() && current.front() == '-';
        const std::size_t equals = current.find('=');
        if (option && equals != std::string::npos) {
            const Option* const option_named = find_option(tree_, line_.branch, current.substr(0, equals));
            Completion completion = option_named == nullptr
                                        ? Completion()
                                        : values(option_named->completes, current.substr(equals + 1));
            for (Candidate& candidate : completion.candidates) {
                candidate.word.insert(0, current, 0, equals + 1);
            }
            return completion;
        }
        if (option) {
            return words(options(), current);
        }
        return line_.branch == nullptr ? words(commands(), current)
                                       : values(line_.branch->command->words_complete, current);
    }

private:
    [[nodiscard]] Completion words(const std::vector<Candidate>& candidates, const std::string& typed) const {
        Completion completion;
        for (const Pattern& pattern : patterns(typed, fit_)) {
            for (const Candidate& candidate : candidates) {
                if (pattern.fits(candidate.word)) {
                    completion.candidates.push_back(candidate);
                }
            }
            if (!completion.candidates.empty()) {
                break;
            }
        }
        return completion;
    }

    [[nodiscard]] Completion values(const Completes& completes, const std::string& typed) {
        std::vector<Candidate> candidates;
        switch (completes.kind) {
        case Completes::Kind::entitlements:
            return entitlements(typed);
        case Completes::Kind::fields:
            candidates = fields(typed);
            break;
        case Completes::Kind::files:
            return {Completion::Kind::files};
        case Completes::Kind::program:
            return {line_.words.empty() ? Completion::Kind::programs : Completion::Kind::files};
        case Completes::Kind::environments:
            if (const auto names = config::environment_names(context_.overrides(), context_.environment())) {
                for (const std::string& name : *names) {
                    candidates.push_back({name});
                }
            }
            break;
        case Completes::Kind::choices:
            for (const std::string_view choice : completes.choices) {
                candidates.push_back({std::string(choice)});
            }
            break;
        }
        return words(candidates, typed);
    }

    /// The fields of the command's results, behind those that are typed already.
    [[nodiscard]] std::vector<Candidate> fields(const std::string& typed) const {
        std::vector<Candidate> candidates;
        if (line_.branch == nullptr || line_.branch->command->fields == nullptr) {
            return candidates;
        }
        const commands::FieldNames names = line_.branch->command->fields();
        const bool json = line_.pending != nullptr ? line_.pending->name == "--json" : false;
        const std::string before = typed.substr(0, typed.rfind(',') + 1);
        for (const std::string_view name : json ? names.json : names.columns) {
            candidates.push_back({concat({before, name})});
        }
        return candidates;
    }

    [[nodiscard]] std::vector<Candidate> options() const {
        std::vector<Candidate> candidates;
        const auto add = [&candidates](const commands::OptionSet& options) {
            for (const Option& option : options.all()) {
                candidates.push_back({option.name, option.help});
                if (!option.letter.empty()) {
                    candidates.push_back({option.letter, option.help});
                }
            }
        };
        if (line_.branch != nullptr) {
            add(line_.branch->options);
        }
        add(tree_.options);
        return candidates;
    }

    /// Commands, then groups of them, of the group that was named.
    [[nodiscard]] std::vector<Candidate> commands() const {
        std::vector<Candidate> candidates;
        for (const CommandTree::Subcommand& each : tree_.branches) {
            if (each.group == line_.group) {
                candidates.push_back({each.name, std::string(each.command->purpose)});
            }
        }
        if (line_.group != nullptr) {
            return candidates;
        }
        for (const commands::Group& each : commands::groups()) {
            candidates.push_back({std::string(each.name), std::string(each.purpose)});
        }
        if (!line_.help) {
            candidates.push_back({"help", "Print the help of a command"});
        }
        return candidates;
    }

    [[nodiscard]] Completion entitlements(const std::string& typed) {
        const auto settings = context_.settings();
        const auto known = access::NameCache::load(context_);
        static const std::map<std::string, config::Alias> none;
        const auto& aliases = settings ? (*settings)->aliases : none;
        Completion completion;
        // SOURCE/NAME is offered where nothing shorter fits.
        for (const bool by_source : {false, true}) {
            for (const Pattern& pattern : patterns(typed, fit_)) {
                if (completion.candidates.empty()) {
                    completion.candidates = names_that_fit(pattern, by_source, known, aliases);
                }
            }
        }
        completion.stale = settings && known.is_stale(context_.service_now());
        return completion;
    }

    [[nodiscard]] std::vector<Candidate> names_that_fit(const Pattern& pattern, bool by_source,
                                                        const access::NameCache& known,
                                                        const std::map<std::string, config::Alias>& aliases) {
        std::vector<Candidate> candidates;
        const auto is_new = [this, &pattern](const std::string& word) {
            const auto is_it = [&word](const Line::Given& each) {
                return each.option->name == "--entitlement" && each.value == word;
            };
            return pattern.fits(word) &&
                   std::find(line_.words.begin(), line_.words.end(), word) == line_.words.end() &&
                   std::none_of(line_.given.begin(), line_.given.end(), is_it);
        };
        for (const auto& entry : aliases) {
            const config::Alias& alias = entry.second;
            if (!by_source && is_new(alias.name) && sanitize(alias.name) == alias.name) {
                candidates.push_back({alias.name, "alias of " + sanitize(join(alias.entitlements))});
            }
        }
        const Offered offered = line_.branch->command->offered;
        for (const access::CachedName& name : known.all()) {
            if (!is_offered(name.phase, offered) || (by_source && name.word != name.name)) {
                continue;
            }
            const std::string word = by_source ? name.long_name() : name.word;
            // An alias of that name comes before it.
            if (is_new(word) && (aliases.empty() || aliases.count(fold_case(word)) == 0)) {
                candidates.push_back({word, description_of(name, context_.service_now())});
            }
        }
        return candidates;
    }

    const CommandTree& tree_;
    access::Context& context_;
    const Line& line_;
    Fit fit_;
};

/// The word at the cursor as fish hands it over: as it was typed.
std::string without_fish_quotes(const std::string& typed) {
    const bool quoted = !typed.empty() && (typed.front() == '"' || typed.front() == '\'');
    std::string word;
    for (std::size_t i = quoted ? 1 : 0; i < typed.size(); ++i) {
        if (typed[i] == '\\' && i + 1 < typed.size()) {
            ++i;
        }
        word += typed[i];
    }
    return word;
}

std::string_view kind_word(Completion::Kind kind) {
    switch (kind) {
    case Completion::Kind::files:
        return "files";
    case Completion::Kind::programs:
        return "programs";
    case Completion::Kind::words:
        break;
    }
    return "words";
}

/// What a shell gets to read.
std::string answer_of(const Completion& completion, std::string_view shell, const BashLine& line) {
    constexpr int k_widest = 40;
    int width = 0;
    for (const Candidate& candidate : completion.candidates) {
        width = std::max(width, std::min(k_widest, display_width(candidate.word)));
    }
    std::string text = concat({kind_word(completion.kind), "\n"});
    constexpr std::size_t k_usual_line = 64;
    text.reserve(text.size() + completion.candidates.size() * k_usual_line);
    for (const Candidate& candidate : completion.candidates) {
        if (shell == "bash") {
            text += bash_completion(line, candidate.word);
        } else if (shell == "zsh" &&
                   !candidate.description.empty()) { // shows what is behind the tab as it is
            text +=
                concat({candidate.word, "\t", padded(candidate.word, width), "  -- ", candidate.description});
        } else {
            text += concat({candidate.word, "\t", shell == "zsh" ? candidate.word : candidate.description});
        }
        text += "\n";
    }
    return text;
}

} // namespace

Completion complete(CommandTree& tree, std::optional<access::Context>& context, const ProcessContext& process,
                    const std::vector<std::string>& words, const std::string& current, Fit fit) {
    const Line line = read_line(tree, words);
    for (const Line::Given& each : line.given) {
        for (const std::string_view name : {"--env", "--base-url", "--config", "--no-cache"}) {
            if (each.option->name == name) {
                (void)each.option->read(each.value ? std::vector{*each.value} : std::vector<std::string>());
            }
        }
    }
    tree.global.quiet = true;
    tree.global.non_interactive = true;
    tree.global.retries = 0;
    context.emplace(tree.global, process.environment, process.console, process.clock, process.interrupt,
                    process.network);
    return Completer(tree, *context, line, fit).at(current);
}

void answer_shell(const std::vector<std::string>& words, ProcessContext& process) {
    if (words.size() < 2) {
        return;
    }
    const std::string& shell = words.front();
    const bool bash = shell == "bash" && words.size() == 3;
    BashLine line;
    if (bash) {
        line = parse_bash_line(words[2], words[1]);
        // In front of the program's name, variables may be set.
        const auto name = std::find_if(line.words.begin(), line.words.end(), [](const std::string& word) {
            return word.find('=') == std::string::npos;
        });
        line.words.erase(line.words.begin(), name == line.words.end() ? name : name + 1);
    } else {
        line.words.assign(words.begin() + 1, words.end() - 1);
        line.current = shell == "fish" ? without_fish_quotes(words.back()) : words.back();
    }
    CommandTree tree;
    build(tree);
    std::optional<access::Context> context;
    const Completion completion = complete(tree, context, process, line.words, line.current,
                                           shell == "fish" ? Fit::anywhere : Fit::beginning);
    (void)process.console.result(answer_of(completion, shell, line), io::Form::raw);
    if (completion.stale) {
        constexpr std::chrono::seconds k_max{60};
        run_detached([&context] { (void)access::refresh_names(*context); }, k_max);
    }
}

} // namespace jit::cli
