#include "util/text.hpp"

#include "support/catch.hpp"

using namespace jit;

TEST_CASE("util::parse_int") {
    SECTION("digits are a number") {
        CHECK(parse_int("60", 1, 100) == 60);
        CHECK(parse_int("2147483647", 1, 2147483647) == 2147483647);
    }
    SECTION("a leading zero does not make it octal") {
        CHECK(parse_int("010", 1, 100) == 10);
    }
    SECTION("the bounds count") {
        CHECK_FALSE(parse_int("0", 1, 100));
        CHECK_FALSE(parse_int("101", 1, 100));
    }
    SECTION("anything but digits is refused") {
        for (const char* text :
             {"", " 5", "5 ", "+5", "-5", "0x10", "1e3", "5.0", "9999999999999999999999"}) {
            INFO(text);
            CHECK_FALSE(parse_int(text, 0, 1000000));
        }
    }
}

TEST_CASE("util::nearest") {
    const std::vector<std::string> words = {"activate", "deactivate", "extend"};
    SECTION("a slip of the keys is understood") {
        CHECK(nearest("actvate", words) == "activate");
        CHECK(nearest("extned", words) == "extend");
        CHECK(nearest("EXTEND", words) == "extend");
    }
    SECTION("what is not near is not guessed") {
        CHECK_FALSE(nearest("list", words));
        CHECK_FALSE(nearest("", words));
        CHECK_FALSE(nearest("extend", {}));
    }
}

TEST_CASE("util::percent_encode") {
    CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
    CHECK(percent_encode("a b&c=d+\xC3\xA9") == "a%20b%26c%3Dd%2B%C3%A9");
}

TEST_CASE("util::sanitize") {
    SECTION("ordinary text of any script stays") {
        CHECK(sanitize("Prod DB Admin") == "Prod DB Admin");
        CHECK(sanitize("本番データベース管理者 Café") == "本番データベース管理者 Café");
    }
    SECTION("it is one line") {
        CHECK(sanitize("a\tb\r\nc") == "a b  c");
    }
    SECTION("what could steer a terminal does not get through") {
        CHECK(sanitize("\x1b[31m") == "�[31m");
        CHECK(sanitize("\x07\x08\x7f") == "���");
        CHECK(sanitize("\xC2\x9B") == "�"); // U+009B, the one-byte CSI of C1
        CHECK(sanitize(std::string_view("\0", 1)) == "�");
    }
    SECTION("what reorders or hides text does not get through") {
        CHECK(sanitize("\xE2\x80\xAE") == "�");     // U+202E right-to-left override
        CHECK(sanitize("\xE2\x80\x8B") == "�");     // U+200B zero width space
        CHECK(sanitize("\xE2\x80\xA8") == "�");     // U+2028 line separator
        CHECK(sanitize("\xF3\xA0\x81\x81") == "�"); // U+E0041 tag
        CHECK(sanitize("\xF3\xA0\x80\x8B") == "�"); // U+E000B, a tag that is not assigned yet
    }
    SECTION("bytes that are not UTF-8 are replaced one by one") {
        CHECK(sanitize("a\xFF\xFEz") == "a��z");
        CHECK(sanitize("\xC3") == "�");
        CHECK(sanitize("\xC0\xAF") == "��"); // overlong
    }
}

TEST_CASE("util::sanitize_json") {
    SECTION("JSON of ordinary text stays") {
        CHECK(sanitize_json("{\"a\": \"é\"}\n") == "{\"a\": \"é\"}\n");
    }
    SECTION("what could steer a terminal is escaped, so nothing is lost") {
        CHECK(sanitize_json("\"\xC2\x9B\"") == R"("\u009b")");
        CHECK(sanitize_json("\"\xE2\x80\xAE\x7f\"") == R"("\u202e\u007f")");
        CHECK(sanitize_json("\"\xF3\xA0\x81\x81\"") == R"("\udb40\udc41")");
    }
}

TEST_CASE("util::display_width") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("本番") == 4);
    CHECK(display_width("Cafe\xCC\x81") == 4);
    CHECK(display_width("\xFF") == 1);
}

TEST_CASE("util::trim") {
    CHECK(trim(" \ta b\r\n") == "a b");
    CHECK(trim(" \n").empty());
}

TEST_CASE("util::fold_case") {
    CHECK(fold_case("Prod DB") == fold_case("PROD db"));
    CHECK(fold_case("STRASSE") == fold_case("stra\xC3\x9F"
                                            "e"));
    CHECK(fold_case("Caf\xC3\xA9") == fold_case("CAFE\xCC\x81")); // composed, and e with an accent behind it
    CHECK(fold_case("Prod DB") != fold_case("Prod  DB"));
    CHECK(fold_case("Cafe") != fold_case("Caf\xC3\xA9"));
    CHECK(fold_case("a\xFF") == "a\xFF");
    CHECK(fold_case("").empty());
}

TEST_CASE("util::percent_decode") {
    CHECK(percent_decode(percent_encode("a b/%\xC3\xA9\n")) == "a b/%\xC3\xA9\n");
    CHECK(percent_decode("100%") == "100%");
    CHECK(percent_decode("%4") == "%4");
    CHECK(percent_decode("%zz%41") == "%zzA");
}

TEST_CASE("util::shorten and padded") {
    CHECK(shorten("abc", 3) == "abc");
    CHECK(shorten("abcd", 3) == "ab\xE2\x80\xA6");
    CHECK(display_width(shorten("\xE6\x9C\xAC\xE7\x95\xAA\xE3\x83\x87", 4)) <= 4); // wide characters
    CHECK(shorten("abc", 1) == "\xE2\x80\xA6");
    CHECK(padded("ab", 4) == "ab  ");
    CHECK(padded("abcd", 2) == "abcd");
}

TEST_CASE("util::join") {
    CHECK(join({}).empty());
    CHECK(join({"a", "b"}) == "a, b");
}

TEST_CASE("util::to_ascii") {
    CHECK(to_ascii("Prod DB\n\x1b[1m") == "Prod DB\n\x1b[1m");
    CHECK(to_ascii("Caf\u00e9 Cafe\u0301 \u00c5\u1ec7") == "Cafe Cafe Ae");
    SECTION("as wide as it was") {
        CHECK(to_ascii("\u672c\u756a DB \u00df") == "???? DB ?");
        CHECK(to_ascii("a\u0301b") == "ab");
        CHECK(to_ascii("\u2588\u2588\u2591\u00b7\u00d7 cut\u2026") == "##-.x cut~");
    }
    SECTION("whatever the bytes") {
        CHECK(to_ascii("a\xff\xc3") == "a??");
        CHECK(to_ascii("\ufffd") == "?");
    }
}

TEST_CASE("util::ascii_json") {
    CHECK(ascii_json(R"({"a":"x\n"})") == R"({"a":"x\n"})");
    CHECK(ascii_json("[\"Caf\u00e9\",\"\U0001F600\"]\n") == "[\"Caf\\u00e9\",\"\\ud83d\\ude00\"]\n");
    CHECK(ascii_json("\"\xff\"") == "\"\\ufffd\"");
}
