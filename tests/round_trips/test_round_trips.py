"""Every lock format on every kind of environment: locked, built from the lock, verified as the same.

What comes back may differ from what was locked only where the format said so when it was written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from envbench.formats.lock_formats import LOCK_FORMATS, LockFormat
from envbench.model.errors import UsageError
from envbench.model.job import JobState
from envbench.model.lock import Export, Lock
from envbench.model.locked_set import LockAspect, LockedPackage, LockedPip, lock_to_set
from envbench.workbench.building import read_build_result
from envbench.workbench.environments import read_lock
from envbench.workbench.locked_builds.submitting import LockedOrder, submit_locked_build
from envbench.workbench.locks.making import LockOrder, make_locks
from envbench.workbench.locks.read_back import export_and_read_back
from envbench.workbench.locks.writing import place_export, write_files
from envbench.workbench.verification.verify import verify_environment
from tests.round_trips.trip_environments import ENVIRONMENTS, World, wheels_once
from tests.workbench.conftest import LIMIT_S
from tests.workbench.failing import settle

FORMATS = {form.name: form for form in LOCK_FORMATS if form.is_lock}
PIP_ONLY = {name for name, form in FORMATS.items() if LockAspect.CONDA not in form.kept}
ALWAYS = {
    *(("conda-only", name) for name in FORMATS if name not in PIP_ONLY),
    *(("several-channels", name) for name in ("environment-yml-builds", "conda-lock", "pixi-v6")),
    *(("wheels", name) for name in ("pixi-v7", "environment-yml")),
    *(("sources", name) for name in ("pylock", "requirements")),
    ("foreign-prefix", "conda-lock"),
    ("venv", "pylock"),
}
"""Cases of the default lane; all others are slow only because they are many."""
CASES = [
    pytest.param(
        environment,
        name,
        marks=() if (environment, name) in ALWAYS else pytest.mark.slow,
        id=f"{environment}-{name}",
    )
    for environment in ENVIRONMENTS
    for name in FORMATS
    if environment != "venv" or name in PIP_ONLY
]


@dataclass(frozen=True)
class Trip:
    """One environment, locked in one format."""

    world: World
    reference: str
    form: LockFormat
    folder: Path
    export: Export

    @property
    def lock_files(self) -> tuple[Path, ...]:
        own = self.folder / self.export.file_name
        if self.reference.endswith("/venv"):
            # Its Python is none of conda's; one of conda's is put below it.
            return (self.world.box.root / "base" / "explicit.txt", own)
        return (own,)


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[str, Lock]]:
    return {}


@pytest.mark.parametrize(("environment", "form"), CASES)
def test_what_is_locked_comes_back(
    world: World,
    made: dict[str, tuple[str, Lock]],
    environment: str,
    form: str,
    tmp_path: Path,
):
    reference, lock = find_lock(world, made, environment)
    trip = write_lock(world, reference, lock, FORMATS[form], tmp_path)
    if environment == "venv":
        write_base(world)
    name = f"back-{environment}-{form}"
    submitted = submit_locked_build(
        LockedOrder(locks=trip.lock_files, name=name, allow_builds=True), world.box.settings
    )
    result = submitted.job.wait(LIMIT_S)
    settle(world.box)
    if result.state is not JobState.DONE:
        assert "pip direct references" in {loss.what for loss in trip.export.lost}, result
        assert any(p.name in result.reason for p in lock.pip if p.direct_url), result
        return
    built = read_build_result(result)
    for file in trip.lock_files:
        report = verify_environment(name, file, world.box.settings)
        assert report.is_fine, [str(each) for each in report.judgement.findings]
    back = read_lock(name, world.box.settings)
    assert built.conda_packages == len(back.packages)
    assert built.pip_packages == len(back.pip)
    # What stands below a virtual environment comes from somewhere else than it did.
    kept = trip.form.kept - ({LockAspect.CHANNEL_NAME} if environment == "venv" else set())
    unexplained = [each for each in list_differences(lock, back, kept) if not is_told(each, trip)]
    assert not unexplained, (unexplained, trip.export.lost)


def find_lock(
    world: World, made: dict[str, tuple[str, Lock]], environment: str
) -> tuple[str, Lock]:
    if environment not in made:
        reference = ENVIRONMENTS[environment](world)
        outcome = make_locks(LockOrder(subject=reference), world.box.settings)
        made[environment] = (reference, outcome.locks[0])
    return made[environment]


def write_lock(world: World, reference: str, lock: Lock, form: LockFormat, folder: Path) -> Trip:
    export = export_and_read_back((lock,), form.name)
    write_files(place_export(export, f"{folder}/"))
    return Trip(world, reference, form, folder, export)


def write_base(world: World) -> None:
    base = world.box.root / "base"
    if not base.exists():
        base.mkdir()
        [lock] = make_locks(LockOrder(subject=wheels_once(world)), world.box.settings).locks
        write_files(place_export(export_and_read_back((lock,), "explicit"), f"{base}/"))


def list_differences(
    old: Lock, new: Lock, kept: frozenset[LockAspect]
) -> Iterator[tuple[LockAspect, str, object, object]]:
    """List what differs between two environments in the aspects that a format keeps."""
    before, after = lock_to_set(old), lock_to_set(new)
    whole = {
        LockAspect.PLATFORM: lambda side: side.platform,
        LockAspect.CHANNEL_NAME: lambda side: side.channels,
        LockAspect.VARIABLES: lambda side: side.variables,
        LockAspect.INDEXES: lambda side: side.indexes,
    }
    for aspect, read in whole.items():
        if aspect in kept and read(before) != read(after):
            yield aspect, "", read(before), read(after)
    if LockAspect.CONDA in kept:
        fields = {
            LockAspect.CONDA: "version", LockAspect.BUILD: "build", LockAspect.ADDRESS: "url",
            LockAspect.MD5: "md5", LockAspect.SHA256: "sha256",
        }  # fmt: skip
        yield from _list_parts(before.packages, after.packages, fields, kept)
        channels = {p.name: p.channel for p in new.packages}
        for package in old.packages if LockAspect.CHANNEL in kept else ():
            if channels.get(package.name) != package.channel:
                yield LockAspect.CHANNEL, package.name, package.channel, channels.get(package.name)
    if LockAspect.PIP in kept:
        fields = {
            LockAspect.PIP: "version", LockAspect.PIP_ADDRESS: "url",
            LockAspect.PIP_HASH: "sha256", LockAspect.PIP_DIRECT: "direct_url",
            LockAspect.PIP_EDITABLE: "editable", LockAspect.PIP_INDEX: "index_url",
        }  # fmt: skip
        yield from _list_parts(before.pip, after.pip, fields, kept)


def _list_parts(
    before: tuple[LockedPackage, ...] | tuple[LockedPip, ...],
    after: tuple[LockedPackage, ...] | tuple[LockedPip, ...],
    fields: dict[LockAspect, str],
    kept: frozenset[LockAspect],
) -> Iterator[tuple[LockAspect, str, object, object]]:
    old, new = ({package.name: package for package in side} for side in (before, after))
    for name in sorted(old.keys() | new.keys()):
        for aspect, field in fields.items():
            one, other = (getattr(side.get(name), field, None) for side in (old, new))
            if aspect in kept and one != other:
                yield aspect, name, one, other


def is_told(difference: tuple[LockAspect, str, object, object], trip: Trip) -> bool:
    """Whether the format said, when it was written, that this would not come back."""
    _, name, *_ = difference
    return any(name in loss.packages for loss in trip.export.lost if name)


def test_a_lock_of_the_pip_part_alone_is_refused_with_what_to_do(world: World, made, tmp_path):
    _, lock = find_lock(world, made, "venv")
    write_files(place_export(export_and_read_back((lock,), "pylock"), f"{tmp_path}/"))
    with pytest.raises(UsageError) as refused:
        order = LockedOrder(locks=(tmp_path / "pylock.toml",), name="nothing")
        submit_locked_build(order, world.box.settings)
    assert "--from explicit.txt --from" in refused.value.hint
