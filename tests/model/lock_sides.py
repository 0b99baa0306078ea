"""Locks and specs as texts or records, for the tests that hold one against the other."""

from collections.abc import Iterable
from dataclasses import replace

from envbench.formats.lock_reading import read_lock_text
from envbench.formats.spec_parsing import parse_spec
from envbench.model.lock import PipPackage
from envbench.model.lock_verdicts.finding import Judgement
from envbench.model.lock_verdicts.lock_and_spec import SpecCheck, judge_lock
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.locked_set import EVERY_ASPECT, LockedPackage, LockedPip, LockedSet
from envbench.model.plan import PackageRecord
from envbench.model.spec import EnvironmentSpec, SpecText


def side_of(
    records: Iterable[PackageRecord], pip: Iterable[PipPackage] = (), **values: object
) -> LockSide:
    """A lock whose format says everything; the first package stands in line 1."""
    listed, wheels = list(records), list(pip)
    packages = tuple(
        LockedPackage(
            name=r.name, version=r.version, build=r.build, url=r.url, md5=r.md5, sha256=r.sha256,
            line=line, record=r,
        )
        for line, r in enumerate(listed, start=1)
    )  # fmt: skip
    locked = tuple(
        LockedPip(
            name=p.name, version=p.version, url=p.url, sha256=p.sha256, direct_url=p.direct_url,
            editable=p.editable, line=line, record=p,
        )
        for line, p in enumerate(wheels, start=len(listed) + 1)
    )  # fmt: skip
    fields = {"kept": EVERY_ASPECT, "platform": "linux-64", "channels": ("conda-forge",)} | values
    return LockSide(
        locked=LockedSet(packages=packages, pip=locked, **fields),  # type: ignore[arg-type]
        path="lock.yml",
    )


def sides_of(text: str, file_name: str) -> tuple[LockSide, ...]:
    """What a lock file says."""
    reading = read_lock_text(text, file_name)[1]
    assert reading.is_sound, reading.problems
    return tuple(LockSide(locked=each, path=file_name) for each in reading.sets)


def spec_of(*lines: str, pip: Iterable[str] = (), tail: str = "", channels: str = "") -> str:
    """The text of a spec whose first dependency stands in line 4."""
    text = f"channels: [{channels or 'conda-forge'}]\nname: t\ndependencies:\n"
    text += "".join(f"  - {line}\n" for line in lines)
    items = "".join(f"    - {item}\n" for item in pip)
    return text + (f"  - pip:\n{items}" if items else "") + tail


def read_spec(text: str) -> EnvironmentSpec:
    parsed = parse_spec(SpecText(text, "environment.yml"))
    assert parsed.spec is not None
    assert not parsed.errors, parsed.errors
    return parsed.spec


def judge(sides: LockSide | Iterable[LockSide], text: str, **check: object) -> Judgement:
    listed = (sides,) if isinstance(sides, LockSide) else tuple(sides)
    values = {"path": "environment.yml", "platform": "linux-64", "folder": "/home/ada"} | check
    return judge_lock(listed, SpecCheck(spec=read_spec(text), **values))  # type: ignore[arg-type]


def without(side: LockSide, name: str) -> LockSide:
    """Take one package out of a lock."""
    locked = side.locked
    return replace(
        side,
        locked=replace(
            locked,
            packages=tuple(p for p in locked.packages if p.name != name),
            pip=tuple(p for p in locked.pip if p.name != name),
        ),
    )


def told(judgement: Judgement) -> list[str]:
    """Mark, name and places of each finding."""
    return [f"{f.mark.value} {f.name} {' '.join(map(str, f.places))}" for f in judgement.findings]
