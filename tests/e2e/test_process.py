"""What other processes see of a jit that runs."""

import os
import subprocess
import unittest

from programs import is_sanitized
from support import ACTIVATE, JIT, Jit, ScriptedServer, Test, no_reply, token_env

# As root, who may look at everything, the test becomes somebody else.
SOMEBODY = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}


def can_run():
    try:
        return subprocess.run([JIT, "--version"], stdout=subprocess.DEVNULL, **SOMEBODY).returncode == 0
    except PermissionError:
        return False


class SameUser(Test):
    @unittest.skipIf(is_sanitized(), "a leak checker traces its own process")
    @unittest.skipUnless(can_run(), "somebody else cannot reach the program")
    def test_none_reads_its_memory_or_its_variables(self):
        def look(pid, what):
            return subprocess.run(["head", "-c", "1", f"/proc/{pid}/{what}"], capture_output=True, text=True, **SOMEBODY)

        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, **SOMEBODY) as other:
            self.assertEqual(look(other.pid, "environ").returncode, 0)  # of a program that does nothing against it
            other.stdin.close()
        with ScriptedServer([no_reply("hang")], tls=None) as server, Jit(*ACTIVATE, env=token_env(server.url), **SOMEBODY) as jit:
            server.wait_for_requests()
            for what in ("environ", "mem", "auxv"):
                with self.subTest(what=what):
                    self.assertIn("Permission denied", look(jit._process.pid, what).stderr)


if __name__ == "__main__":
    unittest.main()
