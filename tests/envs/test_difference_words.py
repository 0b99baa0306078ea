"""A difference in a few words: nothing is left out, and nothing is said of no difference."""

from hypothesis import given
from hypothesis import strategies as st

from envbench.envs.compare import LockDifference, PipChange, VariableChange
from envbench.envs.difference_words import say_difference
from envbench.model.plan import ChangeKind, PackageChange

KINDS = st.lists(st.sampled_from(list(ChangeKind)), max_size=6)


def conda(*kinds: ChangeKind) -> tuple[PackageChange, ...]:
    return tuple(PackageChange(kind, f"p{n}", None, None) for n, kind in enumerate(kinds))


def pip(*kinds: ChangeKind) -> tuple[PipChange, ...]:
    return tuple(PipChange(kind, f"p{n}", None, None) for n, kind in enumerate(kinds))


def test_each_kind_has_its_word():
    difference = LockDifference(
        conda=conda(ChangeKind.UPGRADE, ChangeKind.REBUILD, ChangeKind.ADD),
        pip=pip(ChangeKind.ADD, ChangeKind.REMOVE),
        variables=(VariableChange("A", None, "1"),),
        channels=(("a",), ("b",)),
        platform=("linux-64", "linux-aarch64"),
    )
    assert say_difference(difference) == (
        "2 packages changed, 1 package added, 1 pip added, 1 pip removed, 1 variable changed,"
        " channels changed, platform changed"
    )


@given(KINDS, KINDS)
def test_every_change_is_counted_once(conda_kinds: list[ChangeKind], pip_kinds: list[ChangeKind]):
    difference = LockDifference(conda=conda(*conda_kinds), pip=pip(*pip_kinds))
    words = say_difference(difference)
    assert (words == "") == difference.is_empty
    parts = [part.split(" ", 1) for part in words.split(", ") if part]
    assert sum(int(count) for count, _ in parts) == len(conda_kinds) + len(pip_kinds)
    assert sum(int(n) for n, rest in parts if rest.startswith("pip")) == len(pip_kinds)
