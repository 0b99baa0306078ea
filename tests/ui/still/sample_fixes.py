"""Ways out of the sample conflict, made by hand, and the same spec under other conditions."""

from dataclasses import replace

from envbench.model.conflict import SpecLine
from envbench.model.problem import Edit, Replacement
from envbench.model.repair import (
    DiffRow,
    FailedTry,
    Fix,
    FixCost,
    FixEffect,
    FixReport,
    Move,
    MoveKind,
    PackageShift,
)
from envbench.model.what_if import Condition, Variant, WhatIfReport
from envbench.model.why import Culprit, HeldBack, Release, WhyReport
from tests.ui.still.sample_project import GOOD_TEXT, SPEC_PATH

_OLD = "tensorflow=2.13.1"


def cost(lines: int, packages: int, download: int, **parts: int) -> FixCost:
    """Say what a fix costs."""
    known = {"removals": 0, "gpu_losses": 0, "moved_back": 0, "python_changes": 0, **parts}
    return FixCost(
        lines=lines, distance=(0, 1, 0), packages=packages, download_bytes=download, **known
    )


def _replace_in_text(old: str, new: str) -> Edit:
    start = GOOD_TEXT.index(old)
    return Edit(f"write {new}", (Replacement(start, start + len(old), new),))


RAISE = Fix(
    moves=(Move(kind=MoveKind.PIN, name="tensorflow", old=_OLD, new="tensorflow=2.14.*", line=10),),
    title="line 10  tensorflow=2.13.1 → =2.14.*",
    cost=cost(1, 9, 412_000_000),
    effect=FixEffect(
        shifts=(
            PackageShift(name="tensorflow", wished="2.13.1", got="2.14.1", is_direct=True),
            PackageShift(name="typing-extensions", wished="4.5.0", got="4.12.2"),
        ),
        changed=9,
        download_bytes=412_000_000,
    ),
    gains="openai 2.48, tensorflow 2.14.1",
    edit=_replace_in_text(_OLD, "tensorflow=2.14.*"),
    diff=(
        DiffRow(sign="-", line=10, text="  - tensorflow=2.13.1"),
        DiffRow(sign="+", line=10, text="  - tensorflow=2.14.*"),
    ),
    pip="resolved",
    solve_s=0.9,
)
RELEASE = Fix(
    moves=(Move(kind=MoveKind.RELEASE, name="openai", old="openai", new="openai", line=13, is_pip=True),),
    title="line 13  openai>=2 → openai",
    cost=cost(1, 0, 0, moved_back=1),
    effect=FixEffect(
        shifts=(PackageShift(name="openai", wished="2.48", got="1.5.0", is_direct=True, is_pip=True),),
        download_bytes=0,
    ),
    gains="openai 1.5.0 (2 majors back)",
    edit=_replace_in_text("openai", "openai<2"),
    diff=(
        DiffRow(sign="-", line=13, text="    - openai>=2"),
        DiffRow(sign="+", line=13, text="    - openai"),
    ),
    pip="resolved",
    solve_s=0.8,
)  # fmt: skip
TO_CPU = Fix(
    moves=(Move(kind=MoveKind.DROP_BUILD, name="tensorflow", old=_OLD, new="tensorflow", line=10),),
    title="lines 5, 10  python=3.10, tensorflow=2.15",
    cost=cost(2, 88, 1_900_000_000, gpu_losses=1, python_changes=1),
    effect=FixEffect(
        shifts=(
            PackageShift(name="tensorflow", wished="2.13.1", got="2.15.0", is_direct=True, lost_gpu=True),
        ),
        changed=88,
    ),
    gains="all newest",
    edit=_replace_in_text(_OLD, "tensorflow=2.15"),
    diff=(
        DiffRow(sign="-", line=5, text="  - python=3.9"),
        DiffRow(sign="+", line=5, text="  - python=3.10"),
        DiffRow(sign="-", line=10, text="  - tensorflow=2.13.1"),
        DiffRow(sign="+", line=10, text="  - tensorflow=2.15"),
    ),
    pip="not tried: the package index cannot be reached",
    solve_s=1.1,
)  # fmt: skip
FLEXIBLE = Fix(
    moves=(Move(kind=MoveKind.PRIORITY, name="channel_priority", old="strict", new="flexible"),),
    title="channel priority strict → flexible",
    cost=cost(1, 12, 61_000_000),
    effect=FixEffect(changed=12, download_bytes=61_000_000),
    gains="tensorflow 2.13.1 from defaults",
    command="--priority flexible",
    pip="resolved",
    solve_s=1.3,
)
FAILED = (
    FailedTry(title="line 7  numpy=1.23.* → *", why="still no solution: not a cause"),
    FailedTry(title="line 8  pandas removed", why="still no solution: not a cause"),
)
NOTHING = FixReport(path=SPEC_PATH, sha256="saved")
PIP_UNKNOWN = replace(
    NOTHING,
    is_over=True,
    not_tried=("the pip section: not tried: the package index cannot be reached",),
)
COMING = replace(
    NOTHING, fixes=(RELEASE,), failed=FAILED[:1], trying="line 10  tensorflow=2.13.1 → =2.14.*"
)
"""One is proved, a better one is being tried."""
ALL = replace(
    NOTHING,
    fixes=(RAISE, RELEASE, FLEXIBLE, TO_CPU),
    failed=FAILED,
    not_tried=("14 changes of two lines at once, the budget of 30 s was spent",),
    is_over=True,
    solves=23,
    seconds=30.2,
)
HOPELESS = replace(NOTHING, failed=FAILED, is_over=True, seconds=3.0)


WHY = WhyReport(
    subject=SPEC_PATH,
    package="typing-extensions",
    version="4.5.0",
    newest="4.12.2",
    held_back=HeldBack(
        name="typing-extensions",
        chosen="4.5.0",
        newest="4.12.2",
        culprits=(Culprit(line=SpecLine(text=_OLD, name="tensorflow", line=10)),),
        jumps_to="4.12.2",
        alternatives=(
            Release(lines=(SpecLine(text="python=3.9", name="python", line=5),), jumps_to="4.9.0"),
        ),
    ),
)
_NAMES = ("python", "numpy", "pandas", "pytorch", "tensorflow")
_HERE = ("3.9.18", "1.23.5", "2.1.1", "1.13.1", "2.13.1")


def variant(
    condition: Condition, value: str, versions: tuple[str, ...], **parts: object
) -> Variant:
    """Make a column that was solved."""
    known = dict(zip(_NAMES, versions, strict=True))
    made = Variant(
        condition=condition, value=value, is_solvable=True, versions=known, packages=213,
        download_bytes=1_900_000_000, solve_s=0.9,
    )  # fmt: skip
    return replace(made, **parts)


WHAT_IF = WhatIfReport(
    path=SPEC_PATH,
    sha256="saved",
    names=_NAMES,
    variants=(
        variant(Condition.AS_IT_IS, "", _HERE),
        variant(
            Condition.PYTHON,
            "3.10",
            ("3.10.14", "1.26.4", "2.2.2", "1.13.1", "2.15.0"),
            edit=_replace_in_text("python=3.9", "python=3.10"),
            diff=(
                DiffRow(sign="-", line=5, text="  - python=3.9"),
                DiffRow(sign="+", line=5, text="  - python=3.10"),
            ),
        ),
        Variant(
            condition=Condition.PYTHON,
            value="3.12",
            is_solvable=False,
            refusal="pytorch=1.13.1 (line 9) has no build for python 3.12",
        ),
        variant(Condition.PRIORITY, "strict", _HERE, command="--priority strict"),
        Variant(condition=Condition.DATE, value="2023-06-01"),
    ),
    is_over=True,
    seconds=6.0,
)
