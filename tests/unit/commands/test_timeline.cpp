#include "commands/timeline.hpp"

#include "support/catch.hpp"

using namespace jit;
using commands::TimelineRow;
using sailpoint::HistoryEntry;

namespace {

TimePoint at(const char* text) {
    return *parse_rfc3339(text);
}

HistoryEntry entry(const char* status, const char* initiated, const char* usable = "",
                   const char* ending = "", const char* gone = "") {
    HistoryEntry made;
    made.status = status;
    made.initiated = initiated;
    made.provision_completed = usable;
    made.deprovision_start = ending;
    made.deprovision_complete = gone;
    return made;
}

} // namespace

TEST_CASE("commands::draw_timeline") {
    const commands::TimelineStyle style{50, at("2026-11-24T10:00:00Z"), at("2026-11-24T14:00:00Z"),
                                        at("2026-11-24T14:00:00Z"),
                                        [](TimePoint time) { return format_rfc3339(time).substr(11, 5); }};
    SECTION("who had what when") {
        CHECK(
            commands::draw_timeline({{"AD/Admins",
                                      {entry("COMPLETE", "2026-11-24T10:00:00Z", "2026-11-24T10:30:00Z",
                                             "2026-11-24T11:00:00Z", "2026-11-24T11:30:00Z"),
                                       entry("PROVISIONED", "2026-11-24T13:00:00Z", "2026-11-24T13:01:00Z")}},
                                     {"AWS/x", {entry("ERROR", "2026-11-24T12:00:00Z")}}},
                                    style) == "AD/Admins  ░░░░██████░░░░░··············██████████\n"
                                              "AWS/x      ···················×···················\n"
                                              "           10:00                             14:00\n"
                                              "█ active  ░ starting or ending  × failed  · none\n");
    }
    SECTION("outside the edges, without times, and with odd ones, nothing is drawn and nothing breaks") {
        const std::string drawn = commands::draw_timeline(
            {{"a",
              {entry("COMPLETE", "2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z", "2026-11-23T11:00:00Z"),
               entry("COMPLETE", "", "x", "y"), entry("PROVISIONED", "2027-01-01T00:00:00Z"),
               entry("COMPLETE", "2026-11-24T12:00:00Z", "2026-11-24T11:00:00Z", "2026-11-24T10:00:00Z")}}},
            style);
        CHECK(drawn.substr(0, drawn.find('\n')).find("█") == std::string::npos);
    }
    SECTION("a long label leaves room for the drawing; a screen that is too narrow is taken for 40 columns") {
        commands::TimelineStyle narrow = style;
        narrow.width = 10;
        const std::string drawn = commands::draw_timeline({{std::string(80, 'x'), {}}}, narrow);
        CHECK(drawn.rfind(std::string(15, 'x') + "…  ·", 0) == 0);
    }
}
