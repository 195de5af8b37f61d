#include "cli/run.hpp"
#include "support/model_service.hpp"
#include "support/thorough.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace jit;
using std::chrono::milliseconds;
using test::ModelClock;
using test::ModelService;
using Act = ModelService::Act;

namespace {

constexpr std::array<const char*, 3> k_commands = {"activate", "extend", "deactivate"};
constexpr int k_interrupted = 130;

/// What jit says of a target: that it is done, or the message.
struct Said {
    bool ok = false;
    std::string message;
};

/// One call of jit on a model tenant, drawn from a seed, and what must be true of it.
class Schedule {
public:
    explicit Schedule(std::uint64_t seed) : draws_(seed) {
        act_ = static_cast<Act>(draws_.below(3));
        const std::size_t count = draws_.chance(0.2) ? 1 : 2 + draws_.below(19);
        for (std::size_t i = 0; i < count; ++i) {
            targets_.push_back(i);
        }
        all_or_nothing_ = act_ == Act::activate && draws_.chance(0.4);
        temper_.lag = milliseconds(draws_.chance(0.5) ? draws_.below(draws_.chance(0.5) ? 9001 : 45001) : 0);
        temper_.frozen = draws_.chance(0.15);
        temper_.skew = std::chrono::minutes(draws_.chance(0.2) ? 40 : 0);
        temper_.guarded = act_ != Act::activate || draws_.chance(0.3);
        temper_.late = temper_.guarded && draws_.chance(0.5);
        if (draws_.chance(0.5)) {
            values_.insert({"SAIL_ACCESS_TOKEN", "model-token-0"});
        } else {
            values_.insert({{"SAIL_CLIENT_ID", "model-client"}, {"SAIL_CLIENT_SECRET", "model-secret"}});
        }
        prepare();
        constexpr std::array<double, 6> k_rates = {0, 0.03, 0.1, 0.3, 0.6, 1};
        temper_.faults = k_rates[draws_.below(k_rates.size())];
        service_.behave(temper_);
        service_.only_ends_after_interrupt = all_or_nothing_;
        if (draws_.chance(0.25)) {
            TimePoint next = clock_.now();
            for (std::size_t i = draws_.below(3) + 1; i > 0; --i) {
                next += draws_.up_to(draws_.chance(0.7) ? 500 : 20000);
                clock_.interrupts.push_back(next);
            }
        }
    }

    /// What went wrong with the promises; empty where nothing did.
    std::vector<std::string> run() {
        words_ = words();
        code_ = call(words_);
        service_.finish();
        std::vector<std::string> broken = service_.violations;
        const auto demand = [&broken](bool good, const std::string& what) {
            if (!good) {
                broken.push_back(what);
            }
        };
        const bool all_ok = std::all_of(targets_.begin(), targets_.end(), [this](std::size_t target) {
            return said_of(ModelService::id_of(target)).ok;
        });
        for (const std::size_t target : targets_) {
            const std::string id = ModelService::id_of(target);
            const Said said = said_of(id);
            ModelService::Access& access = service_.access(target);
            const int applied = access.applied[static_cast<std::size_t>(act_)];
            const bool running = service_.is_running(target);
            const auto says = [&said](const char* part) {
                return said.message.find(part) != std::string::npos;
            };
            // A list that lags beyond every bound proves nothing, and this service takes a second one.
            const bool may_repeat = temper_.frozen && !temper_.guarded && act_ == Act::activate;
            constexpr std::chrono::seconds k_bound(60);
            demand(may_repeat ? !service_.was_repeated_within(target, act_, k_bound) : applied <= 1,
                   concat({id, " was applied more than once"}));
            const bool on_before = temper_.frozen && before_.count(target) != 0;
            demand(!said.ok || act_ == Act::deactivate || applied >= 1 || on_before,
                   concat({id, " is ok, and was not applied"}));
            demand(!said.ok || (act_ != Act::deactivate) == running,
                   concat({id, " is ok, and is not as it says"}));
            demand(said.ok || !said.message.empty(), concat({"nothing is said of ", id}));
            const bool nothing = says("nothing was changed") || says("nothing was sent") ||
                                 (says("was not sent") && !says("cannot be read"));
            demand(!nothing || says("may still be active") || applied == 0,
                   concat({id, " was applied: ", said.message}));
            const bool gone =
                (says("ended again") || says("nothing is active there")) && !access.cut_off && !temper_.late;
            demand(!gone || !running, concat({id, " is active: ", said.message}));
            const bool left = all_or_nothing_ && !all_ok && applied > 0 && running;
            demand(!left || says("may still be active") || access.cut_off || temper_.late,
                   concat({id, " is left active by --all-or-nothing: ", said.message}));
            const bool unsure = says("may or may not") || says("may still be active") || says("interrupted");
            demand(said.ok || applied == 0 || unsure || says("carried out") || says("ended again"),
                   concat({id, " was applied, and nobody is told: ", said.message}));
        }
        const bool done = code_ == 0 || (code_ == k_interrupted && clock_.was_interrupted());
        demand(all_ok ? done : code_ != 0, "the exit code is not what is said of the targets");
        demand(code_ != 1 && code_ != 2, "an exit code that nothing has led to");
        return broken;
    }

    [[nodiscard]] std::string report() const {
        std::string text = "jit";
        for (const std::string& word : words_) {
            text += concat({" ", word});
        }
        return concat({text, "\nexit code ", std::to_string(code_), "\n", console_->out.text(), "\n",
                       console_->err.text(), "\n", service_.trace});
    }

private:
    int call(const std::vector<std::string>& words) {
        console_.emplace();
        cli::ProcessContext process{
            test::variables(values_),        console_->console, clock_, interrupt_, &service_,
            [this] { return draws_.unit(); }};
        return cli::run(words, process);
    }

    /// Most are as the operation needs them. Some were activated from here, so that their end is known.
    void prepare() {
        std::vector<std::string> words = {"activate", "-m", "600", "-q"};
        service_.behave({});
        for (const std::size_t target : targets_) {
            (void)service_.access(target);
            if (draws_.chance(act_ == Act::activate ? 0.1 : 0.9)) {
                words.push_back(ModelService::id_of(target));
                before_.insert(target);
            }
        }
        if (words.size() > 4 && act_ == Act::extend && draws_.chance(0.5)) {
            REQUIRE(call(words) == 0);
        } else {
            for (std::size_t i = 4; i < words.size(); ++i) {
                service_.activate(targets_.at(static_cast<std::size_t>(std::stoi(words[i].substr(31)))));
            }
        }
        (void)clock_.sleep(std::chrono::minutes(1));
        service_.forget();
    }

    [[nodiscard]] std::vector<std::string> words() {
        const auto place = static_cast<std::size_t>(act_);
        std::vector<std::string> words = {k_commands.at(place), "-o", "jsonl"};
        if (act_ != Act::deactivate) {
            words.insert(words.end(), {"-m", "600"});
        }
        if (all_or_nothing_) {
            words.emplace_back("--all-or-nothing");
        }
        words.insert(words.end(), {"--parallel", std::to_string(1 + draws_.below(20)), "--retries",
                                   std::to_string(draws_.below(4)), "--max-wait",
                                   std::to_string(draws_.chance(0.5) ? 120 : draws_.below(30))});
        for (const std::size_t target : targets_) {
            words.push_back(ModelService::id_of(target));
        }
        if (draws_.chance(0.3)) {
            words.push_back(ModelService::id_of(targets_[draws_.below(targets_.size())]));
        }
        return words;
    }

    /// From the line of a target, or, where it is the only one, from the exit code and the error.
    [[nodiscard]] Said said_of(const std::string& id) const {
        const std::string& out = console_->out.text();
        const std::string& err = console_->err.text();
        const std::size_t begin = out.find(concat({R"("entitlement":")", id}));
        if (targets_.size() == 1) {
            return {code_ == 0 && begin != std::string::npos, err};
        }
        if (begin == std::string::npos) {
            return {false,
                    err.find(" failed\"") == std::string::npos ? err : ""}; // one error for all of them
        }
        const std::string line = out.substr(begin, out.find('\n', begin) - begin);
        return {line.find(R"("ok":true)") != std::string::npos,
                line.substr(std::min(line.find(R"("error":)"), line.size()))};
    }

    test::Draws draws_;
    Act act_ = Act::activate;
    std::vector<std::size_t> targets_;
    std::set<std::size_t> before_; ///< those that are active before
    bool all_or_nothing_ = false;
    test::Temper temper_;
    test::TemporaryDirectory home_;
    std::map<std::string, std::string, std::less<>> values_ = {{"SAIL_BASE_URL", "https://acme.example"},
                                                               {"XDG_CACHE_HOME", home_.path()}};
    Interrupt interrupt_;
    ModelClock clock_{interrupt_};
    ModelService service_{clock_, interrupt_, draws_};
    std::optional<test::FakeConsole> console_;
    std::vector<std::string> words_;
    int code_ = 0;
};

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace

// JIT_MODEL_SEED=N replays one schedule; JIT_MODEL_SCHEDULES=N makes so many, from that seed on.
#if defined(JIT_SANITIZED)
constexpr std::uint64_t k_schedules = 400; // each takes several times as long
#else
constexpr std::uint64_t k_schedules = 2000;
#endif
constexpr std::uint64_t k_some_schedules = 100; // where the run is not to be thorough

TEST_CASE("access::model keeps its promises, whatever gets lost") {
    const bool replay = std::getenv("JIT_MODEL_SEED") != nullptr;
    const std::uint64_t first = number_of("JIT_MODEL_SEED", 1);
    const std::uint64_t count = number_of("JIT_MODEL_SCHEDULES", replay                ? 1
                                                                 : test::is_thorough() ? k_schedules
                                                                                       : k_some_schedules);
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        Schedule schedule(seed);
        const std::vector<std::string> broken = schedule.run();
        if (!broken.empty()) {
            FAIL("JIT_MODEL_SEED=" << seed << "\n" << broken.front() << "\n" << schedule.report());
        }
    }
}
