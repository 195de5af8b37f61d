#!/usr/bin/env python3
"""Breaks the sources in one place at a time, and reports what no test notices.

    scripts/mutate.py src/http/retry.cpp 'src/auth/*.cpp'     every mutant of these files
    scripts/mutate.py --sample 100 --seed 7 'src/access/*.cpp'
    scripts/mutate.py --ctest 'e2e.batch$' …                  what the unit tests let live meets these tests, too
    scripts/mutate.py --list …                                only says what it would try

All mutants of a file are compiled at once: each function gets a copy of its body for each of its mutants, and a number that the
program reads when it starts selects one. What stands outside of functions is compiled by itself. It works in a copy of the tree, build/mutation/tree. What
has been tried is in build/mutation/results.jsonl: a second run tries only what is left, and, with --retry, what lived. A mutant that
takes three times as long as the tests do, or too much memory, is noticed as well. Exit code 1 if any lives.
"""

import argparse
import concurrent.futures
import glob
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "mutation"
TREE = WORK / "tree"
TESTS = TREE / "build" / "dev" / "tests"  # where the programs jit-unit-* are
# A mutant could send a signal to anybody. In a namespace of its own it finds only itself, and it ends with all that it started.
ALONE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork", "--kill-child", "--mount-proc",
         "sh", "-c", '"$@"; exit $?', "sh"]  # which is the first process there, since that one has signals of its own
THOROUGH = {"JIT_TEST_THOROUGH": "1"}  # all cases of the tests that have very many
SLOW = 1.0  # seconds; a test case that takes longer runs after the others
MEMORY = 4 << 30  # bytes of address space

# The number of the mutant that runs: of the environment, or of a file beside the program, for tests that pass no environment on.
SWITCH = """#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>
namespace jit_mutation {
inline int selected() {
    static const int number = [] {
        if (const char* given = std::getenv("JIT_MUTANT")) {
            return std::atoi(given);
        }
        char program[PATH_MAX] = {};
        int found = 0;
        if (readlink("/proc/self/exe", program, sizeof program - 1) > 0) {
            if (std::FILE* file = std::fopen((std::string(program) + ".mutant").c_str(), "r")) {
                found = std::fscanf(file, "%d", &found) == 1 ? found : 0;
                std::fclose(file);
            }
        }
        return found;
    }();
    return number;
}
} // namespace jit_mutation
#line 1
"""


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
        self.file, self.kind, self.offset, self.length = file, kind, offset, length
        self.line = text.count("\n", 0, offset) + 1
        self.was, self.now = text[offset:offset + length], replacement
        before = text[:offset].rpartition("\n")[2] + self.was + text[offset + length:].partition("\n")[0]
        self.context = " ".join(before.split())
        self.text = text[:offset] + replacement + text[offset + length:]
        self.key = hashlib.sha256(f"{file}\0{self.text}".encode()).hexdigest()[:16]
        self.number = int(self.key[:7], 16) + 1

    def __str__(self):
        was = " ".join(self.was.split())
        return f"{self.file}:{self.line}: {self.kind}: `{was}` -> `{' '.join(self.now.split())}` in `{self.context}`"


def bodies_of(code):
    """Where the bodies of functions begin and end, without their braces; not those of functions within functions."""
    found, at, header = [], 0, 0
    while at < len(code):
        if code[at] in ";}":
            header = at + 1
        elif code[at] in "([":
            at = closing(code, at)
        elif code[at] == "{":
            words = code[header:at]
            if not re.search(r"\b(namespace|class|struct|enum|union)\b", words) or ")" in words:
                end = closing(code, at)
                is_function = (re.search(r"\)\s*(const|noexcept|override|final|->[^;{}]*|:[^;{}]*|\s)*$", words)
                               and "=" not in re.sub(r"\(.*?\)", "", words, flags=re.DOTALL))
                if is_function and not re.search(r"\bconstexpr\b", words):
                    found.append((at + 1, end))
                at = end
            header = at + 1
        at += 1
    return found


def with_mutants(file, mutants):
    """The source with all of them in it, and which of them each of its lines belongs to."""
    text = (ROOT / file).read_text()
    parts, at, owner = [], 0, {}
    for start, end in bodies_of(masked(text)):
        own = [mutant for mutant in mutants if start <= mutant.offset and mutant.offset + mutant.length <= end]
        if not own:
            continue
        parts.append(text[at:start] + "\nswitch (jit_mutation::selected()) {\n")
        for mutant in own:
            parts.append(f"case {mutant.number}: {{\n")
            first = sum(part.count("\n") for part in parts) + 1
            body = text[start:mutant.offset] + mutant.now + text[mutant.offset + mutant.length:end]
            parts.append(body + "\n} break;\n")
            for line in range(first, first + body.count("\n") + 1):
                owner[line] = mutant
        parts.append("default: {\n" + text[start:end] + "\n}\n}\n")
        at = end
    return "".join(parts) + text[at:], owner


# Trying them.

def with_limits():
    """A shell has what runs in the background ignore some signals; the tests are not about that."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(words, patience, **how):
    """The exit code; None where it took too long."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               preexec_fn=with_limits, **how)
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


MODULES = ["util", "io", "json", "http", "config", "auth", "sailpoint", "access", "commands", "cli"]  # each uses those before it


def may_cover(name, file):
    """Whether a test case can reach what is in a file."""
    module, tested = file.split("/")[1], name.split("::")[0]
    if module in MODULES and tested in MODULES:
        return MODULES.index(tested) >= MODULES.index(module)
    return module == tested or module == "util"


def stages(took, file):
    """The test cases that may notice a mutant, as (program, name): those of its module, the other quick ones, the slow ones."""
    tests = [test for test in took if may_cover(test[1], file)]
    own = [test for test in tests if took[test] < SLOW and test[1].startswith(file.split("/")[1] + "::")]
    return own, [test for test in tests if took[test] < SLOW and test not in own], [test for test in tests if took[test] >= SLOW]


def copy_tree():
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split("\0")
    for old in (path for folder in ("src", "tests") for path in (TREE / folder).rglob("*") if path.is_file()):
        if str(old.relative_to(TREE)) not in names:
            old.unlink()
    for name in filter(None, names):
        source, target = ROOT / name, TREE / name
        if source.is_file() and (not target.exists() or source.read_bytes() != target.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            os.utime(target)
    # Most mutants deserve a warning; that alone does not stop them.
    subprocess.run(["cmake", "--preset", "dev", "-DCMAKE_CXX_FLAGS=-w", "-DJIT_WERROR=OFF"], cwd=TREE, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def compile_command(file):
    for entry in json.loads((TREE / "build" / "dev" / "compile_commands.json").read_text()):
        if entry["file"] == str(TREE / file):
            return entry["command"].split(), entry["directory"]
    sys.exit(f"{file} is no source of the build")


def compiles(file):
    command, where = compile_command(file)
    return subprocess.run([*command, "-fsyntax-only", "-fmax-errors=0", "-fdiagnostics-color=never"], cwd=where, text=True,
                          capture_output=True, check=False)


def insert_mutants(file, mutants):
    """Writes a source with its mutants, all of them within functions; those that compile."""
    target = TREE / file
    left = list(mutants)
    while True:
        source, owner = with_mutants(file, left)
        target.write_text(SWITCH + source)
        done = compiles(file)
        if done.returncode == 0:
            return left
        broken = {owner.get(int(line)) for line in re.findall(
            rf"^{re.escape(str(target))}:(\d+):\d+: (?:error|  required from here)", done.stderr, re.MULTILINE)}
        if not broken - {None}:
            sys.exit(f"{target} does not compile, whatever the mutant:\n{done.stderr}")
        left = [mutant for mutant in left if mutant not in broken]


def build():
    return run(["cmake", "--build", "--preset", "dev", "--", "--quiet"], 7200, cwd=TREE) == 0


def run_tests(words, patience, number):
    with tempfile.TemporaryDirectory(prefix="jit-mutant-") as home:
        return run([*ALONE, *words], patience, cwd=TREE, env={**os.environ, **THOROUGH, "HOME": home, "TMPDIR": home, "JIT_MUTANT": str(number)})


def measure():
    """How many seconds each test case of each program takes."""
    took = Counter()
    for program in sorted(path for path in TESTS.glob("jit-unit-*") if path.is_file()):
        with tempfile.TemporaryDirectory(prefix="jit-mutant-") as home:
            done = subprocess.run([*ALONE, program, "--durations", "yes"], cwd=TREE, stdin=subprocess.DEVNULL, text=True,
                                  capture_output=True, check=False, preexec_fn=with_limits, env={**os.environ, **THOROUGH, "HOME": home, "TMPDIR": home})
        if done.returncode != 0:
            told = re.sub(r"^[0-9.]+ s: .*\n", "", done.stdout, flags=re.MULTILINE)
            sys.exit(f"the tests fail without any mutant:\n{told}{done.stderr}")
        for seconds, name in re.findall(r"^([0-9.]+) s: (\w+::.*)$", done.stdout, re.MULTILINE):
            took[program, name] += float(seconds)
    if not took:
        sys.exit("the tests tell of no durations")
    return took


def fate_of(mutant, took, ctest, programs):
    """killed, timeout or lived; and by which tests. `programs` is where what is installed stands for `ctest`."""
    for tests in stages(took, mutant.file):
        for program in sorted({program for program, _ in tests}):
            names = [name for of, name in tests if of == program]
            with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
                listed.write("".join(name.replace(",", "\\,") + "\n" for name in names)) # a comma parts names
                listed.flush()
                limit = 5 + 3 * sum(took[program, name] for name in names)
                code = run_tests([program, "--abort", "--input-file", listed.name], limit, mutant.number)
            if code != 0:
                return ("timeout" if code is None else "killed"), "unit"
    if ctest:
        for name in ("jit", "jit-sandbox"):
            (programs / f"{name}.mutant").write_text(f"{mutant.number}\n")
        code = run_tests(["ctest", "--preset", "dev", "--stop-on-failure", "-FS", ".*", "-R", ctest], 1800, 0)
        if code != 0:
            return ("timeout" if code is None else "killed"), "end to end"
    return "lived", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="sources, or patterns of them")
    parser.add_argument("--sample", type=int, metavar="N", help="try only N of them, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, help="of that chance")
    parser.add_argument("--jobs", type=int, default=1, help="how many to try at a time; one with --ctest")
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
    lock = threading.Lock()

    def note(mutant, fate, by=""):
        with lock:
            tried[mutant.key] = {"key": mutant.key, "fate": fate, "by": by, "mutant": str(mutant)}
            with log.open("a") as out:
                print(json.dumps(tried[mutant.key]), file=out)
            print(f"{fate:8}{mutant}", flush=True)

    if left:
        copy_tree()
        by_file = defaultdict(list)
        for mutant in left:
            by_file[mutant.file].append(mutant)
        alone, compiled = [], set()
        for file, some in by_file.items():
            bodies = bodies_of(masked((ROOT / file).read_text()))
            within = [mutant for mutant in some if any(start <= mutant.offset and mutant.offset + mutant.length <= end
                                                       for start, end in bodies)]
            compiled.update(insert_mutants(file, within))
            alone += [mutant for mutant in some if mutant not in within]
        for mutant in left:
            if mutant not in compiled and mutant not in alone:
                note(mutant, "unbuilt")
        if not build():
            sys.exit(f"{TREE} does not build")
        if arguments.ctest:
            subprocess.run(["cmake", "--install", "build/dev", "--prefix", "build/dev/installed"], cwd=TREE, check=True,
                           stdout=subprocess.DEVNULL)
        took = {test: seconds for test, seconds in measure().items() if seconds < SLOW or not arguments.quick}
        end = time.monotonic() + 60 * arguments.minutes

        def attempt(mutant):
            if time.monotonic() < end:
                note(mutant, *fate_of(mutant, took, arguments.ctest, TREE / "build" / "dev" / "installed" / "bin"))

        with concurrent.futures.ThreadPoolExecutor(1 if arguments.ctest else arguments.jobs) as pool:
            for done in [pool.submit(attempt, mutant) for mutant in random.Random(arguments.seed).sample(list(compiled), len(compiled))]:
                done.result()
        for mutant in alone:
            if time.monotonic() > end:
                break
            target = TREE / mutant.file
            target.write_text(mutant.text)
            if compiles(mutant.file).returncode == 0 and build():
                attempt(mutant)
            else:
                note(mutant, "unbuilt")
            shutil.copy2(ROOT / mutant.file, target)
            os.utime(target)

    fates = Counter(tried[mutant.key]["fate"] for mutant in mutants if mutant.key in tried)
    lived = [mutant for mutant in mutants if mutant.key in tried and tried[mutant.key]["fate"] == "lived"]
    print("\nLived:" if lived else "\nNone lived.", *lived, sep="\n")
    noticed = fates["killed"] + fates["timeout"]
    print(f"\n{len(mutants)} mutants of {len(files)} files; {sum(fates.values())} tried; {fates['unbuilt']} of them do not compile; "
          f"of the other {noticed + len(lived)}, tests notice {noticed} ({fates['timeout']} by their time), {len(lived)} live")
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
