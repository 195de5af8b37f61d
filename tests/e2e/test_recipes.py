"""docs/recipes.md shows the files of docs/recipes, and those do what it says: access is there while the work runs, and ended
after it, whatever came of it."""

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import tomllib
import unittest
from pathlib import Path

import yaml

from programs import JIT, JIT_SANDBOX, clean_environment
from running import until
from support import CONNECTION, Sandbox, Test, check_printed

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_RECIPES = _DOCS / "recipes"
_CREDENTIALS = ("SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET")
_NOWHERE = "http://127.0.0.1:1"  # a port that nobody listens on

# The work that access is for: keeps what is active meanwhile, and its own environment.
_WORK = """#!/bin/sh
curl -sS "$SAIL_BASE_URL/sandbox/activations" >during.json
env >environment
{end}
"""


class Recipe(Test):
    """A folder to run a recipe in, a practice tenant, and what became of access."""

    def setUp(self):
        self.sandbox = self.enterContext(Sandbox("--provision-delay", "0", tls=False))
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="jit-recipe-")))
        self.env = clean_environment({**self.sandbox.env, **self.own_home(),
                                      "PATH": f"{Path(JIT).parent}:/usr/bin:/bin"})
        self.set_work("exit 0")

    def hostile(self, name):
        """A practice tenant whose first entitlement has this name."""
        data = json.loads(subprocess.run([JIT_SANDBOX, "--list-data"], check=True, capture_output=True, text=True).stdout)
        data["connections"][0]["entitlement"]["displayName"] = name
        (self.folder / "data.json").write_text(json.dumps(data))
        return Sandbox("--provision-delay", "0", "--data", str(self.folder / "data.json"), tls=False)

    def set_work(self, end):
        work = self.folder / "deploy.sh"
        work.write_text(_WORK.format(end=end))
        work.chmod(0o700)

    def run_here(self, *words, env=None):
        """Runs a program in the folder, and looks through what it prints. Its exit code."""
        process = subprocess.Popen(words, cwd=self.folder, env=env or self.env, stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        out, err = process.communicate(timeout=60)
        check_printed(out + err, self.env, steering=False)
        self.printed = out + err
        return process.returncode

    def assert_worked_with_access(self, sees_credentials=False):
        during = json.loads((self.folder / "during.json").read_text())
        self.assertEqual([(one["connectionId"], one["status"]) for one in during], [(CONNECTION, "PROVISIONED")])
        seen = {line.partition("=")[0] for line in (self.folder / "environment").read_text().splitlines()}
        self.assertEqual(seen & set(_CREDENTIALS), set(_CREDENTIALS) if sees_credentials else set())

    def assert_ended(self):
        self.assertEqual(self.sandbox.applied(), {CONNECTION: {"activate": 1, "deactivate": 1}}, self.printed)
        self.assertEqual([one["status"] for one in self.sandbox.activations()], ["COMPLETED"])

    def assert_did_not_work(self):
        self.assertFalse((self.folder / "during.json").exists(), self.printed)
        self.assertEqual(self.sandbox.applied(), {})


class Document(unittest.TestCase):
    def test_the_document_shows_each_file(self):
        shown = re.findall(r"^```\w+\n(.*?)^```$", (_DOCS / "recipes.md").read_text(), re.MULTILINE | re.DOTALL)
        self.assertCountEqual(shown, [file.read_text() for file in _RECIPES.iterdir()])


class GitHub(Recipe):
    def run_job(self, after_first=lambda: None, **env):
        """Runs the steps as the platform does. Their exit codes, None where one was skipped."""
        job, = yaml.safe_load((_RECIPES / "github.yml").read_text())["jobs"].values()
        codes = {}
        for step in job["steps"]:
            if "run" not in step:
                continue
            name = step["name"]
            if any(codes.values()) and step.get("if") != "always()":
                codes[name] = None
                continue
            own = {key: re.sub(r"\$\{\{ secrets\.(\w+) \}\}", lambda secret: self.sandbox.env[secret[1]], value)
                   for key, value in step.get("env", {}).items()}
            bare = {key: value for key, value in self.env.items() if not key.startswith("SAIL_")}
            codes[name] = self.run_here("bash", "-e", "-c", step["run"],
                                        env={**bare, **job["env"], **own, "SAIL_BASE_URL": self.sandbox.url, **env})
            if len(codes) == 1:
                after_first()
        return list(codes.values())

    def test_access_ends_after_the_deployment(self):
        self.assertEqual(self.run_job(), [0, 0, 0], self.printed)
        self.assert_worked_with_access()
        self.assert_ended()

    def test_access_ends_after_a_deployment_that_failed(self):
        self.set_work("exit 3")
        self.assertEqual(self.run_job(), [0, 3, 0], self.printed)
        self.assert_ended()

    def test_nothing_is_deployed_without_access(self):
        self.sandbox.set_faults("activate:400")
        self.assertEqual(self.run_job(), [5, None, 0], self.printed)
        self.assert_did_not_work()
        self.assertEqual(self.run_job(SAIL_BASE_URL=_NOWHERE), [7, None, 7], self.printed)
        self.assert_did_not_work()

    def test_access_ends_where_nobody_knows_whether_it_began(self):
        self.sandbox.set_faults("activate:apply-reset", "get@3+:403")
        self.assertEqual(self.run_job(after_first=self.sandbox.set_faults), [9, None, 0], self.printed)
        self.assert_ended()


class GitLab(Recipe):
    def run_job(self):
        """Runs both scripts as the runner does. The exit code of the job, and that of after_script, which does not count."""
        job = yaml.safe_load((_RECIPES / "gitlab.yml").read_text())["deploy"]
        env = {**self.env, **job["variables"]}
        return [self.run_here("bash", "-c", "set -eo pipefail\n" + "\n".join(job[script]), env=env)
                for script in ("script", "after_script")]

    def test_access_ends_after_the_deployment(self):
        self.assertEqual(self.run_job(), [0, 0], self.printed)
        self.assert_worked_with_access()
        self.assert_ended()

    def test_access_ends_after_a_deployment_that_failed(self):
        self.set_work("exit 3")
        self.assertEqual(self.run_job(), [3, 0], self.printed)
        self.assert_ended()

    def test_nothing_is_deployed_without_access(self):
        self.sandbox.set_faults("activate:400")
        self.assertEqual(self.run_job(), [5, 0], self.printed)
        self.assert_did_not_work()


class Unit(Recipe):
    def lines(self):
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str
        unit.read_string(self.text())
        return dict(unit["Service"])

    def text(self):
        """The unit with the programs under test."""
        text = (_RECIPES / "vacuum.service").read_text()
        return text.replace("/usr/bin/jit", JIT).replace("/usr/local/bin/vacuum-production", str(self.folder / "deploy.sh"))

    def run_unit(self):
        """Runs the lines as systemd does. The first exit code that is not 0, and that of ExecStopPost."""
        lines, code = self.lines(), 0
        for name in ("ExecStartPre", "ExecStart"):
            code = code or self.run_here(*shlex.split(lines[name]))
        return [code, self.run_here(*shlex.split(lines["ExecStopPost"]))]

    def test_access_ends_after_the_work(self):
        self.assertEqual(self.run_unit(), [0, 0], self.printed)
        self.assert_worked_with_access()
        self.assert_ended()

    def test_access_ends_after_work_that_failed(self):
        self.set_work("exit 3")
        self.assertEqual(self.run_unit(), [3, 0], self.printed)
        self.assert_ended()

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not here")
    def test_systemd_finds_nothing_wrong(self):
        unit = self.folder / "vacuum.service"
        unit.write_text(self.text())
        run = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
        complaints = [line for line in run.stderr.splitlines() if "vacuum" in line]
        self.assertEqual((run.returncode, complaints), (0, []), run.stderr)


def commands_of(name, key):
    """What a line of a unit runs: systemd takes $$ for $."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string((_RECIPES / name).read_text().replace("/usr/bin/jit", JIT))
    return [word.replace("$$", "$") for word in shlex.split(unit["Service"][key])]


class Desktop(Recipe):
    def programs(self, **scripts):
        folder = self.folder / "bin"
        folder.mkdir()
        for name, text in scripts.items():
            self.program(folder, name.replace("_", "-"), text)
        self.env["PATH"] = f"{folder}:{self.env['PATH']}"

    def test_a_notice_before_access_ends(self):
        told = self.folder / "told"
        self.programs(notify_send=f'printf "%s|" "$@" >{told}.new; mv {told}.new {told}')
        self.assertEqual(self.run_here(JIT, "activate", "Prod DB Admin", "-m", "4", "--wait"), 0, self.printed)
        watch = subprocess.Popen(commands_of("jit-warn.service", "ExecStart"), env=self.env, cwd=self.folder,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(told.exists)
        finally:
            watch.terminate()
            watch.wait(60)
        self.assertEqual(told.read_text(), "Prod DB Admin|ends in 3 minutes|")

    def test_nothing_is_left_on(self):
        for name in ("Prod DB Admin", "Kubernetes Cluster Admin"):
            self.assertEqual(self.run_here(JIT, "activate", name, "-m", "60", "--wait"), 0, self.printed)
        for _ in range(2):  # the second time there is nothing to end
            self.assertEqual(self.run_here(*commands_of("jit-end.service", "ExecStop")), 0, self.printed)
            self.assertEqual({one["status"] for one in self.sandbox.activations()}, {"COMPLETED"})

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not here")
    def test_systemd_finds_nothing_wrong(self):
        for name, where in (("jit-warn.service", "--user"), ("jit-end.service", "--user"),
                            ("jit-end-sleep@.service", "--system")):
            with self.subTest(name=name):
                unit = self.folder / name.replace("@", "@alice")
                unit.write_text((_RECIPES / name).read_text().replace("/usr/bin/jit", JIT))
                run = subprocess.run(["systemd-analyze", where, "verify", "--man=no", unit], capture_output=True,
                                     text=True, env={**os.environ, "XDG_RUNTIME_DIR": str(self.folder)})
                self.assertEqual([line for line in run.stderr.splitlines() if "jit-" in line], [], run.stderr)


class Ssh(Recipe):
    def setUp(self):
        super().setUp()
        helper = _RECIPES / "ssh-access.bash"
        config = (_RECIPES / "ssh_config").read_text().replace("~/.ssh/ssh-access", f"bash {helper}")
        config = config.replace("db.internal.example", "127.0.0.1")
        (self.folder / "config").write_text(config)

    def ssh(self, *words):
        return self.run_here("ssh", "-F", "config", "-p", "1", *words)  # a port that nobody listens on

    def test_a_connection_has_access(self):
        for words in (("db.example",), ("-v", "db.example", "run", "-G"), ("-o", "User=G", "-l", "-G", "db.example")):
            with self.subTest(words=words):
                self.sandbox.forget()
                self.assertEqual(self.ssh(*words), 255)
                self.assertIn("connect to host 127.0.0.1", self.printed)
                self.assertEqual(self.sandbox.requested()[:1], ["connections"])
        self.assertEqual([one["status"] for one in self.sandbox.activations()], ["PROVISIONED"])

    def test_who_only_reads_the_configuration_has_none(self):
        for words in (("-G", "db.example"), ("db.example", "-G"), ("-vG", "db.example"), ("-4", "-vvG", "db.example"),
                      ("-O", "check", "db.example")):
            with self.subTest(words=words):
                self.ssh(*words)
                if "check" not in words:
                    self.assertIn("hostname 127.0.0.1\n", self.printed)
                self.assertEqual(self.sandbox.requested(), [])

    def test_other_hosts(self):
        self.ssh("127.0.0.1")
        self.assertEqual(self.sandbox.requested(), [])

    def test_no_access_no_connection(self):
        self.sandbox.set_faults("activate:400")
        self.assertEqual(self.ssh("db.example"), 255)
        self.assertIn("Could not resolve hostname db.example", self.printed)


class Make(Recipe):
    def make(self):
        return self.run_here("make", "--no-print-directory", "-f", _RECIPES / "Makefile", "deploy")

    def test_access_ends_after_the_work(self):
        self.assertEqual(self.make(), 0, self.printed)
        self.assert_worked_with_access(sees_credentials=True)
        self.assert_ended()

    def test_access_ends_after_work_that_failed(self):
        self.set_work("exit 3")
        self.assertEqual(self.make(), 2, self.printed)
        self.assertIn("Error 3", self.printed)
        self.assert_ended()

    def test_access_ends_after_ctrl_c(self):
        self.set_work("kill -INT 0")  # all of the job, as the terminal does
        self.assertNotEqual(self.make(), 0)
        self.assert_ended()

    def test_nothing_is_done_without_access(self):
        self.sandbox.set_faults("activate:400")
        self.assertEqual(self.make(), 2, self.printed)
        self.assertIn("Error 5", self.printed)
        self.assert_did_not_work()


class Prompt(Recipe):
    def prompts(self):
        """What the shells put before (fish: at the right of) the line."""
        commands = (("bash", "--norc", "-c", f"PS1='$ '; . {_RECIPES}/prompt.bash; printf %s \"${{PS1@P}}\""),
                    ("zsh", "-f", "-c", f"setopt PROMPT_SUBST; PROMPT='$ '; . {_RECIPES}/prompt.zsh; "
                                        "for function in $precmd_functions; do $function; done; print -rn -- ${(%%)PROMPT}"),
                    ("fish", "--no-config", "-c", f"source {_RECIPES}/prompt.fish; fish_right_prompt"))
        prompts = []
        for words in commands:
            self.assertEqual(self.run_here(*words), 0, self.printed)
            prompts.append(self.printed)
        return prompts

    def test_it_shows_what_is_active_and_asks_nobody(self):
        self.assertEqual(self.prompts(), ["$ ", "$ ", ""])
        self.assertEqual(self.run_here("jit", "activate", "Prod DB Admin", "-m", "90", "--wait"), 0, self.printed)
        self.sandbox.forget()
        for prompt, form in zip(self.prompts(), (r"\[{}\] \$ ", r"\[{}\] \$ ", r"\[{}\]")):
            self.assertRegex(prompt, rf"\A{form.format('Prod DB Admin 1 h [0-9]+ min')}\Z")
        self.assertEqual(self.sandbox.requested(), [])

    def test_a_name_is_never_interpreted(self):
        name = "%F{red}$(id)`id`\\u100%"
        with self.hostile(name) as hostile:
            env = {**self.env, **hostile.env}
            self.assertEqual(self.run_here("jit", "activate", CONNECTION, "-m", "90", "--wait", env=env), 0, self.printed)
            self.assertEqual(self.run_here("jit", "status", env=env), 0, self.printed)
            self.env = env
            for prompt in self.prompts():
                self.assertIn(f"[{name} ", prompt)


class Bars(Recipe):
    """What starship, tmux and waybar show. tmux itself runs; of the other two the commands are run as they run them."""

    def starship(self):
        """Its segment, None where `when` hides it."""
        segment = tomllib.loads((_RECIPES / "starship.toml").read_text())["custom"]["jit"]
        if self.run_here(*segment["shell"], "-c", segment["when"]) != 0:
            return None
        self.assertEqual(self.run_here(*segment["shell"], "-c", segment["command"]), 0, self.printed)
        return self.printed.strip()

    def tmux(self):
        """The right of tmux's status line, as a terminal shows it: the terminal is a window of another tmux."""
        inner, outer = (["tmux", "-S", str(self.folder / name)] for name in ("inner", "outer"))
        env = {**self.env, "TERM": "xterm-256color", "SHELL": "/bin/sh"}

        def tmux(*words):
            return subprocess.run(words, cwd=self.folder, env=env, check=True, capture_output=True, text=True, timeout=60).stdout

        tmux(*inner, "-f", str(_RECIPES / "tmux.conf"), "new-session", "-d", "-n", "window", "cat")
        try:
            tmux(*outer, "-f", "/dev/null", "new-session", "-d", "-x", "150", "-y", "20",
                 "env -u TMUX " + shlex.join([*inner, "attach"]), ";", "set", "-g", "status", "off")
            try:
                self.assertEqual(tmux(*inner, "show", "-gv", "status-right-length"), "80\n")
                line, end = "", time.monotonic() + 60
                while " min" not in line and time.monotonic() < end:
                    line = (tmux(*outer, "capture-pane", "-p").splitlines() or [""])[-1]
                return line.partition("window*")[2].strip()
            finally:
                tmux(*outer, "kill-server")
        finally:
            tmux(*inner, "kill-server")

    def tmux_command(self):
        """What its command prints."""
        line = (_RECIPES / "tmux.conf").read_text().splitlines()[-1]
        [command] = re.findall(r"^#\((.*)\)$", shlex.split(line)[-1])
        self.assertEqual(self.run_here("sh", "-c", command), 0, self.printed)
        return self.printed.strip()

    def waybar(self):
        module = json.loads("{" + (_RECIPES / "waybar.jsonc").read_text() + "}")["custom/jit"]
        self.assertEqual(self.run_here("sh", "-c", module["exec"]), 0, self.printed)
        self.assertEqual((module["return-type"], self.printed.count("\n")), ("json", 1))
        return json.loads(self.printed)

    def activate(self, minutes, env=None):
        self.assertEqual(self.run_here("jit", "activate", CONNECTION, "-m", minutes, "--wait", env=env), 0, self.printed)
        self.assertEqual(self.run_here("jit", "status", env=env), 0, self.printed)

    def test_nothing_is_active(self):
        self.assertEqual((self.starship(), self.tmux_command()), (None, ""))
        self.assertEqual(self.waybar()["text"], "")

    def test_they_show_what_is_active_and_ask_nobody(self):
        self.activate("90")
        self.sandbox.forget()
        for shown in (self.starship(), self.tmux_command()):
            self.assertRegex(shown, r"\AProd DB Admin (89|90) min\Z")
        bar = self.waybar()
        self.assertEqual((bar["text"], bar["class"]), ("Prod DB Admin", "active"))
        self.assertRegex(bar["tooltip"], r"\AProd DB Admin until \d\d:\d\d\Z")
        self.assertEqual(self.sandbox.requested(), [])

    def test_the_last_minutes(self):
        self.activate("4")
        self.assertEqual(self.waybar()["class"], "ending")

    def test_a_name_is_never_interpreted(self):
        name = "#(id)#[fg=red]<b>$(id)`id`"
        with self.hostile(name) as sandbox:
            self.env = {**self.env, **sandbox.env}
            self.activate("90")
            self.assertIn(name, self.starship())
            self.assertEqual(self.waybar()["text"], "#(id)#[fg=red]&lt;b&gt;$(id)`id`")
            if shutil.which("tmux"):
                self.assertRegex(self.tmux(), rf"\A{re.escape(name)} \d+ min\Z")

    @unittest.skipUnless(shutil.which("tmux"), "tmux is not here")
    def test_tmux_shows_it(self):
        self.activate("90")
        self.assertRegex(self.tmux(), r"\AProd DB Admin (89|90) min\Z")


if __name__ == "__main__":
    unittest.main()
