"""Laws of every lock format: what is written is read back but for what is reported lost."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envbench.formats.lock_formats import LOCK_FORMATS, export_lock, find_lock_format
from envbench.formats.lock_reading import read_lock_text
from envbench.formats.locks.fidelity import find_losses
from envbench.formats.locks.projection import project
from envbench.model.errors import UsageError
from envbench.model.lock import Export, Lock, PipPackage
from envbench.model.locked_set import EVERY_ASPECT, LockAspect, LockedSet, lock_to_set
from envbench.model.redaction import split_url_secrets
from tests.formats.lock_strategies import lock_families, locks
from tests.formats.lock_values import EVERYTHING, record

NAMES = [form.name for form in LOCK_FORMATS if form.is_lock]
SEVERAL = [form.name for form in LOCK_FORMATS if form.is_lock and form.many_platforms]


def bare(locked: LockedSet) -> LockedSet:
    """Forget lines, and what is said about the format itself."""
    return replace(
        locked,
        kept=frozenset(),
        conda_lock=None,
        packages=tuple(replace(package, line=None) for package in locked.packages),
        pip=tuple(replace(package, line=None) for package in locked.pip),
    )


def export(lock: Lock | tuple[Lock, ...], name: str) -> Export | None:
    """Write a lock; None where the format rightly refuses packages of unknown origin."""
    try:
        return export_lock(lock, name)
    except UsageError:
        every = (lock,) if isinstance(lock, Lock) else lock
        unknown = [p for each in every for p in each.pip if not (p.url or p.direct_url)]
        assert unknown or name == "pylock"
        assert name in {"pylock", "conda-lock", "pixi-v6", "pixi-v7"}
        return None


def has_doubles(lock: Lock) -> bool:
    """Whether a digest or an address stands for two packages, which readers rightly refuse."""
    digests = [p.sha256 or p.md5 for p in lock.packages if p.sha256 or p.md5]
    return len(digests) != len(set(digests))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(lock=locks())
def test_what_is_written_is_read_back_but_for_the_losses(name, lock):
    assume(not has_doubles(lock))
    exported = export(lock, name)
    if exported is None:
        return
    _, reading = read_lock_text(exported.text, exported.file_name)
    assert reading.is_sound, reading.problems
    assert bare(reading.locked) == bare(project(lock, find_lock_format(name).kept))


@pytest.mark.parametrize("name", SEVERAL)
@settings(max_examples=6)
@given(family=lock_families())
def test_every_platform_is_read_back(name, family):
    assume(not any(map(has_doubles, family)))
    exported = export(family, name)
    if exported is None:
        return
    _, reading = read_lock_text(exported.text, exported.file_name)
    assert reading.is_sound, reading.problems
    kept = find_lock_format(name).kept
    for lock in family:
        found, expected = reading.for_platform(lock.platform), project(lock, kept)
        assert found is not None
        # Channels and indexes are those of the whole file.
        expected = replace(expected, channels=found.channels, indexes=found.indexes)
        assert bare(found) == bare(expected)
        assert set(project(lock, kept).indexes) - {"https://pypi.org/simple"} <= set(found.indexes)


@pytest.mark.parametrize("name", ["pixi-v6", "pixi-v7"])
@settings(max_examples=15)
@given(lock=locks())
def test_pixi_locks_hold_the_whole_record(name, lock):
    exported = export(replace(lock, pip=()), name)
    _, reading = read_lock_text(exported.text, exported.file_name)
    found = {package.name: package.record for package in reading.locked.packages}
    for package in lock.packages:
        noarch = found[package.name].noarch if package.noarch is None else package.noarch
        channel = found[package.name].channel
        assert found[package.name] == replace(package, noarch=noarch, channel=channel)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=6)
@given(lock=locks())
def test_losses_are_empty_exactly_when_nothing_is_lost(name, lock):
    kept = find_lock_format(name).kept
    is_exact = bare(project(lock, kept)) == bare(lock_to_set(lock))
    assert (find_losses(lock, kept) == ()) == is_exact


@pytest.mark.parametrize("aspect", list(LockAspect))
@settings(max_examples=6)
@given(lock=locks())
def test_each_aspect_alone_is_told_when_it_is_lost(aspect, lock):
    kept = EVERY_ASPECT - {aspect}
    is_exact = bare(project(lock, kept)) == bare(lock_to_set(lock))
    assert (find_losses(lock, kept) == ()) == is_exact


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=6)
@given(lock=locks())
def test_writing_is_stable_whatever_the_order_of_pip_and_variables(name, lock):
    exported = export(lock, name)
    turned = replace(lock, pip=lock.pip[::-1], variables=lock.variables[::-1])
    again = export(turned, name)
    assert (exported and exported.text) == (again and again.text)


@pytest.mark.parametrize("name", SEVERAL)
@settings(max_examples=6)
@given(lock=locks(), order=st.randoms(use_true_random=False))
def test_the_order_of_packages_does_not_matter_where_a_consumer_sorts(name, lock, order):
    exported = export(lock, name)
    packages = list(lock.packages)
    order.shuffle(packages)
    again = export(replace(lock, packages=tuple(packages)), name)
    assert (exported and exported.text) == (again and again.text)


_secrets = st.from_regex(r"planted[A-Za-z0-9]{6,12}", fullmatch=True)


@st.composite
def tainted(draw: st.DrawFn, rest: str) -> str:
    """An address with secrets in one of the places where addresses hold them."""
    secret = draw(_secrets)
    lead, tail = draw(
        st.sampled_from(
            (
                (f"https://user:{secret}@h.example/", ""),
                (f"https://{secret}@h.example/", ""),
                (f"https://h.example/t/{secret}/", ""),
                (f"https://u:{secret}x@h.example/t/{secret}/", ""),
            )
        )
    )
    return f"{lead}{rest}{tail}"


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=6)
@given(data=st.data())
def test_no_secret_that_entered_survives(name, data):
    channel = data.draw(tainted("chan"))
    git = data.draw(tainted("lib"))
    wheel = data.draw(tainted("lib-1.0-py3-none-any.whl"))
    index = data.draw(tainted("simple"))
    lock = replace(
        EVERYTHING,
        channels=(channel, "conda-forge"),
        packages=(record("numpy", base=channel, channel=channel, channel_url=channel),),
        pip=(
            PipPackage(
                name="lib", version="1.0", url=wheel, sha256="ab" * 32, index_url=index,
                requires_dist=(f"other @ {git}", f"third @ git+{git}@main ; extra == 'x'"),
            ),
            PipPackage(name="git", version="1.0", direct_url=f"git+{git}@{'0c' * 20}"),
            PipPackage(name="zip", version="1.0", direct_url=f"{git}.zip", sha256="cd" * 32),
        ),
        indexes=(index,),
    )  # fmt: skip
    exported = export_lock(lock, name)
    for file in exported.files:
        assert "planted" not in file.text
    assert "planted" not in repr(exported.lost)
    _, reading = read_lock_text(exported.text, exported.file_name)
    assert not any("secret" in problem.message for problem in reading.problems)
    assert split_url_secrets(channel)[0] in exported.text or name in {"pylock", "requirements"}
