"""The pip part of a lock: what it names comes, nothing else does, or nothing at all."""

import hashlib
from dataclasses import replace

import pytest

from envbench.engine.pip_section.errors import (
    PipBrokenError,
    PipGuardError,
    PipHashError,
    PipItemError,
)
from envbench.engine.pip_section.locked.install import install_locked_part
from envbench.formats.locks.requirement_lines import read_requirements
from envbench.model.build import LockedInput
from envbench.model.lock_from_set import lock_of_set
from envbench.model.locked_set import LockedSet

OTHERS = ("a" * 64, "b" * 64)


def read(text: str) -> LockedSet:
    return read_requirements(text).locked


def install(bench, says: LockedSet, prefix: str = "env-1", **owned: str):
    locked = LockedInput(
        path="explicit.txt", sha256="", format="requirements", platform="linux-64", packages=(),
        pip=lock_of_set(says).pip, pip_path="requirements.txt", says=says,
    )  # fmt: skip
    return install_locked_part(
        bench.request(bench.task(owned=owned), bench.prefix(prefix, owned)), locked
    )


def line(*digests: str) -> str:
    return "leaf==2.0" + "".join(f" --hash=sha256:{digest}" for digest in digests) + "\n"


def test_one_of_several_hashes_has_to_be_that_of_what_comes(bench):
    wheel = bench.wheel("leaf", "2.0")
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    result = install(bench, read(line(OTHERS[0], right)))
    assert not [warning for warning in result.warnings if "hash" in warning]

    with pytest.raises(PipHashError) as refused:
        install(bench, read(line(*OTHERS)), "env-2")
    assert refused.value.where == "requirements.txt:1"


def test_a_hash_that_is_no_plain_text_reaches_no_installer(bench):
    says = read(line(*OTHERS))
    odd = f"{'a' * 64} --index-url=http://127.0.0.1:1"
    [package] = says.pip
    with pytest.raises(PipItemError, match="not said in plain text"):
        install(bench, replace(says, pip=(replace(package, accepted=(odd,)),)))


def test_nothing_is_added_that_the_lock_does_not_name(bench):
    wheel = bench.wheel("leaf", "2.0", requires=["further"])
    bench.wheel("further", "1.0")
    says = read(line(hashlib.sha256(wheel.read_bytes()).hexdigest()))
    result = install(bench, says)
    assert not list((bench.directory / "env-1").rglob("further*"))
    assert any("do not fit each other" in warning for warning in result.warnings)


def test_what_conda_installs_is_not_replaced(bench):
    wheel = bench.wheel("leaf", "2.0")
    says = read(line(hashlib.sha256(wheel.read_bytes()).hexdigest()))
    with pytest.raises(PipGuardError, match="in its conda part and in its pip part"):
        install(bench, says, leaf="1.0")


def test_what_is_there_and_not_locked_is_told(bench):
    wheel = bench.wheel("leaf", "2.0")
    says = read(line(hashlib.sha256(wheel.read_bytes()).hexdigest()))
    prefix = bench.prefix(owned={"stranger": "1.0"})
    locked = LockedInput(
        path="explicit.txt", sha256="", format="requirements", platform="linux-64", packages=(),
        pip=lock_of_set(says).pip, pip_path="requirements.txt", says=says,
    )  # fmt: skip
    with pytest.raises(PipBrokenError, match="did not install what is locked") as refused:
        install_locked_part(bench.request(bench.task(), prefix), locked)
    assert "stranger" in refused.value.why
