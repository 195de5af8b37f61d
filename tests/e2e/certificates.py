"""Certificates for one run of the tests, made with the openssl program in a temporary directory.

`certificates()` makes them once a process and removes them at its end.
"""

import atexit
import functools
import shutil
import ssl
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

_CONFIG = """\
[req]
distinguished_name = name
prompt = no
[name]
commonName = e2e
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[here]
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
[elsewhere]
subjectAltName = DNS:elsewhere.example
[ca]
default_ca = signing
[signing]
new_certs_dir = .
database = index
serial = serial
default_md = sha256
policy = any_name
[any_name]
commonName = optional
"""


class Identity(NamedTuple):
    """A certificate and its key, both PEM files."""

    certificate: str
    key: str


class Certificates:
    """What servers show (`good`, `self_signed`, `expired`, `wrong_name`, `of_other_ca`), and the authorities
    behind them (`ca`, `other_ca`: paths of PEM files)."""

    def __init__(self, directory):
        self._directory = Path(directory)
        (self._directory / "openssl.cnf").write_text(_CONFIG)
        (self._directory / "index").write_text("")
        (self._directory / "serial").write_text("1000\n")
        for name in ("ca", "other_ca", "leaf"):
            self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-out", f"{name}.key")
        self.ca = self._own_root("ca", "authority")
        self.other_ca = self._own_root("other_ca", "authority")
        self.self_signed = Identity(self._own_root("leaf", "here"), self._path("leaf.key"))
        self._openssl("req", "-new", "-config", "openssl.cnf", "-key", "leaf.key", "-subj", "/CN=e2e server",
                      "-out", "leaf.csr")
        self.good = self._signed("good", "ca", "here")
        self.wrong_name = self._signed("wrong_name", "ca", "elsewhere")
        self.of_other_ca = self._signed("of_other_ca", "other_ca", "here")
        self.expired = self._long_over("expired")

    def _path(self, name):
        return str(self._directory / name)

    def _openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self._directory, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {' '.join(words)}: {done.stderr}")

    def _own_root(self, name, extensions):
        self._openssl("req", "-x509", "-config", "openssl.cnf", "-extensions", extensions, "-days", "2",
                      "-key", f"{name}.key", "-subj", f"/CN=e2e {name}", "-out", f"{name}.pem")
        return self._path(f"{name}.pem")

    def _signed(self, name, authority, extensions):
        self._openssl("x509", "-req", "-in", "leaf.csr", "-CA", f"{authority}.pem", "-CAkey",
                      f"{authority}.key", "-CAcreateserial", "-days", "2", "-extfile", "openssl.cnf",
                      "-extensions", extensions, "-out", f"{name}.pem")
        return Identity(self._path(f"{name}.pem"), self._path("leaf.key"))

    def _long_over(self, name):
        self._openssl("ca", "-batch", "-notext", "-config", "openssl.cnf", "-in", "leaf.csr", "-cert", "ca.pem",
                      "-keyfile", "ca.key", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z",
                      "-extensions", "here", "-out", f"{name}.pem")
        return Identity(self._path(f"{name}.pem"), self._path("leaf.key"))

    def hashed_directory(self, *authorities):
        """A directory as SSL_CERT_DIR takes it, with these authorities in it."""
        directory = tempfile.mkdtemp(dir=self._directory)
        for authority in authorities:
            shutil.copy(authority, directory)
        self._openssl("rehash", directory)
        return directory


@functools.cache
def certificates():
    """The certificates of this run."""
    directory = tempfile.mkdtemp(prefix="jit-e2e-certificates-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Certificates(directory)


def server_tls(identity=None):
    """The TLS side of a server that shows this certificate; the good one where none is named."""
    identity = identity or certificates().good
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    return context


def old_tls(side=ssl.PROTOCOL_TLS_SERVER):
    """A side that knows TLS 1.1 and nothing newer."""
    context = server_tls() if side == ssl.PROTOCOL_TLS_SERVER else ssl.SSLContext(side)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context
