"""The published contract and the vendor's own client as judges of jit and of the practice tenant.

Both come from npm, into $JIT_NPM (build/dev/npm where that is not set); see tests/contract/README.md. Without npm, or
without a way to its registry, these tests are skipped, but never where CI=true.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from npm import node_modules
from support import CONNECTION, Sandbox, Test, certificates, clean_environment, run_jit

_ROOT = Path(__file__).resolve().parents[2]
_CONTRACT = _ROOT / "tests" / "contract"
_PATIENCE = 120
ADMIN = "c0ffee00-0000-4000-8000-000000000062"  # alex.admin's
FRICTIONS = "c0ffee00-0000-4000-8000-000000000014"
QUICK = ("--provision-delay", "0", "--rate-limit", "0")


def contract():
    """The documents as one, with the token endpoint, which they leave out."""
    whole = {"openapi": "3.0.1", "info": {"title": "The contract", "version": "1"}, "servers": [{"url": "/"}],
             "paths": {}, "components": {}}
    for path in sorted(_CONTRACT.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        whole["paths"].update(document["paths"])
        for kind, parts in document["components"].items():
            have = whole["components"].setdefault(kind, {})
            for name, part in parts.items():
                if have.setdefault(name, part) != part:
                    raise AssertionError(f"two documents have another {name}")
    text = {"type": "string"}
    form = {"type": "object", "required": ["grant_type", "client_id", "client_secret"],
            "properties": {"grant_type": text, "client_id": text, "client_secret": text}}
    issued = {"type": "object", "required": ["access_token", "token_type", "expires_in"],
              "properties": {"access_token": text, "token_type": text, "expires_in": {"type": "integer"}}}
    whole["paths"]["/oauth/token"] = {"post": {
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {"200": {"description": "issued", "content": {"application/json": {"schema": issued}}}}}}
    return whole


class Sdk(Test):
    def test_it_signs_in_and_does_all_that_the_tenant_offers(self):
        modules = node_modules()
        by_id = {"filters": f'connectionId eq "{ADMIN}"', "sorters": "-activationInitiated"}
        requests = [
            ("GET", "/entitlement-connections/v1/current-identity", {"filters": 'type eq "JIT"'}, None),
            ("GET", "/entitlement-connections/v1", {}, None),
            ("POST", "/jit-activations/v1/activate", None, {"connectionId": ADMIN, "activationPeriodMins": 60}),
            ("POST", "/jit-activations/v1/extend", None, {"connectionId": ADMIN, "activationPeriodExtensionMins": 5}),
            ("GET", "/jit-activation-history/v1/current-identity", by_id, None),
            ("POST", "/jit-activations/v1/deactivate", None, {"connectionId": ADMIN}),
            ("GET", "/jit-activation-history/v1", {}, None),
            ("GET", "/jit-activation-config/v1/policy", None, None)]
        text = json.dumps([dict(zip(("method", "path", "query", "data"), request)) for request in requests])
        with Sandbox(*QUICK, "--identity", "alex.admin") as sandbox:
            env = clean_environment({**sandbox.env, "NODE_PATH": str(modules), "NODE_EXTRA_CA_CERTS": certificates().ca})
            ran = subprocess.run(["node", str(_CONTRACT / "sdk.js")], env=env, input=text, capture_output=True, text=True,
                                 timeout=_PATIENCE, check=False)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            journal = sandbox.journal()["requests"]
            secret = sandbox.env["SAIL_CLIENT_SECRET"]
        answers = json.loads(ran.stdout)
        self.assertEqual([answer["status"] for answer in answers],
                         [200 if method == "GET" else 202 for method, *_ in requests])
        mine, all_of_them, activated, _, history, ended, tenants, policy = (answer["data"] for answer in answers)
        self.assertEqual({entry["id"][-2:] for entry in mine}, {"61", "62"})
        self.assertEqual(len(all_of_them), 23)  # five a page: the paginator went on to the end
        self.assertEqual((activated["connectionId"], ended["connectionId"]), (ADMIN, ADMIN))
        self.assertEqual((history[0]["status"], tenants[0]["status"]), ("PROVISIONED", "COMPLETE"))
        self.assertEqual(policy["maxActivationPeriodMins"], 480)
        tokens = [request for request in journal if request["path"] == "/oauth/token"]
        self.assertEqual(len(tokens), 1)
        types = [value for name, value in tokens[0]["headers"] if name.lower() == "content-type"]
        self.assertRegex(types[0], "^multipart/form-data; *boundary=")
        self.assertNotIn(secret, json.dumps(journal))


class Prism:
    """A proxy in front of a tenant that refuses what the contract does not allow, in either direction, and says so."""

    def __init__(self, tenant):
        modules = node_modules()
        self._folder = tempfile.TemporaryDirectory(prefix="jit-e2e-contract-")
        document = Path(self._folder.name, "contract.json")
        document.write_text(json.dumps(contract()), encoding="utf-8")
        words = ["proxy", str(document), tenant, "--errors", "--host", "127.0.0.1", "--port", "0"]
        self._process = subprocess.Popen(["node", str(modules / ".bin" / "prism"), *words], env=clean_environment(),
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         text=True)
        self.lines = []
        for line in self._process.stdout:
            self.lines.append(line)
            if listening := re.search(r"listening on (http://[\d.:]+)", line):
                self.url = listening[1]
                self.lines.clear()
                break
        else:
            raise AssertionError(f"prism did not start: {self.lines}")
        self._reader = threading.Thread(target=lambda: self.lines.extend(self._process.stdout))
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.stop()

    def stop(self):
        """Ends it; what it has said is in `lines`."""
        self._process.terminate()
        self._process.wait(_PATIENCE)
        self._reader.join(_PATIENCE)
        self._process.stdout.close()
        self._folder.cleanup()

    def complaints(self):
        """What it has said that is more than "info"."""
        return [line for line in self.lines if " info " not in line and line.strip()]

    def ask(self, method, path, body, headers):
        """One request that jit would never send: the status and the body."""
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()


class ThroughPrism(Test):
    @classmethod
    def setUpClass(cls):
        node_modules()

    def run_all(self, tenant, *cases):
        """Runs jit through the proxy, (code, words…) each, and asserts that the proxy has nothing to say."""
        with Prism(tenant.url) as prism:
            env = {**tenant.env, **self.own_home(), "SAIL_BASE_URL": prism.url}
            known = {env["SAIL_CLIENT_ID"], env["SAIL_CLIENT_SECRET"]}  # to everybody, and parts of other IDs
            for code, *words in cases:
                with self.subTest(words=words):
                    run = run_jit(*words, env=env, may_show=known)
                    self.assertEqual(run.code, code, f"{run}\n{''.join(prism.lines[-8:])}")
        self.assertEqual(prism.complaints(), [])
        self.assertGreater(len(prism.lines), len(cases))

    def test_the_proxy_would_say_so(self):
        with Sandbox(*QUICK, tls=False) as tenant, Prism(tenant.url) as prism:
            headers = {"Authorization": f"Bearer {tenant.token()}", "Content-Type": "application/json"}
            path, body = "/jit-activations/v1/activate", json.dumps({"connectionId": CONNECTION, "activationPeriodMins": 5})
            for wrong, more, text in ((path, {}, body), (path, {"X-SailPoint-Experimental": "true"}, body.replace("5}", "0}")),
                                      (path, {"X-SailPoint-Experimental": "true"}, body.replace("-", "")),
                                      ("/jit-activations/v2/activate", {"X-SailPoint-Experimental": "true"}, body)):
                status, said = prism.ask("POST", wrong, text.encode(), {**headers, **more})
                self.assertGreaterEqual(status, 400)
                self.assertIn("stoplight.io/prism/errors", said)
            self.assertEqual(prism.ask("POST", path, body.encode(), {**headers, "X-SailPoint-Experimental": "true"})[0], 202)
        self.assertTrue(prism.complaints())

    def test_every_command_of_a_user(self):
        with Sandbox(*QUICK, tls=False) as tenant:
            self.run_all(
                tenant,
                (0, "list"), (0, "list", "--all-types", "--search", "aws", "-o", "json"), (5, "status"), (4, "list", "--tenant"),
                (0, "activate", "Prod DB Admin", "-m", "60", "--wait"),
                (0, "activate", "AWS Production/Reporting Reader", "-m", "5", "--request-origin", "slack", "--metadata", "k=v"),
                (5, "activate", "Prod DB Admin", "-m", "60"), (5, "activate", "Cafe-Ops", "-m", "2147483647"),
                (0, "extend", "Prod DB Admin", "-m", "5", "--wait"),
                (5, "extend", CONNECTION, "-m", "2147483647"),
                (0, "ensure", "Prod DB Admin", "-m", "30"), (0, "ensure", "Cafe-Ops", "-m", "30"),
                (0, "run", "-e", "AWS Break-Glass Admin", "-m", "5", "--", "true"), (0, "status"), (0, "status", CONNECTION),
                (11, "activate", "Quarantine Operator", "-m", "5", "--wait"), (0, "activate", FRICTIONS, "-m", "5"),
                (0, "history"), (0, "history", "-e", "Prod DB Admin", "--since", "1h", "--limit", "1", "--detail"),
                (0, "history", "--status", "active", "--status", "failed", "-o", "csv"), (4, "history", "--tenant"), (4, "policy"),
                (0, "deactivate", "Prod DB Admin", "--wait"), (0, "deactivate", "--all"), (0, "auth", "status"))

    def test_every_command_of_an_administrator(self):
        with Sandbox(*QUICK, "--identity", "alex.admin", "--connections", "700", tls=False) as tenant:
            self.run_all(
                tenant, (0, "policy"), (0, "list", "--tenant", "--all-types", "-o", "jsonl"), (0, "activate", ADMIN, "-m", "5"),
                (0, "history", "--tenant"), (0, "history", "--tenant", "--identity", "1d000000000000000000000000000001"))

    def test_a_tenant_without_a_feature(self):
        with Sandbox(*QUICK, "--no-policy", "--identity", "alex.admin", "--without-feature", "connections", "--without-feature",
                     "history", tls=False) as tenant:
            self.run_all(tenant, (5, "list"), (4, "history"), (5, "policy"))


if __name__ == "__main__":
    unittest.main()
