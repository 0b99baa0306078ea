"""What the real solver planned always satisfies its spec, and nothing of it can be missing."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rattler import BuildString, MatchSpec
from rattler import PackageRecord as RattlerRecord

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
from envbench.formats.lock_formats import export_lock
from envbench.formats.lock_reading import read_lock_text
from envbench.formats.spec_parsing import parse_spec
from envbench.model.lock import Lock
from envbench.model.lock_verdicts.finding import FindingGroup
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.package_needs import name_of
from envbench.model.plan import PackageRecord, Plan
from envbench.model.spec import SpecText
from tests.engine.solver.asking import HOST, make_request, write_channel
from tests.engine.solver.conftest import SHARED
from tests.model.lock_sides import judge, side_of, spec_of, without

_NAMES = ("app", "lib", "core", "base", "tool")
_VERSIONS = ("1.0", "1.1", "2.0", "2.0.1")
_RANGES = ("", "=1.0", "==1.1", ">=1.1", "<2", ">=1,<2", "1.*", "2.0.*", "!=1.1", ">=1.1|==1.0")


@pytest.fixture(scope="module")
def solver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SolverProcess]:
    root = tmp_path_factory.mktemp("solved")
    directories = EngineSettings(pkgs_dir=str(root / "pkgs"), repodata_dir=str(root / "repodata"))
    with SolverProcess(directories) as process:
        yield process


@pytest.fixture(scope="module")
def real_metadata(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real metadata, unpacked; skips where it is not there."""
    script = SHARED / "unpack.py"
    if not script.is_file():
        pytest.skip("the shared channel metadata is not there")
    target = tmp_path_factory.mktemp("metadata")
    subprocess.run([sys.executable, script, target], check=True, capture_output=True)
    return target / "channels"


@st.composite
def worlds(draw: st.DrawFn) -> list[tuple[str, str, list[str]]]:
    """Packages that depend on those behind them in the list, and on the box."""
    packages = []
    for index, name in enumerate(_NAMES):
        for version in draw(st.lists(st.sampled_from(_VERSIONS), unique=True, min_size=1)):
            needed = draw(st.lists(st.sampled_from(_NAMES[index + 1 :] or ("__glibc",)),
                                   unique=True, max_size=3))  # fmt: skip
            ranges = [draw(st.sampled_from(_RANGES)) for _ in needed]
            depends = [
                f"{each} {wanted}".strip() if each != "__glibc" else "__glibc >=2.17"
                for each, wanted in zip(needed, ranges, strict=True)
            ]
            packages.append((name, version, depends))
    return packages


_lines = st.lists(
    st.builds(lambda name, wanted: f"{name}{wanted}", st.sampled_from(_NAMES[:3]),
              st.sampled_from([r for r in _RANGES if not r[:1].isdigit()])),
    min_size=1, max_size=3,
)  # fmt: skip


def _violates(record: PackageRecord, lines: list[str], packages: tuple[PackageRecord, ...]) -> bool:
    """Ask rattler whether anybody's wish for a package is not met by it."""
    wishes = [*lines, *(text for package in packages for text in package.depends)]
    theirs = RattlerRecord(
        record.name, record.version, BuildString(record.build), record.build_number, record.subdir
    )
    mine = [text for text in wishes if name_of(text) == record.name]
    return not all(MatchSpec(text).matches(theirs) for text in mine)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds(), lines=_lines, data=st.data())
def test_a_plan_satisfies_its_spec_and_lacks_nothing(
    world: list[tuple[str, str, list[str]]],
    lines: list[str],
    data: st.DataObject,
    solver: SolverProcess,
    tmp_path_factory: pytest.TempPathFactory,
):
    url = write_channel(tmp_path_factory.mktemp("world"), world)
    plan = solver.solve(make_request(lines, {"world": url}))
    if not isinstance(plan, Plan):
        return
    text = spec_of(*(f"{line!r}" for line in lines), channels="world")
    side = side_of(plan.packages, channels=("world",))
    known = {"world": (url,)}
    found = judge(side, text, channels=known)
    assert (found.findings, found.not_compared, found.notes) == ((), (), ())
    # Nothing of a plan can be taken away.
    for package in plan.packages:
        assert judge(without(side, package.name), text, channels=known).findings
    # Another version is told exactly when somebody's wish excludes it.
    victim = data.draw(st.sampled_from(plan.packages))
    other = replace(victim, version=data.draw(st.sampled_from((*_VERSIONS, "0.9", "3"))))
    packages = tuple(other if p is victim else p for p in plan.packages)
    changed = judge(side_of(packages, channels=("world",)), text, channels=known)
    assert bool(changed.findings) is _violates(other, lines, packages)


_FORMS = ("conda-lock", "pixi-v7", "explicit", "environment-lock")


@pytest.mark.slow
def test_locks_of_real_specs_satisfy_them(real_metadata: Path, solver: SolverProcess):
    judged = 0
    for file in sorted((SHARED / "specs").iterdir()):
        parsed = parse_spec(SpecText(file.read_text("utf-8", "replace"), file.name))
        spec = parsed.spec
        if (
            spec is None
            or parsed.errors
            or spec.pip
            or None in {d.match for d in spec.dependencies}
        ):
            continue
        wanted = [d.text for d in spec.dependencies_on(HOST.platform)]
        folders = {c.name: real_metadata / c.name for c in spec.channels}
        groups = {n: f.as_uri() for n, f in folders.items() if (f / "noarch").is_dir()}
        if not wanted or len(groups) != len(spec.channels) or not groups:
            continue
        plan = solver.solve(make_request(wanted, groups))
        if not isinstance(plan, Plan):
            continue
        lock = Lock(name="real", platform=HOST.platform, channels=tuple(groups),
                    packages=plan.packages)  # fmt: skip
        known = {name: (url,) for name, url in groups.items()}
        for form in _FORMS:
            exported = export_lock(lock, form)
            reading = read_lock_text(exported.text, exported.file_name)[1]
            assert reading.is_sound, reading.problems[:3]
            side = LockSide(locked=reading.locked, path=exported.file_name)
            found = judge(side, spec.source.text, channels=known)
            # Specs that list more platforms are locked for one of them here.
            other = [f for f in found.findings if f.group is not FindingGroup.PLATFORM]
            assert (other, found.notes) == ([], ()), (file.name, form)
        judged += 1
    assert judged >= 3
