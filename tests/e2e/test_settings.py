"""Where each setting comes from, which place wins, and what is said of files that are no good."""

import json
import os
import stat
import tempfile
import unittest
from pathlib import Path

from support import (ACCESS_TOKEN, ACTIVATE, CLIENT_ID, CLIENT_SECRET, CONNECTION, ScriptedServer, Test, accepted,
                     certificates, nowhere, run_jit, token_reply, watch)

FILE_ID = "f11e0000c11e47000000000000001d01"
FILE_SECRET = "file-client-secret-fit-for-nothing-0123456789abcdefghijklmnopqrs"
watch(FILE_ID, FILE_SECRET)


def config(environments="", **more):
    """The text of a configuration file; `environments` maps names to base URLs."""
    lines = [f"{key}: {value}" for key, value in more.items()]
    if environments:
        lines.append("environments:")
    for name, url in dict(environments).items():
        lines += [f"  {name}:", f"    baseurl: {url}"]
    return "\n".join(lines) + "\n"


class SettingsTest(Test):
    """Each test has a home of its own."""

    def setUp(self):
        self.home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.ours = self.home / ".config/jit/config.yaml"
        self.vendors = self.home / ".sailpoint/config.yaml"

    def write(self, path, text, mode=0o600):
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return str(path)

    def jit(self, *words, **env):
        return run_jit(*words, env={"HOME": str(self.home), **env})

    def dry_run(self, *words, **env):
        """What would be sent: the base URL and the minutes."""
        run = self.jit("activate", CONNECTION, "--dry-run", "-o", "json", *words, **env)
        self.assertEqual(run.code, 0, run)
        request = run.json()
        return request["url"].removesuffix("/jit-activations/v1/activate"), request["body"]["activationPeriodMins"]

    def base_url(self, *words, **env):
        return self.dry_run("-m", "1", *words, **env)[0]

    def refused(self, *words, **env):
        """A dry run that fails with code 2."""
        run = self.jit(*ACTIVATE, "--dry-run", *words, **env)
        self.assert_failed(run, 2)
        return run.stderr


class Precedence(SettingsTest):
    def test_base_url(self):
        places = [  # from the lowest to the highest; each beats those before it
            lambda: self.write(self.vendors, config({"default": "https://vendors.example"})),
            lambda: self.write(self.ours, config({"default": "https://ours.example"})),
            lambda: self.write(self.home / "xdg/jit/config.yaml", config({"default": "https://xdg.example"})),
            lambda: self.write(self.home / "named", config({"default": "https://named.example"})),
            lambda: self.write(self.home / "option", config({"default": "https://option.example"})),
        ]
        self.assertIn("no base URL is set", self.refused())
        steps = [("https://vendors.example", [], {}), ("https://ours.example", [], {}),
                 ("https://xdg.example", [], {"XDG_CONFIG_HOME": str(self.home / "xdg")}),
                 ("https://named.example", [], {"JIT_CONFIG": str(self.home / "named")}),
                 ("https://option.example", ["--config", str(self.home / "option")], {})]
        words, env = [], {}
        for write, (expected, more_words, more_env) in zip(places, steps):
            write()
            words, env = words + more_words, {**env, **more_env}
            self.assertEqual(self.base_url(*words, **env), expected)
        env["SAIL_BASE_URL"] = "https://variable.example"
        self.assertEqual(self.base_url(*words, **env), "https://variable.example")
        words += ["--base-url", "https://flag.example"]
        self.assertEqual(self.base_url(*words, **env), "https://flag.example")

    def test_environment(self):
        urls = {name: f"https://{name}.example" for name in ("one", "two", "three", "default")}
        self.write(self.vendors, config(urls))
        self.assertEqual(self.base_url(), "https://default.example")
        self.write(self.vendors, config(urls, activeenvironment="one"))
        self.assertEqual(self.base_url(), "https://one.example")
        self.write(self.ours, config(activeenvironment="TWO"))
        self.assertEqual(self.base_url(), "https://two.example")
        self.assertEqual(self.base_url(SAIL_ACTIVEENVIRONMENT="Three"), "https://three.example")
        self.assertEqual(self.base_url("--env", "ONE", SAIL_ACTIVEENVIRONMENT="three"), "https://one.example")

    def test_output(self):
        table = "ENTITLEMENT  "
        url = {"SAIL_BASE_URL": "https://acme.example"}
        words = [*ACTIVATE, "--dry-run"]
        self.assertTrue(self.jit(*words, **url).stdout.startswith(table))
        self.write(self.vendors, config(defaults="{output: csv}"))
        self.assertTrue(self.jit(*words, **url).stdout.startswith("entitlement,"))
        self.write(self.ours, config(defaults="{output: JSON}"))
        self.assertTrue(self.jit(*words, **url).stdout.startswith("{\n"))
        self.assertTrue(self.jit(*words, **url, JIT_OUTPUT="jsonl").stdout.startswith('{"dryRun"'))
        self.assertTrue(self.jit(*words, "-o", "table", **url, JIT_OUTPUT="jsonl").stdout.startswith(table))
        self.assertIn('JIT_OUTPUT: the output format must be table, json, jsonl or csv, not "yaml"',
                      self.refused(**url, JIT_OUTPUT="yaml"))

    def test_the_format_of_errors_has_the_same_places(self):
        self.write(self.ours, config(defaults="{output: json}"))
        self.error_of(self.jit(*ACTIVATE), 2)
        self.assert_failed(self.jit(*ACTIVATE, JIT_OUTPUT="table"), 2)
        self.error_of(self.jit(*ACTIVATE, "-o", "jsonl", JIT_OUTPUT="table"), 2)

    def test_minutes(self):
        url = {"SAIL_BASE_URL": "https://acme.example"}
        self.assert_failed(self.jit("activate", CONNECTION, "--dry-run", **url), 2, "say how long: -m 60")
        self.write(self.vendors, config(defaults="{minutes: 10}"))
        self.assertEqual(self.dry_run(**url)[1], 10)
        self.write(self.ours, config(defaults="{minutes: 20}"))
        self.assertEqual(self.dry_run(**url)[1], 20)
        self.assertEqual(self.dry_run("-m", "30", **url)[1], 30)

    def test_an_empty_variable_is_none(self):
        self.write(self.ours, config({"default": "https://ours.example"}, defaults="{output: table}"))
        empty = {name: "" for name in ("SAIL_BASE_URL", "SAIL_ACTIVEENVIRONMENT", "JIT_CONFIG", "JIT_OUTPUT",
                                       "XDG_CONFIG_HOME", "SAIL_ACCESS_TOKEN")}
        self.assertEqual(self.base_url(**empty), "https://ours.example")

    def test_a_relative_xdg_directory_is_ignored(self):
        self.write(self.ours, config({"default": "https://ours.example"}))
        self.assertEqual(self.base_url(XDG_CONFIG_HOME="xdg"), "https://ours.example")

    def test_without_a_home(self):
        env = {"HOME": None, "SAIL_BASE_URL": "https://acme.example"}
        self.assertEqual(self.base_url(**env), "https://acme.example")
        named = self.write(self.home / "named", config({"default": "https://named.example"}))
        self.assertEqual(self.base_url("--config", named, HOME=None), "https://named.example")
        env["HOME"] = nowhere()
        self.assertEqual(self.base_url(**env), "https://acme.example")


class Machine(SettingsTest):
    """The files for all who use the machine."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self.home / "first/jit/config.yaml", self.home / "second/jit/config.yaml"
        self.dirs = {"XDG_CONFIG_DIRS": f"relative:{self.home}/first::{self.home}/second"}

    def test_they_rank_below_all_that_is_a_persons_own(self):
        self.write(self.second, config({"acme": "https://second.example"}, activeenvironment="acme", defaults="{minutes: 7, wait: true}"), 0o644)
        self.assertEqual(self.dry_run(**self.dirs), ("https://second.example", 7))
        self.write(self.first, config({"acme": "https://first.example"}, defaults="{minutes: 8}"), 0o644)
        self.assertEqual(self.dry_run(**self.dirs), ("https://first.example", 8))
        self.write(self.vendors, config({"acme": "https://vendors.example"}, defaults="{minutes: 9}"))
        self.assertEqual(self.dry_run(**self.dirs), ("https://vendors.example", 9))
        self.write(self.ours, config({"acme": "https://ours.example"}, defaults="{minutes: 10}"))
        self.assertEqual(self.dry_run(**self.dirs), ("https://ours.example", 10))
        self.assertEqual(self.dry_run("--config", "/dev/null", **self.dirs), ("https://vendors.example", 9))

    def test_an_alias_is_replaced_by_a_persons_own(self):
        self.write(self.first, config({"default": "https://acme.example"}) + f"aliases:\n  prod: {{entitlements: {CONNECTION}, minutes: 5}}\n")
        words = ["activate", "prod", "--dry-run", "-o", "json"]
        self.assertEqual(self.jit(*words, **self.dirs).json()["body"]["activationPeriodMins"], 5)
        self.write(self.ours, f"aliases:\n  Prod: {{entitlements: {CONNECTION}, minutes: 6}}\n")
        self.assertEqual(self.jit(*words, **self.dirs).json()["body"]["activationPeriodMins"], 6)

    def test_a_secret_in_one_is_refused(self):
        for written, key in (("pat: {clientid: some-id, clientsecret: %s}", "pat.clientsecret"), ("pat: {accesstoken: %s}", "pat.accesstoken"),
                             ("oauth: {refreshtoken: %s}", "oauth.refreshtoken")):
            with self.subTest(key=key):
                path = self.write(self.first, config({"acme": "https://acme.example"}) + f"    {written % FILE_SECRET}\n")
                for words in (["list"], ["auth", "status"], ["activate", CONNECTION, "-m", "5"]):
                    self.assert_failed(self.jit(*words, **self.dirs, SAIL_ACCESS_TOKEN=ACCESS_TOKEN), 2,
                                       f"{path}:4: environments.acme.{key} is a secret, and this file is for everybody who uses the machine",
                                       hint="jit auth login")
        self.write(self.first, config({"default": "https://acme.example"}) + "    pat: {clientid: some-id, clientsecret: ''}\n    oauth: {accesstoken: ''}\n")
        self.assertEqual(self.base_url(**self.dirs), "https://acme.example")

    def test_one_that_others_could_have_written_is_refused(self):
        path = self.write(self.first, config({"default": "https://acme.example"}), 0o666)
        self.assertIn(f"{path} is not trusted: it can be written by others", self.refused(**self.dirs))

    def test_a_secret_goes_where_a_persons_own_file_says(self):
        with ScriptedServer(tls=None) as server:
            self.write(self.first, config({"default": "https://machine.example"}), 0o644)
            self.write(self.vendors, config({"default": server.url}))
            self.write(self.ours, f"environments: {{default: {{pat: {{clientid: {FILE_ID}, clientsecret: {FILE_SECRET}}}}}}}")
            server.expect(token_reply(), accepted())
            self.assert_done(self.jit(*ACTIVATE, **self.dirs))


class Credentials(SettingsTest):
    """Which credentials are sent, and that a file open to others gives none."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(ScriptedServer(tls=None))
        self.address = {"SAIL_BASE_URL": self.server.url}

    def pat(self, mode=0o600, path=None):
        text = (f"environments:\n  default:\n    baseurl: {self.server.url}\n"
                f"    pat: {{clientid: {FILE_ID}, clientsecret: {FILE_SECRET}}}\n")
        return self.write(path or self.vendors, text, mode)

    def used(self, **env):
        """Runs with these variables; what was used, and the run."""
        if "SAIL_ACCESS_TOKEN" not in env:
            self.server.expect(token_reply("fresh-token-0123"))
        self.server.expect(accepted())
        run = self.jit(*ACTIVATE, **self.address, **env)
        self.assertEqual(run.code, 0, run)
        for secret in (FILE_ID, FILE_SECRET, "fresh-token-0123"):
            self.assertNotIn(secret, run.stdout + run.stderr)
        requests = self.server.take()
        forms = [request.body.decode() for request in requests[:-1]]
        return forms, requests[-1].header("Authorization"), run

    @staticmethod
    def form(client_id, secret):
        return [f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}"]

    def test_the_order(self):
        self.pat()
        variables = {"SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}
        of_file = (self.form(FILE_ID, FILE_SECRET), "Bearer fresh-token-0123")
        self.assertEqual(self.used()[:2], of_file)
        self.assertEqual(self.used(SAIL_CLIENT_ID=CLIENT_ID)[:2], of_file)
        self.assertEqual(self.used(**variables)[:2], (self.form(CLIENT_ID, CLIENT_SECRET), "Bearer fresh-token-0123"))
        self.assertEqual(self.used(**variables, SAIL_ACCESS_TOKEN=ACCESS_TOKEN)[:2], ([], f"Bearer {ACCESS_TOKEN}"))

    def test_our_file_comes_before_the_vendors(self):
        self.pat()
        other = self.write(self.ours, "environments: {default: {pat: {clientid: ours-id, clientsecret: ours-secret}}}")
        self.assertEqual(self.used()[0], self.form("ours-id", "ours-secret"))
        os.remove(other)
        self.assertEqual(self.used()[0], self.form(FILE_ID, FILE_SECRET))

    def test_a_files_secret_goes_to_that_files_base_url_and_to_no_other(self):
        path = self.write(self.vendors, "environments:\n  default:\n    baseurl: https://acme.example\n"
                          f"    pat: {{clientid: {FILE_ID}, clientsecret: {FILE_SECRET}}}\n")
        said = (f"the secret in {path}:4 is for https://acme.example, but {{}} names {self.server.url}; "
                "nothing was sent")
        self.assert_failed(self.jit(*ACTIVATE, SAIL_BASE_URL=self.server.url), 2, said.format("SAIL_BASE_URL"))
        self.assert_failed(self.jit(*ACTIVATE, "--base-url", self.server.url), 2, said.format("--base-url"))
        self.assertEqual(self.server.take(), [])
        self.used(SAIL_CLIENT_ID=CLIENT_ID, SAIL_CLIENT_SECRET=CLIENT_SECRET)

    def test_a_secret_that_no_file_names_a_base_url_for_goes_nowhere(self):
        self.write(self.vendors, f"environments: {{default: {{pat: {{clientid: {FILE_ID}, clientsecret: {FILE_SECRET}}}}}}}")
        self.assert_failed(self.jit(*ACTIVATE, **self.address), 2, "no configuration file says which tenant the secret in ",
                           f"but SAIL_BASE_URL names {self.server.url}; nothing was sent",
                           hint=f"set environments.default.baseurl to {self.server.url}")
        self.write(self.ours, config({"default": self.server.url}))
        self.used()

    def test_variables_are_for_the_base_url_beside_them(self):
        with ScriptedServer(tls=None) as other:
            for more in ({"SAIL_ACCESS_TOKEN": ACCESS_TOKEN},
                         {"SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}):
                run = self.jit(*ACTIVATE, "--base-url", other.url, **self.address, **more)
                self.assert_failed(run, 2, f"stand beside SAIL_BASE_URL, {self.server.url}, but --base-url names "
                                           f"{other.url}; nothing was sent", hint="unset SAIL_BASE_URL")
            self.assertEqual(other.take(), [])
            other.expect(accepted())
            self.assert_done(self.jit(*ACTIVATE, "--base-url", other.url, SAIL_ACCESS_TOKEN=ACCESS_TOKEN))

    def test_a_file_that_others_can_read_is_refused(self):
        for mode in (0o644, 0o640, 0o604, 0o620, 0o666, 0o610):
            with self.subTest(mode=oct(mode)):
                path = self.pat(mode)
                run = self.jit(*ACTIVATE, **self.address)
                self.assert_failed(run, 2, f"{path} holds a secret and can be read by others",
                                   hint=f"chmod 600 '{path}'")
                self.assertEqual(self.server.take(), [])
        # The line does what it says.
        os.system(run.stderr.partition("close it: ")[2])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.used()

    def test_it_is_a_warning_where_the_credentials_come_from_elsewhere(self):
        path = self.pat(0o644)
        warning = (f"jit: warning: {path} holds a secret and can be read by others; "
                   f"close it: chmod 600 '{path}'\n")
        _, _, run = self.used(SAIL_ACCESS_TOKEN=ACCESS_TOKEN)
        self.assertEqual(run.stderr, warning)
        _, _, run = self.used(SAIL_CLIENT_ID=CLIENT_ID, SAIL_CLIENT_SECRET=CLIENT_SECRET)
        self.assertEqual(run.stderr, warning)
        self.server.expect(accepted())
        quiet = self.jit(*ACTIVATE, "-q", **self.address, SAIL_ACCESS_TOKEN=ACCESS_TOKEN)
        self.assert_done(quiet)

    def test_a_file_without_a_secret_may_be_read_by_all(self):
        self.write(self.vendors, config({"default": self.server.url}), 0o644)
        self.assertEqual(self.used(SAIL_ACCESS_TOKEN=ACCESS_TOKEN)[2].stderr, "")

    def test_the_secret_of_another_environment_is_not_used(self):
        pat = f"{{clientid: {FILE_ID}, clientsecret: {FILE_SECRET}}}"
        self.write(self.vendors, f"environments: {{acme: {{baseurl: '{self.server.url}', pat: {pat}}}}}")
        self.assert_failed(self.jit(*ACTIVATE, **self.address), 2, "no credentials are set")
        self.assert_failed(self.jit(*ACTIVATE, **self.address, SAIL_ACTIVEENVIRONMENT="other"), 2,
                           "no credentials are set for environment other (from SAIL_ACTIVEENVIRONMENT)")
        self.assertEqual(self.used(SAIL_ACTIVEENVIRONMENT="acme")[0], self.form(FILE_ID, FILE_SECRET))


class Files(SettingsTest):
    """Files that are no good."""

    URL = {"SAIL_BASE_URL": "https://acme.example"}

    def test_unknown_keys_are_warned_of(self):
        path = self.write(self.ours, "enviroments: {}\ndefaults:\n  minuts: 5\n  colour: blue\nenvironments:\n"
                                     "  acme:\n    base_url: https://x.example\n    pat: {client_id: a}\nxyzzy: 1\n")
        run = self.jit(*ACTIVATE, "--dry-run", **self.URL)
        self.assertEqual(run.code, 0, run)
        warnings = [
            (1, "enviroments is ignored; did you mean environments?"),
            (3, "defaults.minuts is ignored; did you mean defaults.minutes?"),
            (4, "defaults.colour is ignored"),
            (7, "environments.acme.base_url is ignored; did you mean environments.acme.baseurl?"),
            (8, "environments.acme.pat.client_id is ignored; did you mean environments.acme.pat.clientid?"),
            (9, "xyzzy is ignored")]
        self.assertEqual(run.stderr.splitlines(),
                         [f"jit: warning: {path}:{line}: unknown key {rest}" for line, rest in warnings])
        self.assertEqual(self.jit(*ACTIVATE, "--dry-run", "-q", **self.URL).stderr, "")

    def test_a_script_gets_warnings_in_its_error_and_nothing_beside_it(self):
        path = self.write(self.ours, "colour: blue\n")
        warning = f"{path}:1: unknown key colour is ignored"
        lost = "SAIL_CLIENT_SECRET is ignored: SAIL_CLIENT_ID is not set"
        for form in ("json", "jsonl"):
            for said in ({"JIT_OUTPUT": form}, {}):
                words = [] if said else ["-o", form]
                with self.subTest(form=form, words=words):
                    run = self.jit(*ACTIVATE, *words, SAIL_CLIENT_SECRET=CLIENT_SECRET, **said)
                    self.assertEqual(self.error_of(run, 2)["warnings"], [warning, lost])
                    quiet = self.jit(*ACTIVATE, *words, "-q", **said)
                    self.assertNotIn("warnings", self.error_of(quiet, 2))
        self.write(self.ours, "defaults: {output: json}\ncolour: blue\n")
        self.assertEqual(self.error_of(self.jit(*ACTIVATE), 2)["warnings"], [warning.replace(":1:", ":2:")])
        # A success says it on stderr, and its result is the result alone.
        run = self.jit(*ACTIVATE, "--dry-run", **self.URL)
        self.assertEqual((run.code, run.stderr), (0, f"jit: warning: {warning.replace(':1:', ':2:')}\n"))
        self.assertIn("body", run.json())

    def test_no_key_of_the_vendors_file_is_warned_of(self):
        self.write(self.vendors, "activeenvironment: acme\nauthtype: pat\ndebug: false\njson: true\nxyzzy: [1, {a: b}]\n"
                                 "exporttemplatespath: ''\nreporttemplatespath: ''\nsearchtemplatespath: ''\n"
                                 "environments:\n  acme:\n    authtype: pat\n    baseurl: acme\n    colour: blue\n"
                                 "    pat: {clientid: null, scopes: []}\n  eu:\n    prod: {tenanturl: https://eu.example}\n")
        for words in ([], ["--config", str(self.vendors)]):
            run = self.jit(*ACTIVATE, "--dry-run", "-o", "json", *words)
            self.assert_done(run)
            self.assertTrue(run.json()["url"].startswith("https://acme.api.identitynow.com/"))

    def test_the_keys_of_the_vendors_tool_are_known(self):
        self.write(self.vendors, "activeenvironment: acme\nauthtype: pat\ndebug: false\n"
                                 "customexporttemplatespath: \"\"\ncustomsearchtemplatespath: \"\"\n"
                                 "environments:\n  acme:\n    baseurl: https://acme.api.identitynow.com\n"
                                 "    tenanturl: https://acme.identitynow.com\n"
                                 "    pat: {clientid: '', clientsecret: '', accesstoken: '', expiry: ''}\n"
                                 "    oauth: {accesstoken: ''}\n", 0o644)
        run = self.jit(*ACTIVATE, "--dry-run", "-o", "json")
        self.assert_done(run)
        self.assertTrue(run.json()["url"].startswith("https://acme.api.identitynow.com/"))

    def test_values_of_the_wrong_kind(self):
        minutes = "defaults.minutes must be a whole number of minutes, at least 1"
        cases = [
            ("environments: [acme]", 1, "environments must be a group of keys, not a list"),
            ("activeenvironment:\n  - acme", 2, "activeenvironment must be text, not a list"),
            ("\n\ndefaults: 5", 3, "defaults must be a group of keys, not a single value"),
            ("defaults:\n  minutes: {}", 2, minutes), ("defaults:\n  minutes: 0", 2, minutes),
            ("defaults: {minutes: an hour}", 1, minutes), ("defaults: {minutes: 2147483648}", 1, minutes),
            ("defaults: {output: []}", 1, "defaults.output must be text, not a list"),
            ("environments:\n  acme:\n    baseurl: {a: b}", 3, "environments.acme.baseurl must be text, not a group"),
            ("environments:\n  acme:\n    pat: x", 3, "environments.acme.pat must be a group of keys, not a "),
            ("- a\n- b", 1, "the file must be a group of keys, not a list"),
            ("just words", 1, "the file must be a group of keys, not a single value"),
            ("[a]: b", 1, "a key of the file must be text"),
            ("environments:\n  acme: {}\n  Acme: {}", 3, "environments.Acme comes twice"),
        ]
        for text, line, part in cases:
            with self.subTest(text=text):
                path = self.write(self.ours, text)
                self.assertIn(f"jit: {path}:{line}: {part}", self.refused(**self.URL))

    def test_defaults_that_mean_nothing(self):
        path = self.write(self.ours, "\ndefaults: {output: xml}")
        self.assertIn(f"{path}:2: the output format must be table, json, jsonl or csv", self.refused(**self.URL))
        path = self.write(self.ours, config({"default": "ftp://acme.example"}))
        self.assertIn(f"{path}:3: the base URL's scheme is not https", self.refused())

    def test_broken_yaml(self):
        for text, line in (("a: [1\nb: 2", 2), ("a: 'b", 1), ("a:\n  b: 1\n c: 2\n", 3), ("\n\ta: b", 2),
                           ("a: *nobody", 1), ("a: b: c", 1), ("{" * 5000, 1), ("- " * 5000, 1)):
            with self.subTest(text=text[:20]):
                path = self.write(self.ours, text)
                self.assertIn(f"jit: {path}:{line}: not valid YAML: ", self.refused(**self.URL))

    def test_files_with_nothing_in_them(self):
        for text in ("", "\n", "# nothing\n", "---\n", "environments:\n", "environments:\n  acme:\n", "defaults:\n",
                     "null\n"):
            with self.subTest(text=text):
                self.write(self.ours, text)
                self.assertEqual(self.base_url(**self.URL), "https://acme.example")

    def test_files_that_cannot_be_read(self):
        missing = str(self.home / "missing.yaml")
        directory = str(self.home)
        for words, env in ((["--config", missing], {}), ([], {"JIT_CONFIG": missing})):
            self.assertIn(f"cannot read {missing}: No such file or directory", self.refused(*words, **self.URL, **env))
        self.assertIn(f"cannot read {directory}: Is a directory", self.refused("--config", directory, **self.URL))
        big = self.write(self.home / "big", b"#" * (1024 * 1024 + 1))
        self.assertIn("larger than 1 MiB", self.refused("--config", big, **self.URL))
        self.assertEqual(self.base_url("--config", "/dev/null", **self.URL), "https://acme.example")

    def test_only_regular_files_are_opened(self):
        """Nobody waits for the other end of a pipe, or for the end of what has none."""
        pipe = str(self.home / "pipe")
        os.mkfifo(pipe)
        link = self.home / "link"
        link.symlink_to("/dev/zero")
        for path in (pipe, "/dev/zero", "/dev/random", "/dev/tty", str(link), f"{self.home}/../{self.home.name}/pipe"):
            self.assertIn(f"cannot read {path}: it is no regular file", self.refused("--config", path, **self.URL))
        sparse = self.home / "sparse"
        with open(sparse, "wb") as file:
            file.truncate(1 << 40)
        self.assertIn("larger than 1 MiB", self.refused("--config", str(sparse), **self.URL))
        self.vendors.parent.mkdir()
        os.mkfifo(self.vendors)
        self.assertIn(f"cannot read {self.vendors}: it is no regular file", self.refused(**self.URL))
        self.vendors.unlink()
        for path, said in ((pipe, "it is no regular file"), ("/dev/zero", "it is no regular file"), (str(sparse), "it is too large"),
                           (str(self.home), "Is a directory")):
            token = {"SAIL_ACCESS_TOKEN": ACCESS_TOKEN, **self.URL}
            self.assert_failed(self.jit(*ACTIVATE, "--ca-file", path, **token), 2, f'--ca-file: cannot read "{path}": {said}')
            self.assert_failed(self.jit(*ACTIVATE, SSL_CERT_FILE=path, **token), 2, f"SSL_CERT_FILE: cannot read {path}: {said}")
            ours = self.write(self.ours, "environments:\n  default:\n    baseurl: https://acme.example\n"
                                         f"    client_cert: {path}\n")
            self.assert_failed(self.jit(*ACTIVATE, SAIL_ACCESS_TOKEN=ACCESS_TOKEN), 2, f"{ours}:4: cannot read {path}: {said}")
            self.ours.unlink()

    def test_a_file_that_others_could_have_written(self):
        """It would say where secrets go."""
        with ScriptedServer(tls=None) as server:
            path = self.write(self.ours, config({"default": server.url}))
            env = {"SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}
            for target, mode, said in ((self.ours, 0o620, "it can be written by others"), (self.ours, 0o602, "it can be written by others"),
                                       (self.ours.parent, 0o777, f"the directory {self.ours.parent} can be written by others"),
                                       (self.home, 0o770, f"the directory {self.home} can be written by others")):
                with self.subTest(target=target, mode=oct(mode)):
                    before = stat.S_IMODE(target.stat().st_mode)
                    target.chmod(mode)
                    run = self.jit(*ACTIVATE, **env)
                    self.assert_failed(run, 2, f"{path} is not trusted: {said}", hint=f"chmod go-w '{target}'")
                    # The line does what it says.
                    os.system(run.stderr.partition("close it: ")[2])
                    self.assertEqual(stat.S_IMODE(target.stat().st_mode), mode & ~0o022)
                    target.chmod(before)
            for command in (["list"], ["auth", "status"], ["auth", "login"], ["auth", "logout", "--all"], ["policy"]):
                self.ours.chmod(0o620)
                self.assert_failed(self.jit(*command, **env), 2, "is not trusted: it can be written by others")
            self.assertEqual(server.take(), [])
            self.ours.chmod(0o644)
            server.expect(token_reply(), accepted())
            self.assert_done(self.jit(*ACTIVATE, **env))

    @unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
    def test_a_file_of_another_user(self):
        path = self.write(self.ours, config({"default": "https://acme.example"}), 0o644)
        os.chown(path, 1, 1)
        run = self.jit(*ACTIVATE, SAIL_ACCESS_TOKEN=ACCESS_TOKEN)
        self.assert_failed(run, 2, f"{path} is not trusted: it belongs to another user", hint=f"chown \"$(id -un)\" '{path}'")
        os.system(run.stderr.partition("make it yours: ")[2])
        self.base_url(SAIL_ACCESS_TOKEN=ACCESS_TOKEN)

    def test_a_secret_in_the_wrong_place_is_never_repeated(self):
        for text in (f"environments:\n  default:\n    pat: {FILE_SECRET}\n",
                     f"environments: {FILE_SECRET}\n", f"defaults: {FILE_SECRET}\n", FILE_SECRET,
                     f"environments:\n  default:\n    pat: [{FILE_ID}, {FILE_SECRET}]\n",
                     f"environments:\n  default:\n    pat:\n      clientsecret: [{FILE_SECRET}]\n",
                     f"environments:\n  default:\n    pat:\n      clientid: a\n     clientsecret: {FILE_SECRET}\n",
                     f"environments:\n  default:\n    pat:\n      clientsecret: '{FILE_SECRET}\n",
                     f"environments:\n  default:\n    pat:\n      clientsecret: *{FILE_SECRET}\n",
                     f"environments:\n  default:\n    pat:\n      clientsecret: !{FILE_SECRET} {{{FILE_SECRET}: 1}}\n",
                     f"defaults:\n  minutes: {FILE_SECRET}\n", f"defaults:\n  output: {FILE_SECRET}\n",
                     f"environments:\n  default:\n    baseurl: {FILE_SECRET}\n",
                     f"environments:\n  default:\n    baseurl: https://robin:{FILE_SECRET}@acme.example\n",
                     f"environments:\n  default:\n    baseurl: https://acme.example/?token={FILE_SECRET}\n",
                     f"environments:\n  default:\n    pat: {{clientid: {FILE_ID}, {FILE_SECRET}}}\n",
                     f"environments:\n  default:\n    {FILE_SECRET}:\n",
                     f"clientsecret={FILE_SECRET}\n"):
            with self.subTest(text=text):
                self.write(self.ours, text)
                run = self.jit(*ACTIVATE, "--dry-run", "--debug")
                self.assertEqual(run.code, 2, run)
                self.assertNotIn(FILE_SECRET[:20], run.stderr)

    def test_text_of_a_file_does_not_steer_the_terminal(self):
        steering = "\x1b]0;owned\x07\x9b31m\u202e"
        for text in (f'"{steering}": 1\n', f"defaults: {{output: '{steering}'}}\n", b"\xff\x9b: 1\n",
                     'environments: {"\\u001b[31m\\u202e": {baseurl: []}}\n', 'activeenvironment: "\\u001b[31m"\n'):
            with self.subTest(text=text):
                self.write(self.ours, text)
                self.jit(*ACTIVATE)  # which looks through what is printed


class Environments(SettingsTest):
    """--env means one tenant and no other."""

    def setUp(self):
        super().setUp()
        self.write(self.vendors, config({"acme": "https://acme.example/", "acme-dev": "https://dev.example"}))

    def test_an_environment_that_is_not_there(self):
        self.assert_failed(self.jit(*ACTIVATE, "--env", "acne"), 2, "--env: there is no environment acne",
                           hint="did you mean acme? (there are: acme, acme-dev)")
        self.assert_failed(self.jit(*ACTIVATE, "--env", "unlike"), 2, "there is no environment unlike",
                           hint="there are: acme, acme-dev")
        self.assert_failed(self.jit(*ACTIVATE, "--env", "acne", "--base-url", "https://x.example"), 2,
                           "there is no environment acne")
        os.remove(self.vendors)
        self.assert_failed(self.jit(*ACTIVATE, "--env", "acme"), 2, "no configuration file defines an environment",
                           hint="jit auth login --env NAME --base-url URL")

    def test_an_environment_of_another_tenant_than_the_variable(self):
        run = self.jit(*ACTIVATE, "--env", "acme", SAIL_BASE_URL="https://dev.example", SAIL_ACCESS_TOKEN=ACCESS_TOKEN)
        self.assert_failed(run, 2, "--env acme means https://acme.example, but SAIL_BASE_URL is set to https://dev.exa",
                           hint="unset SAIL_BASE_URL, or leave --env out")
        for same in ("https://acme.example", "https://ACME.example/", "HTTPS://acme.example"):
            self.assertEqual(self.base_url("--env", "acme", SAIL_BASE_URL=same), "https://acme.example")
        words = ["--env", "acme", "--base-url", "https://x.example"]
        self.assertEqual(self.base_url(*words, SAIL_BASE_URL="https://y.example"), "https://x.example")

    def test_an_environment_without_a_base_url(self):
        self.assert_failed(self.jit(*ACTIVATE, SAIL_ACTIVEENVIRONMENT="gone"), 2,
                           "no base URL is set for environment gone (from SAIL_ACTIVEENVIRONMENT): there is no such",
                           hint="there are: acme, acme-dev")
        path = self.write(self.ours, "activeenvironment: acne-dev\n")
        self.assert_failed(self.jit(*ACTIVATE), 2, f"for environment acne-dev (from {path}:1): there is no such",
                           hint="did you mean acme-dev? (there are: acme, acme-dev)")
        for text in ("activeenvironment:\n", "activeenvironment: ''\n", "activeenvironment: null\n", ""):
            self.write(self.ours, text)
            self.assert_failed(self.jit(*ACTIVATE), 2, "no base URL is set, and no environment is chosen",
                               hint="there are: acme, acme-dev")
        for text in ("baseurl: null", "baseurl: ''", "baseurl:", "tenanturl: x"):
            self.write(self.vendors, f"environments:\n  default:\n    {text}\n")
            self.assert_failed(self.jit(*ACTIVATE), 2, "no base URL is set", hint="environments.default.baseurl")

    def test_names_have_no_case_and_may_have_dots(self):
        self.write(self.vendors, "activeenvironment: größe.ost\nenvironments:\n  eu:\n    baseurl: https://eu.example\n"
                                 "    prod: {baseurl: https://eu-prod.example, tenanturl: https://x.example}\n"
                                 "  größe:\n    ost: {baseurl: https://ost.example}\n  acme: {baseurl: https://acme.example}\n")
        self.assertEqual(self.base_url(), "https://ost.example")
        for name, url in (("eu", "eu"), ("EU.prod", "eu-prod"), ("GRÖSSE.Ost", "ost"), ("ACME", "acme")):
            self.assertEqual(self.base_url("--env", name), f"https://{url}.example")
            self.assertEqual(self.base_url(SAIL_ACTIVEENVIRONMENT=name), f"https://{url}.example")
        self.assert_failed(self.jit(*ACTIVATE, "--env", "größe"), 2, "there is no environment größe",
                           hint="there are: acme, eu, eu.prod, größe.ost")


class BaseUrls(SettingsTest):
    GOOD = {
        "https://acme.example/": "https://acme.example",
        "https://acme.example//": "https://acme.example",
        "HTTPS://ACME.Example": "https://acme.example",
        "https://acme.example:8443/": "https://acme.example:8443",
        "  https://acme.example\n": "https://acme.example",
        "https://[::1]:8443": "https://[::1]:8443",
        "https://acme.example/Beta/": "https://acme.example/Beta",
        "http://127.0.0.1:80": "http://127.0.0.1:80",
        "http://[::1]:8080/": "http://[::1]:8080",
        "http://localhost": "http://localhost",
        "acme.example": "https://acme.example",
        "acme": "https://acme.api.identitynow.com",
        "https://acme.identitynow.com/ui/d/dashboard?x=1": "https://acme.api.identitynow.com",
        "acme.login.sailpoint.com": "https://acme.api.identitynow.com",
        "acme.identitynow-demo.com": "https://acme.api.identitynow-demo.com",
        "acme.saas.sailpointfedramp.com": "https://acme.api.saas.sailpointfedramp.com",
    }
    BAD = {
        "scheme is not https": ["ftp://acme.example", "file:///etc/passwd"],
        "user part": ["https://robin@acme.example", "https://robin:pw-0123456789@acme.example",
                      "https://acme.example\\@evil.example"],
        "host": ["", "//acme.example", "https://", "https:///path", "https://ac me.example", "https://[::1", "https://a[b]",
                 "https://acme.exampl\u00e9"],
        "port": ["https://acme.example:0", "https://acme.example:65536", "https://acme.example:",
                 "https://acme.example:http"],
        "query": ["https://acme.example?x=1", "https://acme.example/#top", "https://acme.example/a b",
                  "https://acme.example/\r\nX-Evil: 1"],
    }

    def test_ways_to_write_the_same(self):
        for written, url in self.GOOD.items():
            with self.subTest(written=written):
                self.assertEqual(self.base_url(SAIL_BASE_URL=written), url)
                self.assertEqual(self.base_url("--base-url", written), url)
                self.write(self.vendors, f"environments: {{default: {{baseurl: {json.dumps(written)}}}}}\n")
                self.assertEqual(self.base_url(), url)

    def test_what_is_no_base_url(self):
        for part, urls in self.BAD.items():
            for written in urls:
                with self.subTest(written=written):
                    stderr = self.refused("--base-url", written)
                    self.assertIn("jit: --base-url: ", stderr)
                    self.assertIn(part, stderr)
                    self.assertNotIn("pw-0123456789", stderr)

    def test_a_path_goes_before_that_of_the_operation(self):
        with ScriptedServer([token_reply(), accepted()]) as server:
            env = {"SAIL_BASE_URL": f"{server.url}/gateway/", "SAIL_CLIENT_ID": CLIENT_ID,
                   "SAIL_CLIENT_SECRET": CLIENT_SECRET, "SSL_CERT_FILE": certificates().ca}
            self.assert_done(self.jit(*ACTIVATE, **env))
            self.assertEqual([request.line.split()[1] for request in server.requests],
                             ["/gateway/oauth/token", "/gateway/jit-activations/v1/activate"])


if __name__ == "__main__":
    unittest.main()
