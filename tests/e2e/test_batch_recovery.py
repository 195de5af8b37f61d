"""A run over many targets that is killed goes on where it was: nothing is activated twice, and nothing is forgotten."""

import csv
import io
import json
import os
import random
import signal
import tempfile
import unittest
from pathlib import Path

from support import Jit, Sandbox, Test, run_jit

_COUNT = 300


class Killed(Test):
    """JIT_SEED=N replays the rounds of that seed."""

    @classmethod
    def setUpClass(cls):
        cls.seed = int(os.environ.get("JIT_SEED") or random.randrange(2 ** 32))

    def rounds(self, *options, count):
        draw = random.Random(f"{self.seed} {options}")
        with Sandbox("--connections", str(_COUNT), "--rate-limit", "0", "--provision-delay", "0", *options) as sandbox, \
                tempfile.TemporaryDirectory(prefix="jit-e2e-targets-") as directory:
            listed = csv.DictReader(io.StringIO(run_jit("list", "-o", "csv", env=sandbox.env).stdout))
            targets = [entry["id"] for entry in listed]
            self.assertEqual(len(targets), _COUNT)
            draw.shuffle(targets)
            file = Path(directory, "targets")
            file.write_text("\n".join(targets) + "\n")
            for _ in range(count):
                lines, parallel = draw.choice((0, draw.randrange(_COUNT))), draw.choice((1, 8, 100))
                with self.subTest(seed=self.seed, options=options, lines=lines, parallel=parallel):
                    self.one_round(sandbox, file, lines, str(parallel))

    def one_round(self, sandbox, file, lines, parallel):
        sandbox.reset()
        env = {**sandbox.env, **self.own_home()}
        words = ("--from-file", str(file), "-m", "60", "--parallel", parallel, "-o", "jsonl")
        with Jit("activate", *words, "-v", env=env) as jit:
            if lines == 0:
                jit.wait_for_message("tenant ")  # it is about to send
            for _ in range(lines):
                self.assertTrue(json.loads(jit.read_line())["ok"])
            jit.send_signal(signal.SIGKILL)
        begun = sum(counts["activate"] for counts in sandbox.journal()["applied"].values())
        self.assertGreaterEqual(begun, lines)

        run = run_jit("ensure", *words, env=env)
        self.assertEqual((run.code, run.stderr), (0, ""), run)
        entries = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual((len(entries), {entry["ok"] for entry in entries}), (_COUNT, {True}))
        applied = sandbox.applied()
        self.assertEqual((len(applied), list(applied.values())), (_COUNT, [{"activate": 1}] * _COUNT))
        self.assertEqual({activation["status"] for activation in sandbox.activations()}, {"PROVISIONED"})

        sandbox.forget()  # and the third time there is nothing to do
        self.assertEqual(run_jit("ensure", *words, env=env).code, 0)
        self.assertEqual(sandbox.applied(), {})

    def test_at_random_moments(self):
        self.rounds(count=5)

    def test_while_the_lists_lag(self):
        self.rounds("--list-lag", "2", count=3)


if __name__ == "__main__":
    unittest.main()
