"""--columns, --json, --sort and --no-header: which part of the results is shown, and in which order."""

import csv
import io
import json
import unittest

from programs import commands
from support import CONNECTION, Jit, Sandbox, Test, run_jit
from terminal import Terminal, cells

READER = "c0ffee00-0000-4000-8000-000000000002"


class Output(Test):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox("--provision-delay", "0", "--rate-limit", "0"))

    def setUp(self):
        self.env = {**self.sandbox.token_env(), **self.own_home()}
        self.sandbox.reset()

    def done(self, *words):
        run = run_jit(*words, env=self.env)
        self.assert_done(run)
        return run.stdout

    def test_columns_of_csv(self):
        text = self.done("list", "-o", "csv", "--columns", "id,access,entitlement", "--search", "prod db")
        self.assertEqual(text, f"id,access,entitlement\n{CONNECTION},available,Prod DB Admin\n")

    def test_columns_of_a_table(self):
        text = self.done("list", "--columns", "account, entitlementName", "--search", "prod db")
        self.assertEqual(text, "ACCOUNT    ENTITLEMENT NAME\nrobin.ops  Prod DB Admin\n")

    def test_a_value_alone_for_a_script(self):
        self.done("activate", CONNECTION, "-m", "60", "--wait")
        words = ("status", CONNECTION, "--no-header", "-o", "csv", "--columns", "access")
        self.assertEqual(self.done(*words), "active\n")
        self.assertEqual(self.done(*words[:3], "--columns", "access"), "active\n")

    def test_columns_that_are_named_are_not_left_out(self):
        with Terminal(40) as terminal, Jit("list", "--columns", "account,entitlement", env={**self.env, "TERM": "dumb"},
                                           stdout=terminal.end) as jit:
            self.assert_done(jit.finish())
            lines = terminal.read().splitlines()
        self.assertTrue(lines[0].startswith("ACCOUNT") and "ENTITLEMENT" in lines[0], lines[0])
        self.assertLessEqual(max(map(cells, lines)), 40)

    def test_json_has_the_fields_that_are_named(self):
        one = json.loads(self.done("activate", CONNECTION, "-m", "60", "--json", "connectionId,status,wasActive"))
        self.assertEqual(one, {"connectionId": CONNECTION, "status": "CREATING", "wasActive": None})
        many = json.loads(self.done("list", "--json", "access,source"))
        self.assertEqual({tuple(sorted(entry)) for entry in many}, {("access", "source")})
        self.assertIn({"access", "source"}, [set(entry) for entry in many])
        self.assertEqual(many[0]["source"].keys(), {"id", "name"})
        lines = self.done("list", "--json", "entitlementName", "-o", "jsonl", "--search", "prod db")
        self.assertEqual(lines, '{"entitlementName":"Prod DB Admin"}\n')

    def test_sorted_in_every_format(self):
        def names(form):
            text = self.done("list", "-o", form, "--sort", "source,entitlement:desc")
            if form == "json":
                return [entry["entitlementName"] for entry in json.loads(text)]
            if form == "jsonl":
                return [json.loads(line)["entitlementName"] for line in text.splitlines()]
            return [row["entitlementName"] for row in csv.DictReader(io.StringIO(text))]

        expected = names("json")
        everything = json.loads(self.done("list", "-o", "json"))
        self.assertEqual(len(expected), len(everything))
        sources = {entry["entitlementName"]: entry["source"]["name"] for entry in everything}
        self.assertEqual([sources[name] for name in expected if name != "Reporting Reader"],
                         sorted((source for name, source in sources.items() if name != "Reporting Reader"),
                                key=str.casefold))
        self.assertLess(expected.index("Domain Admins"), expected.index("Cafe\u0301 Ops"))
        for form in ("jsonl", "csv"):
            self.assertEqual(names(form), expected)
        table = self.done("list", "--sort", "source,entitlement:desc", "--columns", "entitlement", "--no-header")
        self.assertEqual(table.splitlines(), expected)

    def test_times_and_numbers_sort_as_such_and_what_is_unknown_comes_last(self):
        self.done("activate", CONNECTION, "-m", "9")
        self.done("activate", READER, "-m", "100")
        for order, expected in (("", [CONNECTION, READER]), (":desc", [READER, CONNECTION])):
            ids = self.done("list", "-o", "csv", "--sort", f"expiresAt{order}", "--columns", "id", "--no-header").split()
            self.assertEqual(ids[:2], expected)
            self.assertGreater(len(ids), 2)

    def test_several_results(self):
        text = self.done("activate", CONNECTION, READER, "-m", "60", "-o", "csv", "--columns", "ok,connectionId", "--no-header",
                         "--sort", "connectionId:desc")
        self.assertEqual(text, f"true,{READER}\ntrue,{CONNECTION}\n")

    def test_properties_without_titles(self):
        titled = self.done("auth", "status", "-o", "csv").splitlines()
        self.assertEqual(titled[0], "what,value,from")
        self.assertEqual(self.done("auth", "status", "-o", "csv", "--no-header").splitlines(), titled[1:])

    def test_what_does_not_fit_is_refused_before_anything_is_sent(self):
        self.sandbox.forget()
        cases = [
            (("activate", CONNECTION, "-m", "60", "--columns", "expires"), "--columns: there is no field \"expires\"",
             "the fields are entitlement, id,"),
            (("list", "--columns", "acces"), "did you mean access?", "the fields are"),
            (("list", "--sort", "ends"), "did you mean expiresAt?", "the fields are"),
            (("list", "--json", "name"), "did you mean entitlementName?", "the fields are"),
            (("list", "--sort", "nothing"), "--sort: there is no field \"nothing\"", "the fields are"),
            (("list", "--sort", "source:up"), "\"up\" is not asc or desc", None),
            (("list", "--json", "bar"), "--json: there is no field \"bar\"", "the fields are"),
            (("list", "--json", "id", "-o", "csv"), "--json goes with -o json and -o jsonl", "--columns"),
            (("list", "-o", "json", "--columns", "id"), "--columns goes with -o table and -o csv", "--json"),
            (("list", "-o", "jsonl", "--no-header"), "--no-header goes with -o table and -o csv", "--json"),
            (("run", "-e", CONNECTION, "-m", "60", "--columns", "id", "--", "true"), "no fields to choose from", None),
        ]
        for words, message, hint in cases:
            with self.subTest(words=words):
                run = run_jit(*words, env=self.env)
                self.assertIn(run.code, (2, 125))
                self.assertEqual(run.stdout, "")
                self.assertIn(message, run.stderr.replace("\\\"", "\""))
                if hint is not None:
                    self.assertIn(hint, run.stderr)
        self.assertEqual(self.sandbox.requested(), [])

    def test_every_field_can_be_named(self):
        """A field that the help of an error names is one that can be chosen."""
        self.done("activate", CONNECTION, "-m", "60", "--wait")
        for command in ("list", "status", "history", "whoami"):
            for option in ("--columns", "--json"):
                with self.subTest(command=command, option=option):
                    refused = run_jit(command, option, "?", env=self.env).stderr
                    names = refused[refused.index("the fields are ") + 15:].replace("\"}}", "").strip().split(", ")
                    names = [name.strip().rstrip('"}') for name in names]
                    self.assertGreater(len(names), 3)
                    self.done(command, option, ",".join(names))

    def test_every_command_says_so(self):
        self.assertIn("list", commands())
        text = run_jit("list", "--help", "--all").stdout
        for option in ("--columns FIELD,...", "--json FIELD,...", "--sort FIELD[:desc],...", "--no-header"):
            self.assertIn(option, text)


if __name__ == "__main__":
    unittest.main()
