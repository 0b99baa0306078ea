"""A lock against what is installed."""

from dataclasses import replace

import pytest

from envbench.formats.lock_formats import LOCK_FORMATS, export_lock
from envbench.formats.lock_reading import read_lock_text
from envbench.model.lock import Lock, PipPackage
from envbench.model.lock_comparison import DriftKind, compare_lock
from envbench.model.lock_sameness import same_channel
from envbench.model.locked_set import lock_to_set
from tests.formats.lock_values import EVERYTHING, digest, record


def drifts(lock: Lock, installed: Lock, form: str | None = None):
    if form is None:
        locked = lock_to_set(lock)
    else:
        exported = export_lock(lock, form)
        locked = read_lock_text(exported.text, exported.file_name)[1].locked
    return [(d.kind, d.manager, d.name) for d in compare_lock(locked, installed).drifts]


@pytest.mark.parametrize("form", [None, *(form.name for form in LOCK_FORMATS if form.is_lock)])
def test_an_environment_is_the_same_as_its_own_lock(form):
    assert drifts(EVERYTHING, EVERYTHING, form) == []


def change(name: str, **values: object) -> Lock:
    packages = tuple(
        replace(p, **values) if p.name == name else p  # type: ignore[arg-type]
        for p in EVERYTHING.packages
    )
    return replace(EVERYTHING, packages=packages)


def test_each_kind_of_drift_of_conda_packages():
    assert drifts(EVERYTHING, change("numpy", version="1.26.3")) == [
        (DriftKind.VERSION, "conda", "numpy")
    ]
    assert drifts(EVERYTHING, change("numpy", build="other")) == [
        (DriftKind.BUILD, "conda", "numpy")
    ]
    assert drifts(EVERYTHING, change("numpy", sha256="00" * 32)) == [
        (DriftKind.HASH, "conda", "numpy")
    ]
    without = replace(EVERYTHING, packages=EVERYTHING.packages[:-1])
    assert drifts(EVERYTHING, without) == [(DriftKind.MISSING, "conda", "pytorch")]
    assert drifts(without, EVERYTHING) == [(DriftKind.EXTRA, "conda", "pytorch")]


def test_a_build_is_only_compared_when_the_format_says_it():
    other = change("numpy", build="other", sha256=None, md5=None)
    assert drifts(EVERYTHING, other, "environment-lock") == []
    assert drifts(EVERYTHING, other, "explicit") == [(DriftKind.BUILD, "conda", "numpy")]


def test_drift_of_the_pip_part():
    def pip(**values: object) -> Lock:
        first = replace(EVERYTHING.pip[0], **values)  # type: ignore[arg-type]
        return replace(EVERYTHING, pip=(first, *EVERYTHING.pip[1:]))

    assert drifts(EVERYTHING, pip(version="0.9")) == [(DriftKind.VERSION, "pip", "tabulate")]
    assert drifts(EVERYTHING, pip(version="0.10")) == []
    assert drifts(EVERYTHING, pip(sha256=digest("x", 64))) == [(DriftKind.HASH, "pip", "tabulate")]
    assert drifts(EVERYTHING, pip(sha256=None)) == []
    assert drifts(EVERYTHING, pip(direct_url="file:///x")) == [
        (DriftKind.SOURCE, "pip", "tabulate")
    ]
    more = replace(EVERYTHING, pip=(*EVERYTHING.pip, PipPackage(name="new", version="1")))
    assert drifts(EVERYTHING, more) == [(DriftKind.EXTRA, "pip", "new")]
    assert drifts(more, EVERYTHING) == [(DriftKind.MISSING, "pip", "new")]
    assert drifts(EVERYTHING, more, "explicit") == []


def test_variables_and_platform():
    other = replace(EVERYTHING, variables=(("MODE", "no"),), platform="osx-64")
    assert drifts(EVERYTHING, other) == [
        (DriftKind.PLATFORM, "", "platform"),
        (DriftKind.VARIABLE, "", "MODE"),
        (DriftKind.VARIABLE, "", "OMP_NUM_THREADS"),
    ]


def test_what_cannot_be_compared_is_said():
    exported = export_lock(EVERYTHING, "explicit")
    locked = read_lock_text(exported.text, exported.file_name)[1].locked
    unchecked = compare_lock(locked, EVERYTHING).unchecked
    assert any("fromgit, tabulate" in text for text in unchecked)
    bare = replace(EVERYTHING, packages=(record("numpy", md5=None, sha256=None),))
    assert any("numpy" in text for text in compare_lock(lock_to_set(bare), bare).unchecked)


def test_a_drift_names_the_line_of_the_lock():
    exported = export_lock(EVERYTHING, "environment-lock")
    locked = read_lock_text(exported.text, exported.file_name)[1].locked
    (drift,) = compare_lock(locked, change("numpy", version="2.0")).drifts
    assert exported.text.splitlines()[drift.line - 1] == "  - numpy=1.26.4"
    assert (drift.locked, drift.installed) == ("numpy 1.26.4", "numpy 2.0 py311h64a7726_0")


def test_the_channel_by_name_is_compared_where_the_format_says_it():
    other = change(
        "numpy", channel="main", url="https://repo.anaconda.com/pkgs/main/x", sha256=None
    )
    assert drifts(EVERYTHING, other, "environment-yml") == [(DriftKind.CHANNEL, "conda", "numpy")]
    assert drifts(EVERYTHING, other, "environment-lock") == []


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("conda-forge", "conda-forge", True),
        ("conda-forge", "https://conda.anaconda.org/conda-forge", True),
        ("conda-forge", "https://mirror.example/api/conda-forge", True),
        ("conda-forge", "https://mirror.example/not-conda-forge", False),
        ("defaults", "pkgs/main", True),
        ("defaults", "https://repo.anaconda.com/pkgs/r", True),
        ("defaults", "conda-forge", False),
        ("pytorch", "nvidia", False),
    ],
)
def test_one_channel_has_several_names(one, other, is_same):
    assert same_channel(one, other) is is_same
    assert same_channel(other, one) is is_same


def test_a_folder_is_the_same_however_its_name_is_encoded():
    def pip(url: str) -> Lock:
        return replace(EVERYTHING, pip=(PipPackage(name="a", version="1", direct_url=url),))

    assert drifts(pip("file:///x/a%2Bb.whl"), pip("file:///x/a+b.whl")) == []
    assert drifts(pip("file:///x/a.whl"), pip("file:///x/b.whl"))[0][0] is DriftKind.SOURCE


def test_one_of_several_accepted_wheels_is_the_locked_one():
    wheel = EVERYTHING.pip[0]
    locked = lock_to_set(EVERYTHING)
    pip = {package.name: package for package in locked.pip}

    def kinds(*accepted: str) -> list[DriftKind]:
        several = replace(pip[wheel.name], sha256=None, accepted=accepted)
        wanted = replace(locked, pip=tuple({**pip, wheel.name: several}.values()))
        return [drift.kind for drift in compare_lock(wanted, EVERYTHING).drifts]

    assert kinds("ab" * 32, wheel.sha256) == []
    assert kinds("ab" * 32, "cd" * 32) == [DriftKind.HASH]
    assert kinds() == []
