"""This machine's clock is wrong: what is left of access is told by the service's, also where no request is made."""

import datetime
import re
import subprocess
import unittest
import urllib.parse

from support import CONNECTION, JIT, Sandbox, Test, clean_environment, fake_time, parse_time, run_jit

WRONG = ("-2h", "+2h")
LEFT = r"~?(59 min|1 h)"  # of 60 minutes; "~": not seen active yet


class WrongClock(Test):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox("--provision-delay", "0", "--rate-limit", "0", tls=False))

    def setUp(self):
        self.right = {**self.sandbox.token_env(), **self.own_home(), "TZ": "UTC"}
        self.sandbox.reset()

    def wrong(self, offset):
        return {**self.right, **fake_time(offset)}

    def assert_left(self, env):
        """Asked without a request."""
        self.sandbox.forget()
        run = run_jit("status", "--short", env=env)
        self.assert_done(run)
        self.assertRegex(run.stdout, rf"\A{re.escape(self.title)} {LEFT}")
        self.assertEqual(self.sandbox.requested(), [])

    def test_status_short(self):
        self.title = "Prod DB Admin"
        for offset in WRONG:
            for before, after in ((self.wrong(offset), self.wrong(offset)), (self.right, self.wrong(offset)),
                                  (self.wrong(offset), self.right)):
                with self.subTest(offset=offset, started=before is not self.right, asked=after is not self.right):
                    self.sandbox.reset()
                    self.assert_done(run_jit("activate", "Prod DB Admin", "-m", "60", env=before))
                    self.assert_left(after)
                    self.assertEqual(run_jit("status", env=before).code, 0)  # by the list
                    self.assert_left(after)

    def test_completion(self):
        for offset in WRONG:
            with self.subTest(offset=offset):
                self.sandbox.reset()
                self.assert_done(run_jit("activate", CONNECTION, "-m", "60", env=self.right))
                self.assertEqual(run_jit("status", env=self.wrong(offset)).code, 0)
                run = subprocess.run([JIT, "__complete", "fish", "deactivate", ""], env=clean_environment(self.wrong(offset)),
                                     capture_output=True, text=True, check=True)
                self.assertRegex(run.stdout, r"(?m)^Prod DB Admin\t(59 min \d+ s|1 h) left, Postgres Production$")

    def test_history_since(self):
        for offset in WRONG:
            # The first command that there is: nothing is known of the service's clock before it.
            for env in ({**self.right, **self.own_home()}, self.right, self.right):
                with self.subTest(offset=offset):
                    self.assert_done(run_jit("activate", CONNECTION, "-m", "60", env=self.right))
                    self.sandbox.forget()
                    for words, count in ((["--since", "30m"], 1), (["--until", "30m"], 0)):
                        run = run_jit("history", *words, "-o", "json", env={**env, **fake_time(offset)})
                        self.assertEqual((run.code, len(run.json())), (0, count), run)
                        asked = [request["query"] for request in self.sandbox.journal()["requests"]][-1]
                        sent = re.search(r'activationInitiated [gl]e "([^"]+)"', urllib.parse.unquote_plus(asked)).group(1)
                        ago = datetime.datetime.now(datetime.timezone.utc) - parse_time(sent)
                        self.assertLess(abs(ago - datetime.timedelta(minutes=30)), datetime.timedelta(minutes=2))
                    self.sandbox.reset()


if __name__ == "__main__":
    unittest.main()
