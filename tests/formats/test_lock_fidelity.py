"""Laws: what is written is read back but for what is reported lost; no secret survives."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from packaging.pylock import Pylock

from envbench.formats.lock_formats import LOCK_FORMATS, export_lock, find_lock_format
from envbench.formats.lock_reading import read_lock_text
from envbench.formats.locks.fidelity import find_losses, project
from envbench.model.errors import PreventedError, UsageError
from envbench.model.lock import Lock, PipPackage
from envbench.model.locked_set import EVERY_ASPECT, LockAspect, LockedSet, lock_to_set
from envbench.model.redaction import register_secret
from tests.formats.lock_values import EVERYTHING, locks, record

NAMES = [form.name for form in LOCK_FORMATS]


def bare(locked: LockedSet) -> LockedSet:
    """Forget lines and what is said about the format itself."""
    return replace(
        locked,
        kept=frozenset(),
        packages=tuple(replace(package, line=None) for package in locked.packages),
        pip=tuple(replace(package, line=None) for package in locked.pip),
    )


def export(lock: Lock, name: str):
    try:
        return export_lock(lock, name)
    except UsageError:
        # What is told by address, and pylock without a hash, is refused when it is not known.
        assert name in {"pylock", "conda-lock", "pixi-v6", "pixi-v7"}
        assert any(not p.direct_url and not (p.url and p.sha256) for p in lock.pip)
        return None


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=50)
@given(lock=locks())
def test_what_is_written_is_read_back_but_for_the_losses(name, lock):
    digests = [p.sha256 or p.md5 for p in lock.packages if p.sha256 or p.md5]
    assume(len(digests) == len(set(digests)))
    exported = export(lock, name)
    if exported is None:
        return
    form, reading = read_lock_text(exported.text, exported.file_name)
    assert name.startswith(form)
    assert reading.is_sound, reading.problems
    expected = project(lock, find_lock_format(name).kept)
    assert bare(reading.locked) == bare(expected)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(lock=locks())
def test_losses_are_empty_exactly_when_nothing_is_lost(name, lock):
    kept = find_lock_format(name).kept
    is_exact = bare(project(lock, kept)) == bare(lock_to_set(lock))
    assert (find_losses(lock, kept) == ()) == is_exact


@pytest.mark.parametrize("aspect", list(LockAspect))
@settings(max_examples=20)
@given(lock=locks())
def test_each_aspect_alone_is_told_when_it_is_lost(aspect, lock):
    kept = EVERY_ASPECT - {aspect}
    is_exact = bare(project(lock, kept)) == bare(lock_to_set(lock))
    assert (find_losses(lock, kept) == ()) == is_exact


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20)
@given(lock=locks())
def test_writing_is_stable_whatever_the_order_of_pip_and_variables(name, lock):
    exported = export(lock, name)
    turned = replace(lock, pip=lock.pip[::-1], variables=lock.variables[::-1])
    again = export(turned, name)
    assert (exported and exported.text) == (again and again.text)


LOST = {
    "environment-lock": {
        "platform", "channel per package", "addresses", "builds", "hashes",
        "index of local versions", "pip addresses", "pip hashes", "pip direct references",
    },
    "environment-lock-builds": {
        "platform", "channel per package", "addresses", "hashes",
        "index of local versions", "pip addresses", "pip hashes", "pip direct references",
    },
    "explicit": {"name", "channel order", "sha256", "pip packages", "variables"},
    "explicit-sha256": {"name", "channel order", "md5", "pip packages", "variables"},
    "conda-lock": {"name", "variables"},
    "conda-lock-no-pip": {"name", "pip packages", "variables"},
    "pixi-v6": {"name", "variables"},
    "pixi-v7": {"name", "variables"},
    "pylock": {"name", "platform", "conda packages", "channel order", "variables"},
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_losses_of_a_lock_that_holds_everything(name):
    exported = export_lock(EVERYTHING, name)
    assert {loss.what for loss in exported.lost} == LOST[name]
    assert all(loss.why.endswith(".") for loss in exported.lost)


def test_losses_name_whom_they_concern():
    lost = {loss.what: loss.packages for loss in export_lock(EVERYTHING, "environment-lock").lost}
    assert lost["channel per package"] == ("python", "tzdata", "old", "numpy")
    assert lost["index of local versions"] == ("torchaudio",)
    assert lost["pip direct references"] == ("fromgit",)
    assert lost["platform"] == ()


def test_files_of_this_box_are_no_portable_addresses():
    lock = Lock(
        name="x", platform="linux-64", channels=("file:///disk/channel",),
        packages=(record("numpy", base="file:///disk/channel"),),
    )  # fmt: skip
    assert "portability" in {loss.what for loss in export_lock(lock, "explicit").lost}
    assert "portability" not in {loss.what for loss in export_lock(lock, "environment-lock").lost}


def test_what_the_lock_itself_does_not_know_is_told():
    lock = Lock(
        name="x", platform="linux-64", channels=(),
        packages=(record("numpy", md5=None, sha256=None),),
        pip=(PipPackage(name="torch", version="2.1.0+cu118"),),
    )  # fmt: skip
    for name, what, package in (
        ("explicit", "unknown hashes", "numpy"),
        ("environment-lock", "index of local versions", "torch"),
    ):
        assert (what, (package,)) in {(x.what, x.packages) for x in export_lock(lock, name).lost}


def test_the_pip_part_is_a_valid_pylock():
    text = export_lock(EVERYTHING, "pylock").text
    parsed = Pylock.from_dict(tomllib.loads(text))
    assert [str(package.name) for package in parsed.packages] == [
        "fromgit",
        "tabulate",
        "torchaudio",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_no_planted_secret_survives(name):
    url = "https://user:planted-pass-1@h.example/t/planted-token-2/chan"
    lock = replace(
        EVERYTHING,
        channels=(url, "https://planted-token-3@h.example/x"),
        packages=(record("numpy", base=url, channel=url),),
        pip=(
            PipPackage(
                name="lib", version="1.0", sha256="ab" * 32,
                url="https://user:planted-pass-4@h.example/lib-1.0-py3-none-any.whl?token=planted-5",
            ),
            PipPackage(
                name="git", version="1.0",
                direct_url="git+https://user:planted-pass-6@h.example/git@" + "0c" * 20,
            ),
        ),
    )  # fmt: skip
    exported = export_lock(lock, name)
    assert "planted" not in exported.text
    assert "planted" not in repr(exported.lost)


def test_a_known_secret_in_a_variable_stops_the_export():
    register_secret("planted-in-a-variable-9")
    lock = replace(EVERYTHING, variables=(("TOKEN", "planted-in-a-variable-9"),))
    with pytest.raises(PreventedError) as caught:
        export_lock(lock, "environment-lock")
    assert "planted" not in str(caught.value)
    assert export_lock(lock, "explicit").text


def test_an_unknown_format_lists_those_that_exist():
    with pytest.raises(UsageError, match="environment-lock, environment-lock-builds, explicit"):
        export_lock(EVERYTHING, "zip")
