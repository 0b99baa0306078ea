"""Addresses and hashes of pip packages, from the notes of a build."""

from envbench.model.lock import Lock, PipPackage
from envbench.model.lock_sources import fill_pip_sources


def fill(installed: PipPackage, note: PipPackage) -> PipPackage:
    lock = Lock(name="x", platform="linux-64", channels=(), packages=(), pip=(installed,))
    return fill_pip_sources(lock, [note]).pip[0]


NOTE = PipPackage(name="lib", version="1.0", url="https://h.example/lib.whl", sha256="ab" * 32)


def test_what_a_build_noted_is_filled_in():
    found = fill(PipPackage(name="lib", version="1.0", installer="uv"), NOTE)
    assert (found.url, found.sha256, found.installer) == (NOTE.url, NOTE.sha256, "uv")


def test_what_somebody_else_installed_since_stays_unknown():
    for other in (
        PipPackage(name="lib", version="1.1"),
        PipPackage(name="lib", version="1.0", direct_url="git+https://h.example/lib@0a"),
        PipPackage(name="lib", version="1.0", editable=True),
        PipPackage(name="other", version="1.0"),
        PipPackage(name="lib", version="1.0", sha256="cd" * 32),
    ):
        assert fill(other, NOTE) == other
