#!/usr/bin/env python3
"""Breaks the sources in one place at a time, and reports what no test notices.

    scripts/mutate.py src/http/retry.cpp 'src/auth/*.cpp'     every mutant of these files
    scripts/mutate.py --sample 100 --seed 7 'src/commands/*.cpp'
    scripts/mutate.py --ctest 'e2e.batch$' …                  what the unit tests let live meets these tests, too
    scripts/mutate.py --list …                                only says what it would try

It works in copies of the tree in build/mutation, builds the preset `dev` there, and runs the unit tests: the quick ones first, up
to the first that fails. What has been tried is in build/mutation/results.jsonl: a second run tries only what is left, and,
with --retry, what lived. A mutant that takes ten times as long as the tests do is noticed as well. Exit code 1 if any lives.
"""

import argparse
import concurrent.futures
import glob
import hashlib
import json
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "mutation"
# A mutant could send a signal to anybody. In a namespace of its own it finds only itself, and it ends with all that it started.
ALONE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork", "--kill-child", "--mount-proc",
         "sh", "-c", '"$@"; exit $?', "sh"]  # which is the first process there, since that one has signals of its own
SLOW = 1.0  # seconds; a test case that takes longer runs after the others


# What to break. The patterns see the source without comments, texts and directives; clang-format has set the blanks.

EXCHANGES = [  # (what it is, pattern, what comes in place of the pattern)
    ("comparison", r" == ", [" != "]), ("comparison", r" != ", [" == "]),
    ("boundary", r" < ", [" <= "]), ("boundary", r" <= ", [" < "]),
    ("boundary", r" > ", [" >= "]), ("boundary", r" >= ", [" > "]),
    ("connective", r" && ", [" || "]), ("connective", r" \|\| ", [" && "]),
    ("negation", r"!(?=[\w(*])", [""]),
    ("choice", r" \? ", [" || true ? ", " && false ? "]),
    ("arithmetic", r" \+ ", [" - "]), ("arithmetic", r" - ", [" + "]), ("arithmetic", r" \* (?=\w)", [" / "]),
    ("arithmetic", r" / ", [" * "]), ("arithmetic", r" \+= ", [" -= "]), ("arithmetic", r" -= ", [" += "]),
    ("arithmetic", r"\+\+", ["--"]), ("arithmetic", r"--(?=\w)", ["++"]),
    ("constant", r"\btrue\b", ["false"]), ("constant", r"\bfalse\b", ["true"]),
    ("constant", r"\bExitCode::(?!internal)\w+", ["ExitCode::internal"]),
    ("constant", r"\bstd::min\b", ["std::max"]), ("constant", r"\bstd::max\b", ["std::min"]),
]
NO_STATEMENT = re.compile(
    r"(return|using|namespace|class|struct|enum|case|default|template|friend|typedef|public|private|constexpr|const|auto|static|throw"
    r"|else|do|for|extern)\b|(\w+::)*[A-Z]\w*(<.*>)?[&* ]+\w|(\w+::)+\w+(<.*>)?[&* ]+\w|\w+ \w|JIT_TRY\((const )?(auto|[A-Z]\w*(<.*>)?[&* ]+\w)"
    r"|(\(void\))?(\w+\.)?\w*(log|console)_?(\(\))?(\.|->)", re.DOTALL)


def masked(text):
    """The same text with blanks in the place of comments, and other characters that no pattern knows in that of texts."""
    parts = re.compile(r"""//[^\n]*|/\*.*?\*/|R"(?P<end>[^(\s]*)\(.*?\)(?P=end)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"""
                       r"""|^[ ]*\#(?:\\\n|[^\n])*""", re.DOTALL | re.MULTILINE)
    return parts.sub(lambda found: re.sub(r"[^\n]", " " if found[0].startswith("/") else "\a", found[0]), text)


def closing(code, at):
    """Where the bracket at `at` ends."""
    depth = 0
    for place in range(at, len(code)):
        depth += (code[place] in "([{") - (code[place] in ")]}")
        if depth == 0:
            return place
    return len(code)


def mutants_of(file):
    """Each as (what it is, offset, length, replacement)."""
    text = (ROOT / file).read_text()
    code = masked(text)
    for kind, pattern, replacements in EXCHANGES:
        for found in re.finditer(pattern, code):
            if code[:found.start()].endswith("operator"):
                continue
            for replacement in replacements:
                yield kind, found.start(), len(found[0]), replacement
    for found in re.finditer(r"(?<![\w.])(\d+)(?=(?:ms|s|min|h|U|L|UL|\b)(?!\w|\.))", code):
        number = int(found[1])
        for other in [number + 1] * (number < 10) + [number // 3] * (number >= 3):
            yield "constant", found.start(1), len(found[1]), str(other)
    for found in re.finditer(r"\b(?:if|while) \(", code):
        start, end = found.end(), closing(code, found.end() - 1)
        condition = code[start:end]
        begin = condition.rfind(";") + 1
        declared = re.fullmatch(r"\s*(?:const )?(?:auto|[\w:]+(?:<.*>)?)[&* ]+(?:const )?(\w+) = .*", condition[begin:], re.DOTALL)
        if declared:
            yield "condition", end, 0, f"; !{declared[1]}"
        elif " && " in condition or " || " in condition or not re.search(r"^\s*!| [=!]= ", condition[begin:]):
            inner = text[start + begin:end].strip()
            yield "condition", start, end - start, text[start:start + begin] + (" " if begin else "") + f"!({inner})"
    loops = [(found.end(), closing(code, found.end() - 1)) for found in re.finditer(r"\bfor \(", code)]
    for found in re.finditer(r"(?<=[;{}])\s*([^;{}\s][^;{}]*(?:\{[^;{}]*\}[^;{}]*)*);", code):
        if any(start < found.start(1) < end for start, end in loops):
            continue
        statement = code[found.start(1):found.end(1)]
        returned = re.fullmatch(r"return (?!\{\}$|std::nullopt$|true$|false$)(.+)", statement, re.DOTALL)
        if returned:
            yield "return", found.start(1), len(statement), "return {}"
        elif re.match(r"\w|[*(]|::|--|\+\+", statement) and not NO_STATEMENT.match(statement):
            yield "removed", found.start(1), len(statement), ""


class Mutant:
    def __init__(self, file, kind, offset, length, replacement):
        text = (ROOT / file).read_text()
        self.file, self.kind = file, kind
        self.line = text.count("\n", 0, offset) + 1
        self.was, self.now = text[offset:offset + length], replacement
        self.text = text[:offset] + replacement + text[offset + length:]
        before = text[:offset].rpartition("\n")[2] + self.was + text[offset + length:].partition("\n")[0]
        self.context = " ".join(before.split())
        self.key = hashlib.sha256(f"{file}\0{self.text}".encode()).hexdigest()[:16]

    def __str__(self):
        was = " ".join(self.was.split())
        return f"{self.file}:{self.line}: {self.kind}: `{was}` -> `{' '.join(self.now.split())}` in `{self.context}`"


# Trying them.

def with_all_signals():
    """A shell has what runs in the background ignore them; the tests are not about that."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def run(words, patience, **how):
    """The exit code; None where it took too long."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               preexec_fn=with_all_signals, **how)
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def may_cover(name, file):
    """Whether a test case can reach what is in a file: the practice tenant and jit share nothing but src/util."""
    return file.startswith("src/util/") or name.startswith("sandbox::") == file.startswith("src/sandbox/")


class Tree:
    """A copy of the sources that builds."""

    def __init__(self, number):
        self.path = WORK / f"tree-{number}"
        self.tests = self.path / "build" / "dev" / "tests" / "jit-unit-tests"
        self.path.mkdir(parents=True, exist_ok=True)
        names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                               capture_output=True, text=True).stdout.split("\0")
        for old in (path for folder in ("src", "tests") for path in (self.path / folder).rglob("*") if path.is_file()):
            if str(old.relative_to(self.path)) not in names:
                old.unlink()
        for name in filter(None, names):
            source, target = ROOT / name, self.path / name
            if source.is_file() and (not target.exists() or source.read_bytes() != target.read_bytes()):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
                os.utime(target)
        # Most mutants deserve a warning; that alone does not stop them.
        launcher = WORK / "compile"
        launcher.write_text(f"#!/bin/sh\nexec {shutil.which('ccache') or ''} \"$@\" $MUTANT_FLAGS\n")
        launcher.chmod(0o755)
        subprocess.run(["cmake", "--preset", "dev", f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}"], cwd=self.path, check=True,
                       stdout=subprocess.DEVNULL)
        if not self.build(7200, flags=""):
            sys.exit(f"{self.path} does not build")

    def build(self, patience, *target, flags="-w"):
        return run(["cmake", "--build", "--preset", "dev", *target, "--", "--quiet"], patience, cwd=self.path,
                   env={**os.environ, "MUTANT_FLAGS": flags}) == 0

    def run_tests(self, words, patience):
        with tempfile.TemporaryDirectory(prefix="jit-mutant-") as home:
            return run([*ALONE, *words], patience, cwd=self.path, env={**os.environ, "HOME": home, "TMPDIR": home})

    def measure(self):
        """How many seconds each test case takes; kept for as long as the tests are the same."""
        kept = WORK / f"seconds-{hashlib.sha256(self.tests.read_bytes()).hexdigest()[:16]}.json"
        if kept.exists():
            return json.loads(kept.read_text())
        with tempfile.TemporaryDirectory(prefix="jit-mutant-") as home:
            done = subprocess.run([*ALONE, self.tests, "--durations", "yes"], cwd=self.path, stdin=subprocess.DEVNULL, text=True,
                                  capture_output=True, check=False, preexec_fn=with_all_signals,
                                  env={**os.environ, "HOME": home, "TMPDIR": home})
        if done.returncode != 0:
            told = re.sub(r"^[0-9.]+ s: .*\n", "", done.stdout, flags=re.MULTILINE)
            sys.exit(f"the tests fail without any mutant:\n{told}{done.stderr}")
        took = Counter()
        for seconds, name in re.findall(r"^([0-9.]+) s: (\w+::.*)$", done.stdout, re.MULTILINE):
            took[name] += float(seconds)
        if not took:
            sys.exit("the tests tell of no durations")
        kept.write_text(json.dumps(took))
        return took

    def fate_of(self, mutant, took, ctest=None):
        """killed, timeout, lived or unbuilt; and by which tests."""
        target = self.path / mutant.file
        target.write_text(mutant.text)
        try:
            if not self.build(900, "--target", "jit-unit-tests"):
                return "unbuilt", ""
            for slow in (False, True):
                names = [name for name, seconds in took.items() if (seconds >= SLOW) == slow and may_cover(name, mutant.file)]
                if names:
                    listed = self.path / "build" / "names.txt"
                    listed.write_text("".join(f"{name}\n" for name in names))
                    limit = 30 + 10 * sum(took[name] for name in names)
                    code = self.run_tests([self.tests, "--abort", "--input-file", listed], limit)
                    if code != 0:
                        return ("timeout" if code is None else "killed"), "unit"
            if ctest:
                if not self.build(900):
                    return "unbuilt", ""
                code = self.run_tests(["ctest", "--preset", "dev", "--stop-on-failure", "-R", f"^install$|{ctest}"], 1800)
                if code != 0:
                    return ("timeout" if code is None else "killed"), "end to end"
            return "lived", ""
        finally:
            shutil.copy2(ROOT / mutant.file, target)
            os.utime(target)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="sources, or patterns of them")
    parser.add_argument("--sample", type=int, metavar="N", help="try only N of them, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, help="of that chance")
    parser.add_argument("--jobs", type=int, default=1, help="how many to try at a time, each in a tree of its own")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no more after this time")
    parser.add_argument("--quick", action="store_true", help=f"without the test cases that take longer than {SLOW} s")
    parser.add_argument("--ctest", metavar="REGEX", help="end-to-end tests for those that the unit tests let live")
    parser.add_argument("--retry", action="store_true", help="try again what lived before")
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    arguments = parser.parse_args()

    files = sorted({name for pattern in arguments.files for name in glob.glob(pattern, root_dir=ROOT)})
    mutants = list({mutant.key: mutant for mutant in (Mutant(file, *rest) for file in files for rest in mutants_of(file))}.values())
    if arguments.sample is not None and arguments.sample < len(mutants):
        mutants = random.Random(arguments.seed).sample(mutants, arguments.sample)
    mutants.sort(key=lambda mutant: (mutant.file, mutant.line))
    if arguments.list:
        print(*mutants, f"{len(mutants)} mutants of {len(files)} files", sep="\n")
        return 0
    if not mutants:
        sys.exit("there is nothing to break")

    WORK.mkdir(parents=True, exist_ok=True)
    if run([*ALONE, "true"], 60) != 0:
        sys.exit("no namespace can be made here, and without one a mutant could send signals to other processes")
    log = WORK / "results.jsonl"
    tried = {}
    for line in log.read_text().splitlines() if log.exists() else []:
        result = json.loads(line)
        tried[result["key"]] = result
    left = [mutant for mutant in mutants
            if mutant.key not in tried or (arguments.retry and tried[mutant.key]["fate"] == "lived")]
    if left:
        trees = queue.SimpleQueue()
        for number in range(min(arguments.jobs, len(left))):
            trees.put(Tree(number))
        first = trees.get()
        took = {name: seconds for name, seconds in first.measure().items() if seconds < SLOW or not arguments.quick}
        trees.put(first)
        end, lock = time.monotonic() + 60 * arguments.minutes, threading.Lock()

        def attempt(mutant):
            if time.monotonic() > end:
                return
            tree = trees.get()
            try:
                fate, by = tree.fate_of(mutant, took, arguments.ctest)
            finally:
                trees.put(tree)
            with lock:
                tried[mutant.key] = {"key": mutant.key, "fate": fate, "by": by, "mutant": str(mutant)}
                with log.open("a") as out:
                    print(json.dumps(tried[mutant.key]), file=out)
                print(f"{fate:8}{mutant}", flush=True)

        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for done in [pool.submit(attempt, mutant) for mutant in random.Random(arguments.seed).sample(left, len(left))]:
                done.result()

    fates = Counter(tried[mutant.key]["fate"] for mutant in mutants if mutant.key in tried)
    lived = [mutant for mutant in mutants if mutant.key in tried and tried[mutant.key]["fate"] == "lived"]
    print("\nLived:" if lived else "\nNone lived.", *lived, sep="\n")
    noticed = fates["killed"] + fates["timeout"]
    print(f"\n{len(mutants)} mutants of {len(files)} files; {sum(fates.values())} tried; {fates['unbuilt']} of them do not compile; "
          f"of the other {noticed + len(lived)}, tests notice {noticed} ({fates['timeout']} by their time), {len(lived)} live")
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
