"""Conflicts of the pip part: held against plain uv, asked for every set of items."""

import itertools
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from envbench.engine.pip_section import CondaPart, PipTask, PipTrials, find_pip_cores
from envbench.engine.pip_section.uv_binary import find_uv
from envbench.model.build import PipSettings
from envbench.model.conflict import SpecLine
from envbench.model.plan import Plan
from envbench.workbench.pip_tasks import owned_versions, python_version_of
from tests.conflicts.case import Case, name_of
from tests.conflicts.pip_cases import PIP_CASES, WHEELS, PipCase
from tests.workbench.wheels import make_wheel

over_all_cases = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=() if number < 3 else pytest.mark.slow)
        for number, case in enumerate(PIP_CASES)
    ],
)


def as_case(case: PipCase) -> Case:
    lines = "".join(f"  - {text}\n" for text in case.conda)
    items = "".join(f"      - {text}\n" for text in case.pip)
    text = f"channels:\n  - conda-forge\ndependencies:\n{lines}  - pip:\n{items}"
    return Case(name=case.name, text=text, cores=())


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    for (name, version), requires in WHEELS.items():
        make_wheel(folder, name.replace("-", "_"), version, requires=requires)
    return folder


@pytest.fixture(scope="module")
def plans(solver, shared_channels):
    known: dict[str, Plan] = {}

    def give(case: PipCase) -> Plan:
        if case.name not in known:
            plan = solver.solve(as_case(case).request(shared_channels))
            assert isinstance(plan, Plan), case.name
            known[case.name] = plan
        return known[case.name]

    return give


@pytest.fixture(scope="module")
def told(wheels, plans, tmp_path_factory):
    known = {}

    def tell(case: PipCase):
        if case.name not in known:
            known[case.name] = _find(case, plans(case), wheels, tmp_path_factory.mktemp("pip"))
        return known[case.name]

    return tell


def _find(case: PipCase, plan: Plan, wheels: Path, folder: Path):
    read = as_case(case)
    lines = tuple(
        SpecLine(text=text, name=name_of(text), line=number) for number, text in read.lines
    )
    task = PipTask(
        items=tuple(text for _, text in read.pip_lines),
        lines=tuple(number for number, _ in read.pip_lines),
        spec_path="environment.yml",
        owned=owned_versions(plan, {}),
        settings=PipSettings(no_index=True, find_links=(str(wheels),)),
        cache_dir=folder / "cache",
        work_dir=folder / "work",
        environ={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )
    with PipTrials(
        task, python_version=python_version_of(plan), platform="linux-64", glibc="2.31"
    ) as trials:
        return find_pip_cores(trials, CondaPart(lines=lines, plan=plan))


class PlainUv:
    """Resolves with uv alone: what conda owns is a wheel without needs, pinned by a constraint."""

    def __init__(self, wheels: Path, folder: Path, owned: Mapping[str, str], python: str) -> None:
        self._folder, self._wheels, self._python = folder, wheels, python
        self._owned_wheels = folder / "owned"
        for name, version in owned.items():
            make_wheel(self._owned_wheels, name.replace("-", "_").replace(".", "_"), version)
        (folder / "pins.txt").write_text(
            "".join(f"{name}=={version}\n" for name, version in owned.items())
        )
        (folder / "none.txt").write_text("")

    def resolves(self, items: Sequence[str], *, pinned: bool = True) -> bool:
        asked = self._folder / "asked.txt"
        asked.write_text("".join(f"{item}\n" for item in items))
        done = subprocess.run(
            [
                str(find_uv()), "pip", "compile", "-q", "--no-config", "--no-index", "--no-build",
                "--python-platform", "x86_64-manylinux_2_31", "--python-version", self._python,
                "--python", sys.executable, "--no-python-downloads",
                "--find-links", str(self._wheels), "--find-links", str(self._owned_wheels),
                "--cache-dir", str(self._folder / "cache"),
                "-c", str(self._folder / ("pins.txt" if pinned else "none.txt")), str(asked),
            ],
            capture_output=True, text=True, check=False, timeout=60,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder)},
        )  # fmt: skip
        assert done.returncode in {0, 1}, done.stderr
        return done.returncode == 0


@pytest.fixture
def plain_uv(wheels, plans, tmp_path):
    def make(case: PipCase) -> PlainUv:
        plan = plans(case)
        owned = {
            name: version
            for name, version in owned_versions(plan, {}).items()
            if name in {wheel for wheel, _ in WHEELS} or name in {"pip", "setuptools"}
        }
        return PlainUv(wheels, tmp_path, owned, python_version_of(plan))

    return make


@over_all_cases
def test_the_cores_are_all_smallest_sets_of_items(case, plain_uv, told):
    uv = plain_uv(case)
    smallest: list[set[str]] = []
    for size in range(1, len(case.pip) + 1):
        for part in itertools.combinations(case.pip, size):
            if not any(core <= set(part) for core in smallest) and not uv.resolves(part):
                smallest.append(set(part))
    assert sorted(map(sorted, smallest)) == sorted(sorted(core) for core in case.cores)
    found = [{line.text for line in core.lines if line.is_pip} for core in told(case)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, smallest))


@over_all_cases
def test_kinds_meetings_and_conda_lines(case, plain_uv, told):
    uv = plain_uv(case)
    cores = told(case)
    items = {tuple(sorted(i.text for i in core.lines if i.is_pip)): core for core in cores}
    for number, (kind, expected) in enumerate(zip(case.kinds, case.cores, strict=True)):
        core = items[tuple(sorted(expected))]
        assert core.kind is kind
        # Of pip alone it is when it stays without what conda installs.
        assert uv.resolves(expected, pinned=False) == (kind.value == "pip_against_conda")
        if number < len(case.meetings):
            assert core.meeting == case.meetings[number]
    conda = {line.name for core in cores for line in core.lines if not line.is_pip}
    assert set(case.conda_names) <= conda


@over_all_cases
def test_the_story_names_every_item_and_its_line(case, told):
    numbers = {text: number for number, text in as_case(case).pip_lines}
    for core in told(case):
        story = " ".join(core.explanation)
        assert 1 <= len(core.explanation) <= 4
        for line in core.lines:
            assert line.name in story
            if line.is_pip:
                assert line.line == numbers[line.text]
