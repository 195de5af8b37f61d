"""The TAB key in real shells: what it puts into the line comes to the right words; and what is offered."""

import os
import re
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from clocks import fake_time
from programs import JIT, clean_environment
from support import ACCESS_TOKEN, CONNECTION, Reply, Sandbox, ScriptedServer, Test, check_printed, reply, run_jit, token_env
from terminal import Terminal
from test_lists import active, hit

_ROOT = Path(__file__).resolve().parents[2]
_COMPLETIONS = _ROOT / "completions"
_BREAKS = " \t\n\"'><=;|&(:"  # bash's own COMP_WORDBREAKS
_LESS_THAN_A_REQUEST = 20  # seconds, of the 30 that jit waits for an answer
SHELLS = ("bash", "zsh", "fish")

# Each begins in a way of its own.
NAMES = ("Prod DB Admin", 'Tier 0 "Red" Operators', "O'Neil's team", "cost $HOME `id` $(id)", "back\\slash \\n \\",
         "wow! it's !!", "本番データベース 管理者", "semi;pipe|amp& <x> (y)", "[star]* ? {a,b}", "urn:x=y:z#~ ^ %@ end", "quoted \"so\"", "Café ﬁ Ops")
LEFT_OUT = ("new\nline", "tab\tname", "bidi\u202ename")


class Shell:
    """An interactive shell on a terminal, in which `jit` completes as the real one and otherwise only says what
    words it got."""

    def __init__(self, name, home, env, package=False):
        self.words_file = Path(home) / "words"
        self._runs = 0
        programs = Path(home) / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "jit").write_text(f'#!/bin/sh\n[ "$1" = __complete ] && exec "{JIT}" "$@"\n'
                                      f'printf "%s\\0" "$@" >"{self.words_file}"\necho DONE\n')
        (programs / "jit").chmod(0o700)
        self._terminal = Terminal(120, 50)
        started = {"bash": self.bash, "zsh": self.zsh, "fish": self.fish}[name](Path(home), package)
        environment = clean_environment({**env, "HOME": str(home), "TERM": "xterm", "PATH": f"{programs}:{os.environ['PATH']}",
                                         "ZDOTDIR": str(home), "XDG_CONFIG_HOME": f"{home}/.config", "INPUTRC": "/dev/null"})
        end = self._terminal.end
        self._process = subprocess.Popen(started, env=environment, cwd=home, stdin=end, stdout=end, stderr=end,
                                         **self._terminal.controls)
        self._terminal.wait_for("READY")

    def bash(self, home, package):
        load = ". /usr/share/bash-completion/bash_completion" if package else f". {_COMPLETIONS}/jit.bash"
        if package:
            own = home / ".local/share/bash-completion/completions"
            own.mkdir(parents=True)
            (own / "jit").symlink_to(_COMPLETIONS / "jit.bash")
        (home / "rc").write_text(f"{load}\nbind 'set bell-style none'\nbind 'set enable-bracketed-paste off'\n"
                                 "bind 'set completion-query-items 0'\nbind 'set page-completions off'\nPS1='> '\necho READY\n")
        return ["bash", "--noprofile", "--rcfile", str(home / "rc"), "-i"]

    def zsh(self, home, _):
        (home / ".zshrc").write_text(f"fpath=({_COMPLETIONS} $fpath)\nautoload -Uz compinit && compinit -u -D\nunsetopt beep list_beep\n"
                                     "PS1='> '\nLISTMAX=0\necho READY\n")
        return ["zsh", "-d", "-i"]

    def fish(self, home, _):
        (home / ".config/fish/completions").mkdir(parents=True)
        (home / ".local/share/fish/generated_completions").mkdir(parents=True)  # or it makes them in the background
        (home / ".config/fish/completions/jit.fish").symlink_to(_COMPLETIONS / "jit.fish")
        (home / ".config/fish/config.fish").write_text("function fish_prompt; echo '> '; end\nset -g fish_greeting\necho READY\n")
        return ["fish", "-i"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._terminal.end)
        self._terminal.__exit__()

    def words(self, keys):
        """Types keys and the line's end; the words that jit then gets."""
        self._runs += 1
        self._terminal.press(keys + "\r")
        self._terminal.wait_for(re.compile(r"DONE"), self._runs)
        return self.words_file.read_bytes().decode().split("\0")[:-1]

    def shown(self, keys, part):
        """Types keys, and waits until the terminal shows `part`."""
        self._terminal.press(keys)
        self._terminal.wait_for(part)


class CompletionTest(Test):
    def names(self, *entries, **env):
        """A home in which a list was read, which had these entries."""
        home = self.own_home()
        with ScriptedServer([reply(200, list(entries))], tls=None) as server:
            self.env = {**token_env(server.url), **home, **env}
            self.assert_done(run_jit("list", "-q", env=self.env))
        return home["HOME"]

    def answer(self, *words, env=None, wait=True):
        """The lines that a shell gets, which asks with these words. Waits for what that has started in the background."""
        ended, running = os.pipe()  # which every process of it has, down to the last
        try:
            run = subprocess.run([JIT, "__complete", *words], env=clean_environment(env or self.env), capture_output=True, text=True,
                                 check=False, timeout=_LESS_THAN_A_REQUEST, pass_fds=(running,))
            os.close(running)
            if wait:
                os.read(ended, 1)
        finally:
            os.close(ended)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        check_printed(run.stdout.replace("\t", " "), env or self.env)
        return run.stdout.splitlines()

    def offered(self, *words, shell="fish", **how):
        """What is offered for the last word: its kind, and {word: description}."""
        kind, *lines = self.answer(shell, *words, **how)
        return kind, dict(line.split("\t") for line in lines)

    def bash_offers(self, line, env=None):
        return self.answer("bash", _BREAKS, line, env=env)


class TabKey(CompletionTest):
    def test_names_come_out_as_they_are(self):
        self.names(*(hit(number, name) for number, name in enumerate((*NAMES, *LEFT_OUT))))
        for shell in SHELLS:
            with tempfile.TemporaryDirectory() as directory, Shell(shell, directory, self.env) as typed:
                for name in NAMES:
                    for start in (name[:2], f'"{name[:2]}', f"'{name[:2]}"):
                        if "'" in start[1:] and start[0] != '"' or start[0] == "[":
                            continue  # no start of that word, or a pattern
                        option = ["activate", "-e"] if name.isascii() else ["activate"]
                        with self.subTest(shell=shell, start=start):
                            self.assertEqual(typed.words(f"jit {' '.join(option)} {start}\t"), [*option, name])

    def test_a_name_that_is_half_typed_and_quoted(self):
        self.names(hit(1, "O'Neil's red team"), hit(2, "Prod DB Admin"), hit(3, "urn:x=y and more"))
        starts = {"O\\'Neil\\'s\\ r": "O'Neil's red team", '"O\'Neil\'s r': "O'Neil's red team", "Prod\\ D": "Prod DB Admin",
                  '"Prod D': "Prod DB Admin", "'Prod D": "Prod DB Admin", "urn:x": "urn:x=y and more", "urn:x=": "urn:x=y and more"}
        for shell in SHELLS:
            with tempfile.TemporaryDirectory() as directory, Shell(shell, directory, self.env) as typed:
                for start, name in starts.items():
                    with self.subTest(shell=shell, start=start):
                        self.assertEqual(typed.words(f"jit activate -e {start}\t"), ["activate", "-e", name])

    def test_commands_options_and_values(self):
        self.names()
        lines = {"act": ["activate"], "auth logo": ["auth", "logout"], "auth status --ch": ["auth", "status", "--check"],
                 "--output=cs": ["--output=csv"], "list -o tab": ["list", "-o", "table"], "help ext": ["help", "extend"],
                 "list --state avail": ["list", "--state", "available"], "completion fi": ["completion", "fish"],
                 "history --status COMPL": ["history", "--status", "COMPLETE"], "ensure --min-": ["ensure", "--min-remaining"],
                 "activate --config cert": ["activate", "--config", "certs of mine.pem"],
                 "activate --ca-file=cert": ["activate", "--ca-file=certs of mine.pem"]}
        for shell in SHELLS:
            with tempfile.TemporaryDirectory() as directory, Shell(shell, directory, self.env) as typed:
                (Path(directory) / "certs of mine.pem").write_text("")
                for line, words in lines.items():
                    with self.subTest(shell=shell, line=line):
                        self.assertEqual(typed.words(f"jit {line}\t"), words)

    def test_with_the_bash_completion_package(self):
        self.names(hit(1, "Prod DB Admin"))
        with tempfile.TemporaryDirectory() as directory, Shell("bash", directory, self.env, package=True) as typed:
            self.assertEqual(typed.words('jit activate -e "Pro\t'), ["activate", "-e", "Prod DB Admin"])
            self.assertEqual(typed.words("jit --output=cs\t"), ["--output=csv"])

    def test_the_list_shows_the_time_left(self):
        self.names(active(1, "Prod DB Admin", hours=5, minutes=1), active(2, "Domain Admins", hours=7, minutes=1), hit(3, "Café"))
        for shell in ("zsh", "fish"):
            with tempfile.TemporaryDirectory() as directory, Shell(shell, directory, self.env) as typed:
                typed.shown("jit extend -e \t\t", re.compile(r"Prod DB Admin.*5 h( 1 min)? left.*7 h", re.DOTALL))

    def test_without_jit_on_the_path_nothing_happens(self):
        with tempfile.TemporaryDirectory() as directory:
            script = f". {_COMPLETIONS}/jit.bash; PATH=/nowhere; COMP_LINE='jit act' COMP_POINT=7 _jit; echo \"${{#COMPREPLY[@]}}\""
            run = subprocess.run(["bash", "-c", script], env=clean_environment({"HOME": directory}), capture_output=True, text=True, check=True)
            self.assertEqual((run.stdout, run.stderr), ("0\n", ""))


class Offers(CompletionTest):
    def test_each_command_offers_what_it_can_do(self):
        self.names(active(1, "Prod DB Admin", hours=5, minutes=1), hit(2, "Domain Admins"))
        for words, names in ((["activate"], ["Domain Admins"]), (["extend", "-e"], ["Prod DB Admin"]), (["deactivate"], ["Prod DB Admin"]),
                             (["status"], ["Prod DB Admin", "Domain Admins"]), (["history", "-e"], ["Prod DB Admin", "Domain Admins"]),
                             (["ensure", "-m", "60"], ["Prod DB Admin", "Domain Admins"])):
            with self.subTest(words=words):
                kind, offered = self.offered(*words, "")
                self.assertEqual((kind, sorted(offered)), ("words", sorted(names)))
        self.assertRegex(self.offered("extend", "")[1]["Prod DB Admin"], r"^5 h( 1 min)? left, Postgres Production$")

    def test_what_was_done_here_counts_at_once(self):
        with Sandbox("--provision-delay", "0") as sandbox:
            env = {**sandbox.env, **self.own_home()}
            self.assert_done(run_jit("activate", "Prod DB Admin", "-m", "60", env=env))
            self.assertEqual(list(self.offered("extend", "", env=env)[1]), ["Prod DB Admin"])
            self.assertNotIn("Prod DB Admin", self.offered("activate", "", env=env)[1])
            self.assert_done(run_jit("deactivate", CONNECTION, env=env))
            self.assertEqual(self.offered("extend", "", env=env)[1], {})

    def test_a_name_that_several_have(self):
        one, other = hit(1, "Reader"), hit(2, "Reader")
        other["source"] = {"id": "51", "name": "AWS"}
        self.names(one, other, hit(3, "Twin"), hit(4, "TWIN"), hit(5, "Single"))
        offered = self.offered("activate", "")[1]
        twins = [CONNECTION[:-2] + "03", CONNECTION[:-2] + "04"]
        self.assertEqual(sorted(offered), sorted(["Postgres Production/Reader", "AWS/Reader", "Single", *twins]))
        self.assertEqual(offered[twins[0]], "Postgres Production/Twin")
        # All of them name one connection, as jit reads them.
        for word in set(offered) - set(twins):
            with ScriptedServer([reply(200, [one, other, hit(3, "Twin"), hit(4, "TWIN"), hit(5, "Single")])], tls=None) as server:
                self.assert_done(run_jit("activate", word, "-m", "5", "--dry-run", env={**token_env(server.url), **self.own_home()}))

    def test_by_source_and_in_any_case(self):
        self.names(hit(1, "Prod DB Admin"), hit(2, "Domain Admins"))
        self.assertEqual(self.bash_offers("jit activate Postgres\\ Production/Pr"), ["words", "Postgres\\ Production/Prod\\ DB\\ Admin"])
        self.assertEqual(self.bash_offers("jit activate pro"), ["words", "prod\\ DB\\ Admin"])
        self.assertEqual(self.bash_offers("FOO=1 jit activate -e Prod\\ DB\\ Admin -e "), ["words", "Domain\\ Admins"])
        self.assertEqual(list(self.offered("activate", "admin")[1]), ["Prod DB Admin", "Domain Admins"])

    def test_aliases_and_environments_of_the_configuration(self):
        self.names(hit(1, "Prod DB Admin"))
        file = Path(self.env["HOME"]) / "config.yaml"
        file.write_text("environments: {acme: {baseurl: https://a.example}, Beta: {baseurl: https://b.example}}\n"
                        "aliases: {oncall: [Prod DB Admin, Domain Admins]}\nbogus: 1\n")
        offered = self.offered("activate", "--config", str(file), "")[1]
        self.assertEqual(list(offered), ["oncall", "Prod DB Admin"])
        self.assertEqual(offered["oncall"], "alias of Prod DB Admin, Domain Admins")
        self.assertEqual(list(self.offered("--config", str(file), "activate", "--env", "")[1]), ["acme", "beta"])
        self.assertEqual(list(self.offered(f"--config={file}", "--env=", "")[1])[:1], ["activate"])
        file.write_text("aliases: [")
        self.assertEqual(self.offered("activate", "--config", str(file), "")[1], {})

    def test_each_tenant_and_person_has_its_own(self):
        self.names(hit(1, "Prod DB Admin"))
        self.assertEqual(list(self.offered("activate", "")[1]), ["Prod DB Admin"])
        for other in ({"SAIL_BASE_URL": "http://127.0.0.1:9"}, {"SAIL_ACCESS_TOKEN": "another-token-of-another-person"}):
            self.assertEqual(self.offered("activate", "", env={**self.env, **other})[1], {})

    def test_words_that_are_no_line(self):
        self.names()
        for words in ([], ["fish"], ["bash", "x"], ["nonsense", "activate", ""], ["fish", "bogus", ""], ["fish", "auth", "bogus", ""],
                      ["fish", "activate", "--bogus", ""], ["fish", "activate", "-Z", ""], ["bash", _BREAKS, "\\"], ["bash", _BREAKS, "jit \"a'"]):
            with self.subTest(words=words):
                self.answer(*words)


class Cache(CompletionTest):
    def file(self):
        files = [path for path in (Path(self.env["HOME"]) / "jit").iterdir() if re.fullmatch(r"names-[0-9a-f]{16}", path.name)]
        self.assertEqual(len(files), 1)
        return files[0]

    def test_it_is_private_and_has_no_secret(self):
        self.names(hit(1, "Prod DB Admin"))
        self.assertEqual(stat.S_IMODE(self.file().stat().st_mode), 0o600)
        self.assertNotIn(ACCESS_TOKEN, self.file().read_text())
        self.file().chmod(0o644)
        self.assertEqual(self.offered("activate", "")[1], {})
        self.assertEqual(stat.S_IMODE(self.file().stat().st_mode), 0o600)

    def test_a_broken_file_is_as_good_as_none(self):
        self.names(hit(1, "Prod DB Admin"))
        good = self.file().read_bytes()
        for broken in (good[:-30], good.replace(b"Prod", b"\xff")):
            self.file().write_bytes(broken)
            self.assertEqual(self.offered("activate", "")[1], {})
        for broken in (b"", b"\0\xff\n" * 100, b"x\ty\n" + good, good.replace(b"\t", b" ")):
            with self.subTest(broken=broken[:30]):
                self.file().write_bytes(broken)
                self.answer("fish", "activate", "")

    def test_without_a_cache_nothing_is_kept_or_offered(self):
        with Sandbox() as sandbox:
            env = {**sandbox.env, **self.own_home()}
            self.assert_done(run_jit("list", "--no-cache", env=env))
            self.assertEqual(self.offered("--no-cache", "activate", "", env=env)[1], {})
            self.assertFalse((Path(env["HOME"]) / "jit").exists())
            self.assert_done(run_jit("list", env=env))
            self.assertEqual(self.offered("activate", "--no-cache", "", env=env)[1], {})
            self.assertIn("Prod DB Admin", self.offered("activate", "", env=env)[1])

    def test_what_was_left_out_of_a_list_does_not_get_lost(self):
        """Only a list of mine that was read to its end takes the place of the one before."""
        with Sandbox("--identity", "alex.admin") as sandbox:
            self.env = {**sandbox.env, **self.own_home()}
            self.assert_done(run_jit("list", "-q", env=self.env))
            before = self.file().read_text().splitlines()[1:]
            for words in (["--tenant"], ["--limit", "1"], ["--all-types"], ["--search", "nothing"]):
                run_jit("list", "-q", *words, env=self.env)
                self.assertEqual(self.file().read_text().splitlines()[1:], before, words)

    def test_cold_it_is_filled_in_the_background(self):
        with Sandbox() as sandbox:
            self.env = {**sandbox.env, **self.own_home()}
            self.assertEqual(self.offered("activate", "")[1], {})
            self.assertIn("Prod DB Admin", self.offered("activate", "")[1])
            self.assertEqual(sandbox.requested(), ["connections"])

    def test_the_key_waits_for_no_request(self):
        with ScriptedServer([Reply(b"", then="hang")], tls=None) as server:
            self.env = {**token_env(server.url), **self.own_home(), **fake_time(speed=20)}  # until that one gives up
            self.assertEqual(self.offered("activate", "", wait=False)[1], {})
            server.wait_for_requests()
            self.assertEqual(self.offered("activate", "", wait=False)[1], {})  # nor for the process that waits now

    def test_old_names_are_offered_and_read_again(self):
        with Sandbox() as sandbox:
            self.env = {**sandbox.env, **self.own_home()}
            self.assert_done(run_jit("list", "-q", env=self.env))
            sandbox.forget()
            self.file().write_text(re.sub("^20..", "2020", self.file().read_text()).replace("Prod DB Admin", "Old Name"))
            self.assertIn("Old Name", self.offered("activate", "")[1])
            self.assertIn("Prod DB Admin", self.offered("activate", "")[1])
            self.assertEqual(sandbox.requested(), ["connections"])

    def test_a_tenant_that_does_not_answer_is_not_asked_at_each_key(self):
        with ScriptedServer([reply(500, "")], tls=None) as server:  # a second request would fail the test
            self.env = {**token_env(server.url), **self.own_home()}
            for _ in range(3):
                self.assertEqual(self.offered("activate", "")[1], {})

    def test_a_credential_command_is_not_started(self):
        with Sandbox() as sandbox:
            self.env = {**self.own_home(), "SSL_CERT_FILE": sandbox.env["SSL_CERT_FILE"]}
            home = Path(self.env["HOME"])
            (home / "config.yaml").write_text(f"environments: {{default: {{baseurl: {sandbox.url}, credential_command: touch {home}/started}}}}\n")
            (home / "config.yaml").chmod(0o600)
            self.env["JIT_CONFIG"] = str(home / "config.yaml")
            self.assertEqual(self.offered("activate", "")[1], {})
            self.assertEqual((sandbox.journal()["requests"], (home / "started").exists()), ([], False))

class Script(Test):
    def test_jit_prints_what_is_installed(self):
        for shell, file in (("bash", "jit.bash"), ("zsh", "_jit"), ("fish", "jit.fish")):
            run = run_jit("completion", shell)
            self.assert_done(run)
            self.assertEqual(run.stdout, (_COMPLETIONS / file).read_text())

    def test_other_shells(self):
        self.assert_failed(run_jit("completion", "tcsh"), 2, "tcsh", hint="bash, zsh or fish")
        self.assert_failed(run_jit("completion"), 2, "name one shell")

    def test_zsh_can_read_it_at_once(self):
        with tempfile.TemporaryDirectory() as home:
            script = f'autoload -Uz compinit && compinit -u -D; source <("{JIT}" completion zsh); print $_comps[jit]'
            run = subprocess.run(["zsh", "-f", "-c", script], env=clean_environment({"HOME": home}), capture_output=True, text=True, check=True)
            self.assertEqual((run.stdout, run.stderr), ("_jit\n", ""))


if __name__ == "__main__":
    unittest.main()
