#include "cli/completion.hpp"

#include "access/name_cache.hpp"
#include "cli/bash_line.hpp"
#include "config/settings.hpp"
#include "util/child.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace jit::cli {
namespace {

using commands::Choices;
using commands::Offered;
using sailpoint::Phase;
using Candidate = Completion::Candidate;

/// What the words before the cursor have come to.
class Line {
public:
    explicit Line(CommandTree& tree) : tree_(tree), app_(&tree.app) {}

    void read(const std::string& word) {
        if (pending_ != nullptr) {
            take(*std::exchange(pending_, nullptr), word);
        } else if (plain_ || word.size() < 2 || word.front() != '-') {
            read_plain(word);
        } else if (word == "--") {
            plain_ = true;
        } else if (word[1] == '-') {
            const std::size_t equals = word.find('=');
            const CLI::Option* const option = find(word.substr(0, equals));
            if (option != nullptr && equals != std::string::npos) {
                take(*option, word.substr(equals + 1));
            } else {
                start(option);
            }
        } else {
            read_letters(word);
        }
    }

    /// The option whose value comes next; null for none.
    [[nodiscard]] const CLI::Option* pending() const { return pending_; }
    /// Whether no options come any more.
    [[nodiscard]] bool is_plain() const { return plain_; }
    [[nodiscard]] bool is_help() const { return help_; }
    [[nodiscard]] const CLI::App& app() const { return *app_; }
    [[nodiscard]] const CommandTree::Subcommand* branch() const { return branch_; }
    /// Whether there are words that are no options and no command.
    [[nodiscard]] bool has_words() const { return has_words_; }
    /// Those words, and the values of -e.
    [[nodiscard]] const std::vector<std::string>& named() const { return named_; }

    [[nodiscard]] const CLI::Option* find(const std::string& name) const {
        const CLI::Option* const own = app_->get_option_no_throw(name);
        return own != nullptr ? own : std::as_const(tree_.app).get_option_no_throw(name);
    }

private:
    void start(const CLI::Option* option) {
        if (option == nullptr) {
            return;
        }
        if (option->get_items_expected_min() > 0) {
            pending_ = option;
        } else if (option->check_lname("no-cache")) {
            tree_.global.no_cache = true;
        }
    }

    /// "-m60", "-qv".
    void read_letters(const std::string& word) {
        for (std::size_t i = 1; i < word.size() && pending_ == nullptr; ++i) {
            const CLI::Option* const option = find(std::string("-") + word[i]);
            start(option);
            if (pending_ != nullptr && i + 1 < word.size()) {
                take(*std::exchange(pending_, nullptr), word.substr(i + 1));
                return;
            }
        }
    }

    void take(const CLI::Option& option, const std::string& value) {
        config::Overrides& overrides = tree_.global.overrides;
        if (option.check_lname("env")) {
            overrides.environment = value;
        } else if (option.check_lname("base-url")) {
            overrides.base_url = value;
        } else if (option.check_lname("config")) {
            overrides.config_file = value;
        } else if (option.check_lname("entitlement")) {
            named_.push_back(value);
        }
    }

    void read_plain(const std::string& word) {
        const CLI::App* sub = nullptr;
        for (const CLI::App* const each : app_->get_subcommands({})) {
            sub = each->get_name() == word ? each : sub;
        }
        if (sub == nullptr || plain_) {
            help_ = help_ || (branch_ == nullptr && app_ == &tree_.app && word == "help");
            has_words_ = true;
            named_.push_back(word);
            return;
        }
        app_ = sub;
        for (const CommandTree::Subcommand& each : tree_.branches) {
            if (each.app == sub) {
                branch_ = &each;
            }
        }
    }

    CommandTree& tree_;
    const CLI::App* app_;
    const CommandTree::Subcommand* branch_ = nullptr;
    const CLI::Option* pending_ = nullptr;
    bool plain_ = false;
    bool help_ = false;
    bool has_words_ = false;
    std::vector<std::string> named_;
};

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
        state = "on its way";
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
    Completer(CommandTree& tree, access::Context& context, const Line& line, Fit fit)
        : tree_(tree), context_(context), line_(line), fit_(fit) {}

    [[nodiscard]] Completion at(const std::string& current) {
        if (line_.pending() != nullptr) {
            return value(*line_.pending(), current);
        }
        const bool option = !line_.is_plain() && !current.empty() && current.front() == '-';
        const std::size_t equals = current.find('=');
        if (option && equals != std::string::npos) {
            const CLI::Option* const with_value = line_.find(current.substr(0, equals));
            Completion completion =
                with_value == nullptr ? Completion() : value(*with_value, current.substr(equals + 1));
            for (Candidate& candidate : completion.candidates) {
                candidate.word.insert(0, current, 0, equals + 1);
            }
            return completion;
        }
        if (option) {
            return words(options(), current);
        }
        return line_.branch() == nullptr ? words(commands(), current) : argument(current);
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

    [[nodiscard]] Completion choice(const std::vector<Choices>& choices, std::string_view option,
                                    const std::string& typed) const {
        std::vector<Candidate> candidates;
        for (const Choices& each : choices) {
            for (const std::string_view word :
                 each.option == option ? each.values : decltype(each.values)()) {
                candidates.push_back({std::string(word)});
            }
        }
        return words(candidates, typed);
    }

    [[nodiscard]] Completion value(const CLI::Option& option, const std::string& typed) {
        const std::string type = option.get_type_name();
        const std::string name = "--" + option.get_lnames().front();
        if (type == "ENTITLEMENT") {
            return entitlements(typed);
        }
        if (type == "FILE") {
            return {Completion::Kind::files};
        }
        if (name == "--env") {
            std::vector<Candidate> candidates;
            const auto names = config::environment_names(context_.overrides(), context_.environment());
            candidates.reserve(names ? names->size() : 0);
            for (const std::string& each : names ? *names : std::vector<std::string>()) {
                candidates.push_back({each});
            }
            return words(candidates, typed);
        }
        const bool own = line_.branch() != nullptr && line_.app().get_option_no_throw(name) != nullptr;
        return choice(own ? line_.branch()->command->choices : tree_.choices, name, typed);
    }

    /// A word that belongs to no option.
    [[nodiscard]] Completion argument(const std::string& typed) {
        const std::string_view words_of = line_.branch()->command->words;
        if (words_of == "ENTITLEMENT") {
            return entitlements(typed);
        }
        if (words_of.find("COMMAND") != std::string_view::npos) {
            return {line_.has_words() ? Completion::Kind::files : Completion::Kind::programs};
        }
        return choice(line_.branch()->command->choices, "", typed);
    }

    [[nodiscard]] std::vector<Candidate> options() const {
        std::vector<Candidate> candidates;
        const auto add = [&candidates](const CLI::App& app) {
            for (const CLI::Option* const option : app.get_options()) {
                if (option->get_group().empty()) {
                    continue;
                }
                for (const std::string& name : option->get_lnames()) {
                    candidates.push_back({"--" + name, option->get_description()});
                }
                for (const std::string& name : option->get_snames()) {
                    candidates.push_back({"-" + name, option->get_description()});
                }
            }
        };
        if (line_.branch() != nullptr) {
            add(line_.app());
        }
        add(tree_.app);
        return candidates;
    }

    [[nodiscard]] std::vector<Candidate> commands() const {
        std::vector<Candidate> candidates;
        auto subs = line_.app().get_subcommands({});
        std::stable_partition(subs.begin(), subs.end(),
                              [](const CLI::App* sub) { return sub->get_subcommands({}).empty(); });
        candidates.reserve(subs.size() + 1);
        for (const CLI::App* const sub : subs) {
            candidates.push_back({sub->get_name(), sub->get_description()});
        }
        if (&line_.app() == &tree_.app && !line_.is_help()) {
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
            const auto& named = line_.named();
            return pattern.fits(word) && std::find(named.begin(), named.end(), word) == named.end();
        };
        for (const auto& entry : aliases) {
            const config::Alias& alias = entry.second;
            if (!by_source && is_new(alias.name) && sanitize(alias.name) == alias.name) {
                candidates.push_back({alias.name, "alias of " + sanitize(join(alias.entitlements))});
            }
        }
        const Offered offered = line_.branch()->command->offered;
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

    CommandTree& tree_;
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
    Line line(tree);
    for (const std::string& word : words) {
        line.read(word);
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
