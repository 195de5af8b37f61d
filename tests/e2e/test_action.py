"""action/ as the runner of GitHub Actions runs it: the main step, the job, the post step; templates/ as GitLab's does."""

import hashlib
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import yaml

from programs import JIT, JIT_SANDBOX, clean_environment
from support import CONNECTION, Sandbox, Test, check_printed
from test_wait import FRICTIONS

_ACTION = Path(__file__).resolve().parents[2] / "action"
_TEMPLATES = _ACTION.parent / "templates"
_NODE = shutil.which("node")
_DIGEST = hashlib.sha256(Path(JIT).read_bytes()).hexdigest()
_PATIENCE = 60


def read_file_command(path):
    """What a step has written to GITHUB_STATE or GITHUB_OUTPUT. The last value of a name counts."""
    found = re.findall(r"^([^\n=]+)<<(\S+)\n(.*?)\n?^\2\n", path.read_text(), re.MULTILINE | re.DOTALL)
    return {name: value for name, _, value in found}


def unescape(text):
    for escaped, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, char)
    return text


@unittest.skipUnless(_NODE or os.environ.get("CI") == "true", "node is not here")
class ActionTest(Test):
    options = ("--provision-delay", "0")

    def setUp(self):
        self.sandbox = self.enterContext(Sandbox(*self.options, tls=False))
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="jit-action-")))
        self.home = self.own_home()
        self.inputs = {"entitlement": "Prod DB Admin", "minutes": "30", "base-url": self.sandbox.url, "path": JIT, "sha256": _DIGEST,
                       "client-id": self.sandbox.env["SAIL_CLIENT_ID"], "client-secret": self.sandbox.env["SAIL_CLIENT_SECRET"]}
        self.metadata = yaml.safe_load((_ACTION / "action.yml").read_text())
        self.state, self.outputs = {}, {}

    def jit(self, *words):
        """jit at somebody else's, who works as the same identity."""
        run = subprocess.run([JIT, *words], env=clean_environment({**self.sandbox.env, **self.own_home()}), capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def start(self, step):
        """Starts a step, "main" or "post", as the runner does."""
        for name in ("state", "output"):
            (self.folder / name).write_text("")
        # The runner hands over each input that the metadata has, and an empty text for one that is not given.
        inputs = {f"INPUT_{name.upper()}": self.inputs.get(name, "") for name in self.metadata["inputs"]}
        env = clean_environment({**inputs, **self.home, **{f"STATE_{name}": value for name, value in self.state.items()},
                                 "GITHUB_STATE": str(self.folder / "state"), "GITHUB_OUTPUT": str(self.folder / "output"),
                                 "RUNNER_TEMP": str(self.folder), "GITHUB_ACTIONS": "true"})
        return subprocess.Popen([_NODE or "node", _ACTION / self.metadata["runs"][step]], cwd=self.folder, env=env, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def finish(self, process):
        out, err = process.communicate(timeout=_PATIENCE)
        self.assertEqual(err, "")
        masks = {unescape(line.removeprefix("::add-mask::")) for line in out.splitlines() if line.startswith("::add-mask::")}
        self.printed = "".join(line for line in out.splitlines(keepends=True) if not line.startswith("::add-mask::"))
        self.masked = masks
        check_printed(self.printed, self.sandbox.env)
        self.annotations = [(level, unescape(title), unescape(message)) for level, title, message in
                            re.findall(r"^::(\w+) title=(.*?)::(.*)$", self.printed, re.MULTILINE)]
        self.state.update(read_file_command(self.folder / "state"))
        self.outputs.update(read_file_command(self.folder / "output"))
        return process.returncode

    def run_step(self, step):
        return self.finish(self.start(step))

    def statuses(self):
        return [one["status"] for one in self.sandbox.activations()]

    def assert_error(self, title, *parts):
        [(level, said, message)] = self.annotations
        self.assertEqual((level, said), ("error", title), self.printed)
        for part in parts:
            self.assertIn(part, message)


class Job(ActionTest):
    def test_access_is_there_after_main_and_ended_after_post(self):
        self.assertEqual(self.run_step("main"), 0, self.printed)
        self.assertEqual(self.statuses(), ["PROVISIONED"])
        self.assertEqual((self.outputs["action"], self.outputs["connection-id"]), ("activate", CONNECTION))
        self.assertEqual(self.outputs["expires-at"], self.sandbox.activations()[0]["expiration"])
        self.assertEqual(set(self.outputs), set(self.metadata["outputs"]))
        self.assertEqual(self.masked, {self.sandbox.env["SAIL_CLIENT_SECRET"]})
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertEqual(self.statuses(), ["COMPLETED"])
        self.assertEqual(self.sandbox.applied(), {CONNECTION: {"activate": 1, "deactivate": 1}})
        self.assertEqual(self.annotations, [])

    def test_access_that_was_active_is_left_on(self):
        self.jit("activate", CONNECTION, "-m", "60", "--wait")
        self.assertEqual(self.run_step("main"), 0, self.printed)
        self.assertEqual(self.outputs["action"], "none")
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertEqual(self.statuses(), ["PROVISIONED"])

    def test_access_that_was_extended_is_left_on(self):
        self.jit("activate", CONNECTION, "-m", "10", "--wait")
        self.assertEqual(self.run_step("main"), 0, self.printed)
        self.assertEqual(self.outputs["action"], "extend")
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertEqual(self.statuses(), ["PROVISIONED"])

    def test_less_may_remain_where_the_input_says_so(self):
        self.jit("activate", CONNECTION, "-m", "10", "--wait")
        self.inputs["min-remaining"] = "5"
        self.assertEqual(self.run_step("main"), 0, self.printed)
        self.assertEqual(self.outputs["action"], "none")

    def test_a_later_step_finds_no_token(self):
        self.assertEqual(self.run_step("main"), 0, self.printed)
        self.assertEqual(sorted(Path(self.home["HOME"]).rglob("*")), [])

    def test_no_secret_is_in_a_list_of_arguments(self):
        program = self.folder / "jit"
        program.write_text(f'#!/bin/sh\necho "$@" >>"{self.folder}/arguments"\nexec "{JIT}" "$@"\n')
        program.chmod(0o700)
        self.inputs.update(path=str(program), sha256=hashlib.sha256(program.read_bytes()).hexdigest())
        self.assertEqual([self.run_step("main"), self.run_step("post")], [0, 0])
        arguments = (self.folder / "arguments").read_text()
        self.assertEqual([line.split()[0] for line in arguments.splitlines()], ["ensure", "ensure", "deactivate"])
        check_printed(arguments, self.sandbox.env, steering=False)


class Recipe(unittest.TestCase):
    def test_it_uses_the_action_as_it_is(self):
        metadata = yaml.safe_load((_ACTION / "action.yml").read_text())
        recipe = (_ACTION.parent / "docs" / "recipes" / "github-action.yml").read_text()
        [step] = [step for step in yaml.safe_load(recipe)["jobs"]["deploy"]["steps"] if "jit/action" in step.get("uses", "")]
        self.assertLessEqual(set(step["with"]), set(metadata["inputs"]))
        self.assertLessEqual({name for name, spec in metadata["inputs"].items() if spec.get("required")}, set(step["with"]))
        self.assertLessEqual(set(re.findall(r"steps\.access\.outputs\.([\w-]+)", recipe)), set(metadata["outputs"]))

    def test_it_uses_the_component_as_it_is(self):
        specs = yaml.safe_load((_TEMPLATES / "jit-access.yml").read_text().partition("\n---\n")[0])["spec"]["inputs"]
        recipe = yaml.safe_load((_ACTION.parent / "docs" / "recipes" / "gitlab-component.yml").read_text())
        [include] = recipe["include"]
        self.assertLessEqual(set(include["inputs"]), set(specs))
        self.assertLessEqual({name for name, spec in specs.items() if "default" not in spec}, set(include["inputs"]))
        self.assertRegex(include["component"], r"/jit-access@")
        self.assertIn(include["inputs"]["job"], recipe)


class Failures(ActionTest):
    def test_a_refusal(self):
        self.sandbox.set_faults("activate:400")
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: refused (code 5)", "HTTP 400")
        self.sandbox.forget()
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertEqual(self.sandbox.requested(), [])

    def test_a_name_that_means_nothing(self):
        self.inputs["entitlement"] = "100%25, nothing: of\nthe kind"
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: refused (code 5)", "100%25, nothing", "jit list shows what there is")
        self.assertEqual(self.run_step("post"), 0, self.printed)

    def test_an_input_is_no_option(self):
        self.inputs["entitlement"] = "--dry-run"
        self.assertEqual(self.run_step("main"), 1)
        self.assertEqual(self.sandbox.applied(), {})

    def test_a_service_that_is_not_there(self):
        self.inputs["base-url"] = "http://127.0.0.1:1"
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: unreachable (code 7)")
        self.assertEqual(self.run_step("post"), 0, self.printed)

    def test_an_input_is_missing(self):
        for name, spec in self.metadata["inputs"].items():
            if spec.get("required"):
                with self.subTest(name=name):
                    self.inputs, before = {**self.inputs, name: ""}, self.inputs
                    self.assertEqual(self.run_step("main"), 1)
                    self.assert_error("jit: action", f'"{name}" is missing')
                    self.inputs = before
        self.assertEqual(self.sandbox.requested(), [])

    def test_access_ends_where_nobody_knows_whether_it_began(self):
        self.sandbox.set_faults("activate:apply-reset", "get@5+:403")
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: unknown_outcome (code 9)")
        self.assertEqual(self.outputs, {})
        self.sandbox.set_faults()
        self.assertEqual(self.statuses(), ["PROVISIONED"])
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertEqual(self.statuses(), ["COMPLETED"])

    def test_access_that_cannot_be_ended_fails_the_job(self):
        self.assertEqual(self.run_step("main"), 0, self.printed)
        self.sandbox.set_faults("deactivate:403")
        self.assertEqual(self.run_step("post"), 1)
        self.assert_error("jit: forbidden (code 4)")


class Cancelled(ActionTest):
    def start_main(self):
        """The main step, at the moment when it waits for access that has begun."""
        self.inputs["entitlement"] = "Payroll Approver"  # waits for a person, for ever
        process = self.start("main")
        while not self.sandbox.activations():
            self.assertIsNone(process.poll(), "the step has ended before anything was activated")
        return process

    def test_by_sigint(self):
        process = self.start_main()
        process.send_signal(signal.SIGINT)  # to node alone, as the runner does
        self.assertEqual(self.finish(process), 1)
        self.assert_error("jit: interrupted (code 130)")
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertEqual(self.sandbox.applied(), {FRICTIONS: {"activate": 1, "deactivate": 1}})

    def test_by_sigkill(self):
        process = self.start_main()
        os.killpg(process.pid, signal.SIGKILL)
        self.assertEqual(self.finish(process), -signal.SIGKILL)
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertEqual(self.sandbox.applied(), {FRICTIONS: {"activate": 1, "deactivate": 1}})

    def test_access_of_somebody_else_is_left_on(self):
        self.jit("activate", FRICTIONS, "-m", "60")
        process = self.start_main()
        os.killpg(process.pid, signal.SIGKILL)
        self.finish(process)
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertEqual(self.sandbox.applied(), {FRICTIONS: {"activate": 1}})


class Binary(ActionTest):
    def test_another_digest(self):
        self.inputs["sha256"] = hashlib.sha256(b"something else").hexdigest()
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: action", _DIGEST, "it was not run")
        self.assertEqual(self.sandbox.journal()["requests"], [])

    def test_no_digest(self):
        self.inputs["sha256"] = "latest"
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: action", "64 hexadecimal digits")

    def test_neither_path_nor_url(self):
        self.inputs["path"] = ""
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: action", '"path" or the input "url"')

    def test_post_runs_nothing_else_either(self):
        self.assertEqual(self.run_step("main"), 0, self.printed)
        Path(self.state["program"]).write_text(f"#!/bin/sh\necho bad >{self.folder}/bad\n")
        self.assertEqual(self.run_step("post"), 0, self.printed)
        self.assertFalse((self.folder / "bad").exists())
        self.assertEqual(self.statuses(), ["COMPLETED"])

    def serve(self, body):
        """Has the input `url` name a server that sends this, and keeps in `downloads` how often it was asked."""
        test = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                test.downloads += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.downloads = 0
        server = self.enterContext(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        self.inputs.update(path="", url=f"http://127.0.0.1:{server.server_port}/jit")

    def test_a_download(self):
        self.serve(Path(JIT).read_bytes())
        self.assertEqual([self.run_step("main"), self.run_step("post")], [0, 0], self.printed)
        self.assertEqual(self.statuses(), ["COMPLETED"])
        self.assertEqual(self.downloads, 1)  # the post step needs no network for it

    def test_a_download_of_something_else(self):
        self.serve(b"#!/bin/sh\necho bad\n")
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: action", "it was not run")

    def test_a_download_without_tls(self):
        self.inputs.update(path="", url="http://downloads.example/jit")
        self.assertEqual(self.run_step("main"), 1)
        self.assert_error("jit: action", "is not https")


class HostileText(ActionTest):
    def test_text_of_the_service_is_no_command(self):
        name = "::error::bad ##[set-output name=a]b"
        data = json.loads(subprocess.run([JIT_SANDBOX, "--list-data"], check=True,
                                         capture_output=True, text=True).stdout)
        data["connections"][0]["entitlement"]["displayName"] = name
        (self.folder / "data.json").write_text(json.dumps(data))
        self.sandbox = self.enterContext(Sandbox(*self.options, "--data", str(self.folder / "data.json"), tls=False))
        self.inputs.update({"base-url": self.sandbox.url, "entitlement": CONNECTION})
        self.assertEqual(self.run_step("main"), 0, self.printed)
        self.assertEqual((self.annotations, re.findall(r"^\s*::|##\[", self.printed, re.MULTILINE)), ([], []), self.printed)
        self.assertIn("set-output", self.printed)
        self.assertEqual(set(self.outputs), set(self.metadata["outputs"]))


class GitLab(Test):
    """templates/jit-access.yml: both scripts, with bash, as the runner runs them."""

    def setUp(self):
        self.sandbox = self.enterContext(Sandbox("--provision-delay", "0", tls=False))
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="jit-gitlab-")))
        project = self.folder / "project"
        project.mkdir()
        self.inputs = {"entitlement": "Prod DB Admin", "minutes": "30", "command": "./deploy.sh", "path": JIT, "sha256": _DIGEST}
        self.env = clean_environment({**self.sandbox.env, **self.own_home(), "CI_PROJECT_DIR": str(project), "CI_JOB_ID": "42"})
        self.set_work("exit 0")

    def set_work(self, end):
        work = self.folder / "project" / "deploy.sh"
        work.write_text(f'#!/bin/sh\ncurl -sS "$SAIL_BASE_URL/sandbox/activations" >during.json\nenv >environment\n{end}\n')
        work.chmod(0o700)

    def job(self):
        """The one job of the component, with the inputs in their places."""
        text = (_TEMPLATES / "jit-access.yml").read_text()
        specs = yaml.safe_load(text.partition("\n---\n")[0])["spec"]["inputs"]
        self.assertLessEqual(set(self.inputs), set(specs))
        values = {name: self.inputs.get(name, spec.get("default")) for name, spec in specs.items()}
        text = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda name: values[name[1]], text.partition("\n---\n")[2])
        [(name, job)] = yaml.safe_load(text).items()
        self.assertEqual((name, job["stage"]), ("jit-access", "deploy"))
        return job

    def start(self, script):
        job = self.job()
        values = {name: value["value"] if isinstance(value, dict) else value for name, value in job["variables"].items()}
        return subprocess.Popen(["bash", "-c", "set -eo pipefail\n" + "\n".join(job[script])], cwd=self.folder / "project",
                                env={**self.env, **values}, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True)

    def finish(self, process):
        out, err = process.communicate(timeout=_PATIENCE)
        self.printed = out + err
        check_printed(self.printed, self.env)
        return process.returncode

    def run_job(self):
        return [self.finish(self.start(script)) for script in ("script", "after_script")]

    def statuses(self):
        return [one["status"] for one in self.sandbox.activations()]

    def test_access_ends_after_the_command(self):
        self.assertEqual(self.run_job(), [0, 0], self.printed)
        during = json.loads((self.folder / "project" / "during.json").read_text())
        self.assertEqual([(one["connectionId"], one["status"]) for one in during], [(CONNECTION, "PROVISIONED")])
        self.assertEqual(self.statuses(), ["COMPLETED"])
        self.assertNotIn("SAIL_CLIENT", (self.folder / "project" / "environment").read_text())
        self.assertEqual(sorted(path.name for path in Path(self.env["HOME"]).rglob("*")), [])  # no token either

    def test_access_ends_after_a_command_that_failed(self):
        self.set_work("exit 3")
        self.assertEqual(self.run_job(), [3, 0], self.printed)
        self.assertEqual(self.statuses(), ["COMPLETED"])

    def test_access_that_was_active_is_left_on(self):
        for minutes, operations in (("60", {"activate": 1}), ("5", {"activate": 2, "extend": 1, "deactivate": 1})):
            with self.subTest(minutes=minutes):
                env = clean_environment({**self.sandbox.env, **self.own_home()})
                subprocess.run([JIT, "activate", CONNECTION, "-m", minutes, "--wait"], env=env, check=True, capture_output=True)
                self.assertEqual(self.run_job(), [0, 0], self.printed)
                self.assertEqual(self.sandbox.applied(), {CONNECTION: operations})
                self.assertIn("PROVISIONED", self.statuses())
                if minutes == "60":
                    subprocess.run([JIT, "deactivate", CONNECTION, "--wait"], env=env, check=True, capture_output=True)

    def test_nothing_is_run_without_access(self):
        self.sandbox.set_faults("activate:400")
        self.assertEqual(self.run_job(), [5, 0], self.printed)
        self.assertFalse((self.folder / "project" / "during.json").exists())
        self.assertIn("ends nothing", self.printed)

    def test_access_ends_where_nobody_knows_whether_it_began(self):
        self.sandbox.set_faults("activate:apply-reset", "get@5+:403")
        self.assertEqual(self.finish(self.start("script")), 9, self.printed)
        self.sandbox.set_faults()
        self.assertEqual(self.statuses(), ["PROVISIONED"])
        self.assertEqual(self.finish(self.start("after_script")), 0, self.printed)
        self.assertEqual(self.statuses(), ["COMPLETED"])

    def test_access_ends_after_a_job_that_was_killed(self):
        self.inputs["entitlement"] = "Payroll Approver"  # waits for a person, for ever
        process = self.start("script")
        while not self.sandbox.activations():
            self.assertIsNone(process.poll(), "the job has ended before anything was activated")
        os.killpg(process.pid, signal.SIGKILL)
        self.finish(process)
        self.assertEqual(self.finish(self.start("after_script")), 0, self.printed)
        self.assertEqual(self.sandbox.applied(), {FRICTIONS: {"activate": 1, "deactivate": 1}})

    def test_another_digest(self):
        self.inputs["sha256"] = hashlib.sha256(b"something else").hexdigest()
        self.assertEqual(self.run_job(), [1, 0], self.printed)
        self.assertEqual(self.sandbox.journal()["requests"], [])

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not here")
    def test_shellcheck_finds_nothing(self):
        for script in ("script", "after_script"):
            run = subprocess.run(["shellcheck", "-s", "bash", "-"], input="\n".join(self.job()[script]), capture_output=True, text=True)
            self.assertEqual(run.stdout, "")


if __name__ == "__main__":
    unittest.main()
