"""How the programs are built: what makes a fault in them harder to use."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from programs import JIT, JIT_SANDBOX, is_sanitized

_ROOT = Path(__file__).resolve().parents[2]


def look(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def is_hardened_build(program):
    """Whether it was built as releases are: with checked variants of the C library's functions."""
    return bool(re.search(r"\b__(?!stack)\w+_chk@", look("readelf", "-W", "--dyn-syms", program)))


class Programs(unittest.TestCase):
    @unittest.skipIf(is_sanitized(), "not built as anything that is used")
    def test_how_they_are_linked(self):
        for program in (JIT, JIT_SANDBOX):
            with self.subTest(program=program):
                self.assertRegex(look("readelf", "-hW", program), r"Type: +DYN \(Position-Independent Executable")
                segments = look("readelf", "-lW", program)
                self.assertIn("GNU_RELRO", segments)
                self.assertRegex(segments, r"GNU_STACK +0x\S+ 0x\S+ 0x\S+ 0x\S+ 0x\S+ RW ")
                dynamic = look("readelf", "-dW", program)
                self.assertRegex(dynamic, r"\(FLAGS\) +.*BIND_NOW")
                for word in ("TEXTREL", "RPATH", "RUNPATH"):
                    self.assertNotIn(word, dynamic)
                self.assertIn("__stack_chk_fail", look("readelf", "-W", "--dyn-syms", program))

    @unittest.skipUnless(is_hardened_build(JIT) and not is_sanitized(), "not built as releases are")
    def test_what_is_in_a_release(self):
        for program in (JIT, JIT_SANDBOX):
            code = look("objdump", "-d", "--no-show-raw-insn", program)
            machine = look("readelf", "-hW", program)
            if "X86-64" in machine:
                self.assertGreater(code.count("endbr64"), 1000)
                self.assertRegex(code, r"\bor[ql] +\$0x0,\(%rsp\)")  # a probe of the stack


class Release(unittest.TestCase):
    def test_each_source_is_compiled_so(self):
        """The commands of a release, as CMake makes them."""
        with tempfile.TemporaryDirectory() as place:
            subprocess.run(["cmake", "-S", _ROOT, "-B", place, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"], check=True, capture_output=True)
            commands = json.loads((Path(place) / "compile_commands.json").read_text())
            machine = look("uname", "-m").strip()
            flags = ["-fPIE", "-fstack-clash-protection", "-fstack-protector-strong", "-D_GLIBCXX_ASSERTIONS", "-D_FORTIFY_SOURCE=2"]
            flags += ["-fcf-protection=full"] if machine in ("x86_64", "i686") else []
            for entry in commands:
                for flag in flags:
                    self.assertIn(flag, entry["command"].split(), entry["file"])
            self.assertGreater(len(commands), 100)
            links = (Path(place) / "build.ninja").read_text()
            for flag in ("-pie", "-Wl,-z,relro", "-Wl,-z,now"):
                self.assertRegex(links, rf"LINK_FLAGS = .*{flag}\b")
            # What the flags make of one source.
            entry = next(each for each in commands if each["file"].endswith("/src/util/pipe.cpp"))
            subprocess.run(entry["command"], shell=True, cwd=entry["directory"], check=True)
            if machine == "x86_64":
                notes = look("readelf", "-nW", Path(entry["directory"]) / re.search(r" -o (\S+)", entry["command"])[1])
                self.assertRegex(notes, r"x86 feature: IBT, SHSTK")


if __name__ == "__main__":
    unittest.main()
