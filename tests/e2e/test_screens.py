"""What each command shows on terminals of 60, 80 and 100 columns, with colour in UTF-8 and plain in ASCII.

If this fails, run it with UPDATE_GOLDEN=1 and look at what has changed."""

import re
import unittest

from support import CONNECTION, Jit, Sandbox, Test, run_jit, without_times
from terminal import Terminal, cells

CAFE = "c0ffee00-0000-4000-8000-000000000010"
FRICTIONS = "c0ffee00-0000-4000-8000-000000000014"
MONTH = str((30 * 24 + 5) * 60 + 25)  # minutes; what is left of it reads the same for an hour
LOOKS = {"colour": {"TERM": "xterm", "LC_ALL": "C.UTF-8"}, "plain": {"TERM": "xterm", "NO_COLOR": "1", "LC_ALL": "C"}}
COMMANDS = {
    "activate": ["activate", CONNECTION, "-m", "60", "--dry-run"],
    "auth-status": ["auth", "status"],
    "deactivate": ["deactivate", CONNECTION, CAFE, "--dry-run"],
    "ensure": ["ensure", "Prod DB Admin", "-m", "60"],
    "error": ["activate", "Reporting Reader", "-m", "60"],
    "extend": ["extend", "Prod DB Admin", "-m", "60", "--dry-run"],
    "history": ["history"],
    "history-detail": ["history", "-e", CONNECTION, "--detail"],
    "list": ["list"],
    "policy": ["policy"],
    "status": ["status"],
    "run": ["run", "-e", CONNECTION, "-m", "60", "--", "echo", "hi"],
    "whoami": ["whoami"],
}


def constant(text):
    """The text without what differs between runs, which has the same width."""
    text = re.sub(r"\d\d:\d\d, (now|\d+ s ago|\d min( \d+ s)? ago)", "hh:mm, now", without_times(text))
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d UTC)?(, \w[\w ]*)?", "YYYY-MM-DD hh:mm", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "YYYY-MM-DDThh:mm:ssZ", text)
    text = re.sub(r"https://localhost:\d+", "https://localhost:PORT", text)
    text = re.sub(r"\b(?!c0ffee)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ACTIVATION", text)
    text = re.sub(r"jit-activation-[0-9a-f]+", "jit-activation-ID", text)
    text = re.sub(r"\b(\d+ min )?\d+ s\b", "N s", text)
    return text.replace("\x1b", "<ESC>")


def without_widths(text):
    """The text of a table whose times are of any width: without what fills its columns."""
    return re.sub(r" *\n", "\n", re.sub(r" {2,}", "  ", text))


class Screens(Test):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox("--provision-delay", "0", "--rate-limit", "0", "--max-minutes", "1000000"))
        cls.admin = cls.enterClassContext(Sandbox("--identity", "alex.admin"))
        cls.token = cls.sandbox.token_env()
        for words in (("activate", CONNECTION, "-m", MONTH, "--wait"), ("activate", CAFE, "-m", MONTH, "--wait"),
                      ("activate", FRICTIONS, "-m", MONTH)):
            run_jit(*words, env=cls.token)

    def shown(self, words, columns, look):
        token = self.admin.token_env() if words == ["policy"] else self.token
        env = {**token, **self.own_home(), **LOOKS[look], "TZ": "UTC"}
        with Terminal(columns, 40) as terminal, Jit(*words, env=env, coloured=True, stdout=terminal.end,
                                                    stderr=terminal.end) as jit:
            code = jit.finish().code
            return code, terminal.read()

    def test_each_command(self):
        for name, words in COMMANDS.items():
            screens = []
            for columns in (60, 80, 100):
                for look in LOOKS:
                    code, text = self.shown(words, columns, look)
                    self.assertEqual(code, 5 if name == "error" else 0, text)
                    if look == "plain":
                        self.assertTrue(text.isascii() and "\x1b" not in text, text)
                    if name in ("list", "status", "history"):
                        plain = re.sub("\x1b\\[[0-9;]*m", "", text)
                        self.assertLessEqual(max(map(cells, plain.splitlines())), columns, text)
                    screens.append(f"== {columns} columns, {look}\n{constant(text)}")
            if name == "history":  # its columns at 60 and 80 columns depend on the width of its times
                screens = [without_widths(screen) for screen in screens[-len(LOOKS):]]
            with self.subTest(name=name):
                self.assert_golden(f"screen-{name}", "\n".join(screens))


if __name__ == "__main__":
    unittest.main()
