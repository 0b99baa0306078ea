"""Locks that satisfy a spec with conda and pip parts, and every way to break them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from envbench.model.lock import PipPackage
from tests.formats.lock_values import record
from tests.model.lock_sides import judge, side_of, spec_of, without

_CONDA = ("alpha", "beta", "gamma", "delta")
_PIP = ("one", "two", "three")


@st.composite
def satisfied(draw: st.DrawFn) -> tuple[list[str], list[str], list, list[PipPackage]]:
    """A spec, and a lock in which everything is needed: chains from the lines of the spec."""
    names = ["python", *draw(st.lists(st.sampled_from(_CONDA), unique=True, min_size=1))]
    wheels = draw(st.lists(st.sampled_from(_PIP), unique=True, min_size=1))
    asked = draw(st.lists(st.sampled_from(names[1:]), unique=True, min_size=1))
    depends: dict[str, list[str]] = {name: ["python >=3.11,<3.12.0a0"] for name in names[1:]}
    depends["python"] = []
    reached = [*asked]
    for name in names[1:]:
        if name not in reached:
            depends[draw(st.sampled_from(reached))].append(f"{name} >=1.2,<2")
            reached.append(name)
    asked_pip = wheels[: draw(st.integers(1, len(wheels)))]
    requires: dict[str, list[str]] = {name: [] for name in wheels}
    for name in wheels[len(asked_pip) :]:
        requires[draw(st.sampled_from(asked_pip))].append(f"{name}>=1.2,<2")
    conda = [
        record(
            name, "3.11.7" if name == "python" else "1.4.2", "h0_0", depends=tuple(depends[name])
        )
        for name in names
    ]
    pip = [
        PipPackage(name=name, version="1.4.2", requires_python=">=3.9",
                   requires_dist=tuple(requires[name]))
        for name in wheels
    ]  # fmt: skip
    pins = ["=1.4", "==1.4.2", " >=1.2,<2", " 1.*"]
    lines = [name + draw(st.sampled_from(pins)) for name in asked]
    items = [name + draw(st.sampled_from(("==1.4.2", "~=1.4", ">=1.2,<2"))) for name in asked_pip]
    return lines, items, conda, pip


@given(case=satisfied(), data=st.data())
def test_nothing_can_be_taken_away_or_changed_unseen(case, data: st.DataObject):
    lines, items, conda, pip = case
    text = spec_of(*(f"{line!r}" for line in lines), pip=items)
    whole = judge(side_of(conda, pip), text)
    assert (whole.findings, whole.not_compared, whole.notes) == ((), (), ())
    for name in [p.name for p in conda] + [p.name for p in pip]:
        less = judge(without(side_of(conda, pip), name), text)
        # A lock without Python can no longer say which markers apply, but what needed it is told.
        assert less.findings, name
    victim = data.draw(st.sampled_from([p.name for p in conda] + [p.name for p in pip]))
    version = data.draw(st.sampled_from(("0.9", "2.0", "2.1.1", "3.8", "4.0")))
    changed = side_of(
        [replace(p, version=version) if p.name == victim else p for p in conda],
        [replace(p, version=version) if p.name == victim else p for p in pip],
    )
    assert judge(changed, text).findings, (victim, version)
