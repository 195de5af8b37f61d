"""Each operation meets each fault of the practice tenant: jit sends nothing twice, and tells the truth.

What must come of it follows from the nature of the fault alone (`Nature`), not from the fault or from jit. The table of
what came of it is docs/faults.md; UPDATE_GOLDEN=1 writes that anew.
"""

import enum
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import traceback
import unittest
from pathlib import Path
from typing import NamedTuple

from clocks import fake_time
from support import (COMMANDS, CONNECTION, JIT_SANDBOX, KINDS, Jit, Sandbox, Test, certificates, clean_environment,
                     run_jit)

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
_WORKERS = 32
_NAME = "Prod DB Admin"
_UNKNOWN = "; it may or may not have been carried out"
_LIST = "/entitlement-connections/v1/current-identity"
_SPEED = 20  # of the clocks of a run that looks at a state for a minute


class Nature(enum.Enum):
    """What a fault does to a request."""

    ANSWERED = enum.auto()  # the good answer comes
    NOT_SENT = enum.auto()  # no connection comes about
    LIMITED = enum.auto()  # 429
    UNAUTHORIZED = enum.auto()  # 401
    FORBIDDEN = enum.auto()  # 403
    REFUSED = enum.auto()  # 400, 404
    LOST_BEFORE = enum.auto()  # sent, not carried out, and no answer tells so
    LOST_AFTER = enum.auto()  # sent and carried out, and no answer tells so
    FOREIGN_BEFORE = enum.auto()  # not carried out; the answer is not the API's
    FOREIGN_AFTER = enum.auto()  # carried out; the answer is not the API's


N = Nature
FAULTS = {
    N.ANSWERED: ("slow-headers=0.2", "slow-body=0.2", "close-idle"),
    N.NOT_SENT: ("connection:refuse", "connection:stall"),
    N.LIMITED: ("429", "429=1", "429=date+1"),
    N.UNAUTHORIZED: ("401",),
    N.FORBIDDEN: ("403",),
    N.REFUSED: ("400", "404"),
    N.LOST_BEFORE: ("reset", "close", "hang", "500", "502", "503", "504", "connection:reset", "connection:close",
                    "connection:hang"),
    N.LOST_AFTER: ("apply-reset", "apply-close", "apply-hang", "apply-500", "apply-502", "apply-503", "apply-504",
                   "truncated", "length-too-large", "slow-headers=8", "slow-body=8"),
    N.FOREIGN_BEFORE: ("redirect",),
    N.FOREIGN_AFTER: ("garbage", "not-json", "deep-json", "huge", "gzip-bomb", "length-too-small"),
}
# With another body, or another header, the same as without.
BODIES = {
    N.LIMITED: ("429/html", "429/empty=1"),
    N.UNAUTHORIZED: ("401/empty",),
    N.FORBIDDEN: ("403/html",),
    N.REFUSED: ("400/html", "404/empty"),
    N.LOST_BEFORE: ("502/html", "503/empty=1"),
    N.LOST_AFTER: ("apply-502/html", "apply-503/empty=date+1"),
    N.FOREIGN_BEFORE: ("redirect=/jit-activations/v1/activate",),
}
# One of each nature, for the ways to name a target and to have a token.
ONE_OF_EACH = {nature: faults[:1] for nature, faults in FAULTS.items()}
WHICH = ("first", "second", "every")
NEEDS_TIMEOUT = ("hang", "apply-hang", "length-too-large", "slow-headers=8", "slow-body=8", "connection:hang")


def expected_code(command, nature, which, cached=True, named=False):
    """The exit code, by cli.md's tables. Of what is named it is known when access ended before."""
    on = which == "every"  # it does not go by
    retried = command != "extend"
    return {
        N.ANSWERED: 0,
        N.NOT_SENT: 7 if on else 0,
        N.LIMITED: 6 if on else 0,
        N.UNAUTHORIZED: 0 if cached and not on else 3,  # only a cached token may have become old
        N.FORBIDDEN: 4,
        N.REFUSED: 5,
        N.LOST_BEFORE: 9 if on or not retried else 0,
        N.LOST_AFTER: 0 if retried or named else 9,  # the state shows it
        N.FOREIGN_BEFORE: 8,
        N.FOREIGN_AFTER: 0 if retried or named else 8,
    }[nature]


def expected_count(nature, code):
    """How often it was carried out."""
    return int(code == 0 or nature in (N.LOST_AFTER, N.FOREIGN_AFTER))


class Cell(NamedTuple):
    """One run of jit, and what must come of it."""

    group: str
    command: str
    fault: str  # for people
    which: str
    rules: tuple
    code: int
    count: int
    named: bool = False
    cached: bool = True
    must_hit: str = ""  # the rule that has to befall something, or the run says nothing
    words: tuple = ()
    says: tuple = ()
    long: bool = False  # a state is looked at for as long as lists may lag behind
    lagging: bool = False  # in a tenant whose lists lag behind for longer

    def __str__(self):
        return f"{self.command} by {'name' if self.named else 'ID'} with a {'cached' if self.cached else 'fresh'} " \
               f"token, {self.which}: {' '.join(self.rules)}"

    def patience(self):
        """Which cells take long: those go first."""
        return (self.which == "every") + self.long + any("hang" in rule for rule in self.rules)


def said_of(command, nature, which, code, named):
    """Parts of the messages, by the nature of the fault."""
    if code == 0 and nature in (N.LOST_AFTER, N.FOREIGN_AFTER):
        return ("was lost; ",)
    if code in (8, 9):
        if command == "extend":
            return (_UNKNOWN + "; by the list, access ends ", *([", as before"] if named else []))
        return (_UNKNOWN,)
    if command == "deactivate" and nature == N.REFUSED:
        return ("; nothing was changed; the list shows that it is active",)
    return ("; nothing was changed",) if code else ()


def cell(group, command, nature, fault, which, named=False, cached=True):
    code = expected_code(command, nature, which, cached, named)
    unsettled = code in (8, 9) or (command, nature) in (("activate", N.LOST_BEFORE), ("deactivate", N.REFUSED))
    unreadable = fault.startswith("connection:") and which == "every"  # the looks meet it, too
    long = unsettled and (command != "extend" or named or unreadable)
    words = ["--retries", "1" if which == "every" else "3"]
    if fault in NEEDS_TIMEOUT:
        words += ["--timeout", str(4 * _SPEED if long else 4)]
    elif long:
        words += ["--timeout", str(30 * _SPEED), "--connect-timeout", str(10 * _SPEED)]
    if fault == "connection:stall":
        words += ["--connect-timeout", "2"]
    says = (_UNKNOWN,) if unreadable and code == 9 else said_of(command, nature, which, code, named)
    must_hit = ""
    if fault.startswith("connection:"):
        what = fault.partition(":")[2]
        if which == "second":  # the first one serves the token and is closed behind it
            rules, cached = ("token@1:close-idle", f"connection@2:{what}"), False
        else:
            rules = (f"connection{'@1' if which == 'first' else ''}:{what}",)
        must_hit = rules[-1]
    elif which == "second":
        rules = (f"{command}@1:429=0", f"{command}@2:{fault}")
    else:
        rules = (f"{command}{'@1' if which == 'first' else ''}:{fault}",)
    return Cell(group, command, fault, which, rules, code, expected_count(nature, code), named, cached, must_hit,
                tuple(words), says, long)


def all_cells():
    cells = [cell("matrix", command, nature, fault, which)
             for nature, faults in FAULTS.items() for fault in faults for command in COMMANDS for which in WHICH]
    cells += [cell("bodies", command, nature, fault, "first")
              for nature, faults in BODIES.items() for fault in faults for command in COMMANDS]
    for named, cached in ((True, True), (False, False), (True, False)):
        cells += [cell("ways", command, nature, fault, "first", named, cached)
                  for nature, faults in ONE_OF_EACH.items() for fault in faults for command in COMMANDS
                  if nature != N.NOT_SENT]
    return cells + token_cells() + list_cells() + look_cells() + kept_connection_cells() + refused_cells() + lagging_cells()


# A request that changes nothing: what befalls it changes nothing either.
READING = {
    "first": {N.ANSWERED: 0, N.LIMITED: 0, N.FORBIDDEN: 4, N.LOST_BEFORE: 0, N.LOST_AFTER: 0, N.FOREIGN_BEFORE: 8,
              N.FOREIGN_AFTER: 8},
    "every": {N.ANSWERED: 0, N.LIMITED: 6, N.FORBIDDEN: 4, N.LOST_BEFORE: 8, N.LOST_AFTER: 8, N.FOREIGN_BEFORE: 8,
              N.FOREIGN_AFTER: 8},
}


def reading_cells(group, request, **how):
    cells = []
    for which, codes in READING.items():
        for nature, code in codes.items():
            for fault in (*FAULTS[nature][:2], *FAULTS[nature][4:5]):
                words = ("--retries", "1" if which == "every" else "3")
                rule = f"{request}{'@1' if which == 'first' else ''}:{fault}"
                says = ("; nothing was changed",) if code and group == "token" else ()
                cells.append(Cell(group, "activate", f"{request}: {fault}", which, (rule,), code, int(code == 0),
                                  words=words, says=says, **how))
    return cells


def token_cells():
    return reading_cells("token", "token", cached=False) + [
        Cell("token", "activate", f"token: {fault}", which, (f"token{'@1' if which == 'first' else ''}:{fault}",), 3, 0,
             cached=False, says=("; nothing was changed",))
        for fault in ("400", "401") for which in ("first", "every")]


def list_cells():
    """The list that tells which connection a name means."""
    cells = reading_cells("list", "connections", named=True)
    return cells + [Cell("list", "activate", "connections: 401", "first", ("connections@1:401",), 0, 1, named=True),
                    Cell("list", "activate", "connections: 401", "every", ("connections:401",), 3, 0, named=True)]


def look_cells():
    """The look at the state after a lost answer: unreadable is unknown."""
    unread = (_UNKNOWN, "; its state cannot be read: ")
    cells = []
    for fault in ("reset", "503", "502/html", "not-json", "garbage", "429=1"):
        cells.append(long_cell("look", "activate", f"history: {fault}", "every",
                               ("activate@1:apply-reset", f"history:{fault}"), 9, 1, unread))
        cells.append(Cell("look", "activate", f"history: {fault}", "first", ("activate@1:apply-reset", f"history@1:{fault}"),
                          0, 1))
        cells.append(long_cell("look", "activate", f"history: {fault}, not carried out", "every",
                               ("activate@1:reset", f"history:{fault}"), 9, 0, unread))
    cells.append(Cell("look", "activate", "history: 403", "every", ("activate@1:apply-reset", "history:403"), 0, 1))
    cells.append(Cell("look", "activate", "get: 403", "every", ("activate@1:apply-reset", "get:403"), 9, 1, says=unread))
    cells.append(long_cell("look", "extend", "get: 503", "every", ("extend@1:apply-reset", "get:503"), 9, 1, unread))
    cells.append(long_cell("look", "deactivate", "get: 503", "every", ("deactivate:reset", "get:503"), 9, 0, unread))
    cells.append(Cell("look", "deactivate", "get: 403", "every", ("deactivate:404", "get:403"), 5, 0,
                      says=("; nothing was changed; its state cannot be read: ",)))
    return cells


def kept_connection_cells():
    """The token's connection serves the operation, and breaks: what a client library would send a second time."""
    cells = []
    for command in COMMANDS:
        for nature, fault in ((N.LOST_BEFORE, "reset"), (N.LOST_BEFORE, "close"), (N.LOST_AFTER, "apply-reset"),
                              (N.LOST_AFTER, "apply-close")):
            code = expected_code(command, nature, "every")
            long = code == 9 and command != "extend"
            words = ("--retries", "0", *(("--timeout", str(30 * _SPEED)) if long else ()))
            cells.append(Cell("kept", command, fault, "every", (f"{command}:{fault}",), code, expected_count(nature, code),
                              cached=False, words=words, says=said_of(command, nature, "every", code, False), long=long))
        cells.append(Cell("kept", command, "token: close-idle", "first", ("token@1:close-idle",), 0, 1, cached=False))
    return cells


REFUSALS = tuple(f"{status}{body}" for status in (400, 401, 403, 404) for body in ("", "/html"))
_AFTER_LOSS = ", after an answer was lost" + _UNKNOWN


def long_cell(group, command, fault, which, rules, code, count, says=(), lagging=False):
    words = ("--retries", "3", "--timeout", str(30 * _SPEED), "--connect-timeout", str(10 * _SPEED))
    return Cell(group, command, fault, which, rules, code, count, words=words, says=says, long=True, lagging=lagging)


def refused_cells():
    """The answer to the first try is lost, and every later one is refused: the refusal proves nothing."""
    cells = []
    for refusal in REFUSALS:
        for command in ("activate", "deactivate"):
            later = f"{command}@2+:{refusal}"
            cells.append(long_cell("after a loss", command, refusal, "not carried out", (f"{command}@1:reset", later), 9, 0,
                                   says=(_AFTER_LOSS,)))
        cells.append(long_cell("after a loss", "activate", refusal, "carried out, lists lag",
                               ("activate@1:apply-reset", f"activate@2+:{refusal}"), 9, 1, (_AFTER_LOSS,), lagging=True))
        cells.append(long_cell("after a loss", "deactivate", refusal, "carried out",
                               ("deactivate@1:apply-reset", f"deactivate@2+:{refusal}"), 0, 1, ("was lost; ",)))
    return cells


def lagging_cells():
    """The lists lag behind for longer than is looked."""
    return [
        long_cell("lag", "activate", "reset", "first", ("activate@1:reset",), 0, 1, lagging=True),
        long_cell("lag", "activate", "apply-reset", "first", ("activate@1:apply-reset",), 0, 1,
                  ("was lost; it is under way, as the service says",), lagging=True),
        long_cell("lag", "activate", "apply-502/html", "first", ("activate@1:apply-502/html",), 0, 1,
                  ("was lost; it is under way, as the service says",), lagging=True),
        long_cell("lag", "deactivate", "apply-reset", "first", ("deactivate@1:apply-reset",), 9, 1, (_AFTER_LOSS,),
                  lagging=True),
        long_cell("lag", "deactivate", "reset, then 404/html", "first", ("deactivate@1:reset", "deactivate@2+:404/html"),
                  9, 0, (_AFTER_LOSS,), lagging=True),
    ]


class Result(NamedTuple):
    code: int
    count: int
    problem: str = ""


class Worker:
    """Runs cells, in a practice tenant of its own and with home directories of its own."""

    def __init__(self, data):
        self._words = ("--provision-delay", "0", "--rate-limit", "0", "--data", data)
        self.sandbox = self._prompt = Sandbox(*self._words)
        self._lagging = None
        self._home = tempfile.TemporaryDirectory(prefix="jit-e2e-faults-")
        self._warm = Path(self._home.name, "warm")
        self._warm.mkdir()
        self._token = self.sandbox.token()
        run = run_jit("list", env=self._env(self._warm))  # gets a token, and keeps it
        if run.code != 0:
            raise AssertionError(run)
        for path in self._warm.rglob("access-*"):
            path.unlink()

    def stop(self):
        for sandbox in filter(None, (self._prompt, self._lagging)):
            sandbox.stop()
        self._home.cleanup()

    def _choose(self, cell):
        """The tenant for a cell."""
        if cell.lagging and not self._lagging:
            self._lagging = Sandbox(*self._words, "--list-lag", "86400")
        self.sandbox = self._lagging if cell.lagging else self._prompt

    def _env(self, home):
        return {**self.sandbox.env, "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "XDG_CACHE_HOME": str(home)}

    def _prepare(self, command):
        self.sandbox.control("DELETE", "/sandbox/faults")
        self.sandbox.reset()
        if command != "activate":
            body = json.dumps({"connectionId": CONNECTION, "activationPeriodMins": 60})
            token = self._token if self.sandbox is self._prompt else self.sandbox.token()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json",
                       "X-SailPoint-Experimental": "true"}
            status, _ = self.sandbox.ask("POST", "/jit-activations/v1/activate", body, headers)
            if status != 202:
                raise AssertionError(status)
        self.sandbox.forget()

    def run(self, cell):
        home = Path(tempfile.mkdtemp(dir=self._home.name))
        try:
            self._choose(cell)
            if cell.cached and not cell.lagging:
                shutil.copytree(self._warm, home, dirs_exist_ok=True)
            self._prepare(cell.command)
            self.sandbox.set_faults(*cell.rules)
            words = [cell.command, _NAME if cell.named else CONNECTION, *COMMANDS[cell.command][0], *cell.words,
                     "--debug", "-o", "json"]
            env = {**self._env(home), **(fake_time(speed=_SPEED) if cell.long else {})}
            with Jit(*words, env=env) as jit:
                run = jit.finish(patience=120)
            hit = {rule["fault"] for rule in self.sandbox.control("GET", "/sandbox/faults")[1]["faults"] if rule["hits"]}
            journal = self.sandbox.journal()
        finally:
            shutil.rmtree(home)
        if cell.must_hit and cell.must_hit not in hit:
            return None
        count = journal["applied"].get(CONNECTION, {}).get(cell.command, 0)
        return Result(run.code, count, self._problem(cell, run, count, journal))

    def _problem(self, cell, run, count, journal):
        """What is wrong with the run; empty where nothing is."""
        if (run.code, count) != (cell.code, cell.count):
            return f"exit code {run.code} and carried out {count} times, not {cell.code} and {cell.count}"
        tokens = sum(request["path"] == "/oauth/token" for request in journal["requests"])
        cached = cell.cached and not cell.lagging
        if cached and "401" not in cell.fault and tokens or not cached and not tokens:
            return f"{tokens} requests for a token"
        if cell.command == "extend" and "429" not in " ".join(cell.rules) and cell.code in (8, 9):
            sent = [request for request in journal["requests"] if request["path"].endswith("/extend")]
            if len(sent) > 1:
                return "an extend was sent again"
        missing = [part for part in cell.says if part not in run.stderr]
        if missing:
            return f"it does not say {missing}"
        if run.code == 0:
            return "" if json.loads(run.stdout)["connectionId"].replace("-", "") == CONNECTION.replace("-", "") else run.stdout
        error = json.loads(run.stderr.splitlines()[-1])["error"]
        if run.stdout or (error["code"], error["kind"]) != (run.code, KINDS[run.code]):
            return f"code and kind do not fit: {error}"
        if _UNKNOWN in error["message"] and f"jit history -e {CONNECTION} --limit 1" not in error.get("hint", ""):
            return f"it does not say how to find out: {error}"
        if count and _UNKNOWN not in error["message"]:
            return f"it was carried out, and nobody is told: {error}"
        return ""


def run_all(cells):
    """What came of each, in the same order."""
    certificates()  # made once, before several ask for them
    data = subprocess.run([JIT_SANDBOX, "--list-data"], env=clean_environment(), capture_output=True, text=True,
                          check=True).stdout
    tenant = json.loads(data)
    # Credentials that share no part with the IDs that --debug shows.
    tenant["identities"][0]["pat"].update(clientId="5c1e27d1f0b94a6e8d3b7c2a9e4f6a81", clientSecret="fit-for-nothing-" * 4)
    directory = tempfile.TemporaryDirectory(prefix="jit-e2e-faults-")
    data_file = Path(directory.name, "data.json")
    data_file.write_text(json.dumps(tenant), encoding="utf-8")
    todo = queue.PriorityQueue()
    for place, one in enumerate(cells):
        todo.put((-one.patience(), place))
    results = [None] * len(cells)

    def work():
        worker = None
        try:
            worker = Worker(data_file)
            while True:
                _, place = todo.get_nowait()
                try:
                    for _ in range(5):  # again where jit was so quick that no second connection came about
                        results[place] = results[place] or worker.run(cells[place])
                except Exception:
                    results[place] = Result(-1, -1, traceback.format_exc())
        except queue.Empty:
            pass
        finally:
            if worker:
                worker.stop()

    threads = [threading.Thread(target=work) for _ in range(_WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    directory.cleanup()
    return results


class Faults(Test):
    @classmethod
    def setUpClass(cls):
        cls.results = dict(zip(cells := all_cells(), run_all(cells)))

    def check(self, group):
        cells = [one for one in self.results if one.group == group]
        self.assertTrue(cells)
        for one in cells:
            with self.subTest(str(one)):
                self.assertIsNotNone(self.results[one], "the fault befell nothing")
                self.assertEqual(self.results[one].problem, "")

    def test_each_operation_meets_each_fault(self):
        self.check("matrix")
        page = page_of(self.results)
        print(page)
        if os.environ.get("UPDATE_GOLDEN"):
            _PAGE.parent.mkdir(exist_ok=True)
            _PAGE.write_text(page, encoding="utf-8")
        self.assertEqual(page, _PAGE.read_text(encoding="utf-8"))

    def test_another_body_of_the_answer_changes_nothing(self):
        self.check("bodies")

    def test_names_and_fresh_tokens(self):
        self.check("ways")

    def test_the_token_request(self):
        self.check("token")

    def test_the_list_of_names(self):
        self.check("list")

    def test_the_look_at_the_state(self):
        self.check("look")

    def test_the_connection_that_is_kept(self):
        self.check("kept")

    def test_a_refusal_after_a_lost_answer_proves_nothing(self):
        self.check("after a loss")

    def test_lists_that_lag_behind_for_longer(self):
        self.check("lag")


# The page.

_HEAD = """\
# What `jit` does when something goes wrong

`tests/e2e/test_faults.py` makes this page. It runs `jit` once for each cell, against `jit-sandbox` with that fault.

A cell shows the **exit code** and **how many times the operation took effect**. The operation never takes effect more than
once, and with code 0 it takes effect exactly once. With code 9 the message says "it may or may not have been carried out"
and how to check that.

- *fault*: the WHAT of `jit-sandbox --fault WHEN:WHAT`, see jit-sandbox(1). `connection:` marks a fault of the connection.
- *1st*: only the first request (or connection) has the fault. *2nd*: only the second request has it; the first one is answered
  with HTTP 429. *all*: every request has it, and `jit` runs with `--retries 1`.
- Each request uses a connection ID and a cached token. Access is active before `extend` and `deactivate`. For slow faults
  (`hang`, `slow-…=8`) `--timeout` is shorter than the fault.
"""
_SECTIONS = {
    N.ANSWERED: ("The answer comes", "The answer is late, or the server closes the connection after it."),
    N.NOT_SENT: ("Nothing was sent", "`jit` cannot connect, so it tries again. After the last try: code 7."),
    N.LIMITED: ("The rate limit", "HTTP 429 means that nothing was done. `jit` waits as long as `Retry-After` says and "
                                  "tries again. After the last try: code 6."),
    N.UNAUTHORIZED: ("The token is refused", "`jit` replaces a cached token once. If the new token is refused, too: code 3."),
    N.FORBIDDEN: ("Not allowed", "Code 4, and nothing was changed."),
    N.REFUSED: ("Refused", "Code 5, and nothing was changed. (Access is active here. If the state shows that access is not "
                           "active, `deactivate` has nothing to end and returns code 0.)"),
    N.LOST_BEFORE: ("No answer, and it was not carried out",
                    "`jit` cannot tell this case from the next one. `activate`: `jit` reads the state until the list shows something "
                    "newer, at most for 60 s. The state shows no access, so `jit` sends the request again. `deactivate`: `jit` "
                    "sends it again, which is safe. `extend`: `jit` never sends it again: code 9. After the last try of the "
                    "others: code 9, too."),
    N.LOST_AFTER: ("No answer, and it was carried out",
                   "`activate`: the state shows the access: code 0. `deactivate`: `jit` sends it again, the service refuses it, and the "
                   "state shows that access has ended: code 0. `extend`: code 9, because with a connection ID `jit` does not know "
                   "the old end of access. With a name it does, and the new end in the list means code 0."),
    N.FOREIGN_BEFORE: ("An answer that is not the API's, and it was not carried out",
                       "Another server than the API answered: code 8, and `jit` does not send the request again."),
    N.FOREIGN_AFTER: ("An answer that is not the API's, and it was carried out",
                      "`activate` and `deactivate`: the state shows the result: code 0. `extend`: code 8."),
}
_AFTER = """
## No answer, and then a refusal
The first try gets no answer (`reset`, or `apply-reset` if it took effect). Every later try is refused. A refusal does not prove
that the first try had no effect: code 9, unless the state shows the result. `jit` sends `activate` again only once, and
`deactivate` up to three times while the state shows access. In "lists lag" the lists never show the result in time.

"""
_LAG = """
## Lists that lag behind for longer than 60 s
The second `activate` is accepted, or it is refused because an activation is in progress: the one whose answer was lost. For
`deactivate` no list shows that access has ended: code 9.

"""


def page_of(results):
    matrix = {(one.fault, one.command, one.which): f"{result.code} · {result.count}" if result else "?"
              for one, result in results.items() if one.group == "matrix"}
    columns = [(command, which) for command in COMMANDS for which in WHICH]
    short = {"first": "1st", "second": "2nd", "every": "all"}
    parts = [_HEAD]
    for nature, (title, text) in _SECTIONS.items():
        lines = ["| fault | " + " | ".join(f"{command} {short[which]}" for command, which in columns) + " |",
                 "|---" * (1 + len(columns)) + "|"]
        for fault in FAULTS[nature]:
            cells = " | ".join(matrix[fault, command, which] for command, which in columns)
            lines.append(f"| `{fault}` | {cells} |")
        parts.append(f"\n## {title}\n{text}\n\n" + "\n".join(lines) + "\n")
    told = {(one.group, one.fault, one.command, one.which): f"{result.code} · {result.count}" if result else "?"
            for one, result in results.items()}
    columns = [("activate", "not carried out"), ("activate", "carried out, lists lag"), ("deactivate", "not carried out"),
               ("deactivate", "carried out")]
    lines = ["| refusal | " + " | ".join(f"{command}, {which}" for command, which in columns) + " |",
             "|---" * (1 + len(columns)) + "|"]
    lines += [f"| `{refusal}` | " + " | ".join(told["after a loss", refusal, *column] for column in columns) + " |"
              for refusal in REFUSALS]
    parts.append(_AFTER + "\n".join(lines) + "\n")
    lines = ["| operation | fault | |", "|---|---|---|"]
    lines += [f"| {one.command} | `{one.fault}` | {told[one.group, one.fault, one.command, one.which]} |"
              for one in results if one.group == "lag"]
    parts.append(_LAG + "\n".join(lines) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    unittest.main()
