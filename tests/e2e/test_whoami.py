"""jit whoami: one line that says who, where and by which credentials."""

import base64
import json
import unittest

from support import Sandbox, Test, run_jit


def jwt(**claims):
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.c2lnbmF0dXJl"


class WhoAmI(Test):
    def setUp(self):
        self.sandbox = self.enterContext(Sandbox())
        self.pat = {**self.sandbox.env, **self.own_home()}
        self.token = {**self.sandbox.token_env(), **self.own_home()}
        self.sandbox.forget()

    def requested(self):
        return [request["path"] for request in self.sandbox.journal()["requests"]]

    def test_by_a_token(self):
        run = run_jit("whoami", "--utc", env=self.token)
        self.assert_done(run)
        self.assertRegex(run.stdout, rf"\Arobin.ops at {self.sandbox.url} "
                                     r"\(access token from SAIL_ACCESS_TOKEN, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)\n\Z")
        self.assertEqual(self.requested(), [])

    def test_by_a_personal_access_token(self):
        for _ in range(2):  # the second time, the token is cached
            run = run_jit("whoami", env=self.pat)
            self.assert_done(run)
            self.assertIn("(personal access token from SAIL_CLIENT_ID", run.stdout)
        self.assertEqual(self.requested(), ["/oauth/token"])

    def test_json_and_csv(self):
        run = run_jit("whoami", "-o", "json", env=self.token)
        self.assert_done(run)
        shown = run.json()
        self.assertEqual(list(shown), ["user", "identityId", "tenant", "environment", "credentials", "from", "expiresAt"])
        self.assertEqual((shown["user"], shown["tenant"], shown["from"]), ("robin.ops", self.sandbox.url, "SAIL_ACCESS_TOKEN"))
        titles, row = run_jit("whoami", "-o", "csv", env=self.token).stdout.splitlines()
        self.assertEqual(titles, "user,identityId,tenant,environment,credentials,from,expiresAt")
        self.assertTrue(row.startswith("robin.ops,"))

    def test_a_token_that_does_not_say_who(self):
        for token, who in (("opaque", "an unknown user"), (jwt(user_name="\x1b[2Jroot"), "�[2Jroot")):
            with self.subTest(token=token):
                run = run_jit("whoami", env={**self.token, "SAIL_ACCESS_TOKEN": token})
                self.assert_done(run)
                self.assertEqual(run.stdout, f"{who} at {self.sandbox.url} (access token from SAIL_ACCESS_TOKEN)\n")

    def test_nobody(self):
        run = run_jit("whoami", env={"SAIL_BASE_URL": self.sandbox.url})
        self.assertEqual((run.code, run.stdout), (2, ""))
        refused = run_jit("whoami", env={**self.pat, "SAIL_CLIENT_SECRET": "wrong"})
        self.assertEqual((refused.code, refused.stdout), (3, ""))


if __name__ == "__main__":
    unittest.main()
