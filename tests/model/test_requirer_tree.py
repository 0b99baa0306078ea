"""The tree of who requires a package."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from envbench.model.conflict import SpecLine
from envbench.model.requirer_tree import (
    MOST_AT_TOP,
    MOST_TOLD,
    Key,
    Member,
    Wish,
    grow_tree,
)
from envbench.model.why import Requirer


def member(name: str, *needs: str, pip: bool = False) -> Member:
    """A package in version 1; needs are `name` or `pip:name`."""
    wishes = []
    for text in needs:
        plain = text.removeprefix("pip:")
        wishes.append(Wish(Key(plain, is_pip=plain != text), f"{plain} >=1"))
    return Member(Key(name, is_pip=pip), "1", tuple(wishes))


def line(name: str, number: int, *, pip: bool = False) -> tuple[Key, SpecLine]:
    return Key(name, pip), SpecLine(text=name, name=name, line=number, is_pip=pip)


def walk(requirers: tuple[Requirer, ...]) -> Iterator[Requirer]:
    for requirer in requirers:
        yield requirer
        yield from walk(requirer.requirers)


def test_the_way_from_a_package_up_to_a_line():
    members = [member("numpy", "libblas"), member("libblas"), member("pandas", "numpy")]
    (numpy,) = grow_tree(Key("libblas"), members, dict([line("pandas", 7)])).requirers
    assert (numpy.package, numpy.needs, numpy.line) == ("numpy 1", "libblas >=1", None)
    (pandas,) = numpy.requirers
    assert pandas.line is not None and pandas.line.line == 7 and not pandas.requirers


def test_a_way_leads_through_pip_to_conda():
    members = [
        member("tool", "pip:client", pip=True),
        member("client", "numpy", pip=True),
        member("numpy"),
    ]
    (client,) = grow_tree(Key("numpy"), members, dict([line("tool", 9, pip=True)])).requirers
    assert client.is_pip and client.package == "client 1"
    assert [each.package for each in client.requirers] == ["tool 1"]


def test_the_nearest_to_a_line_comes_first():
    members = [member("zlib"), member("aaa", "zlib"), member("mmm", "zlib"), member("top", "aaa")]
    lines = dict([line("mmm", 3), line("top", 4)])
    found = grow_tree(Key("zlib"), members, lines).requirers
    assert [each.package for each in found] == ["mmm 1", "aaa 1"]


def test_what_was_told_above_is_folded():
    members = [
        member("zlib"), member("one", "zlib"), member("two", "zlib"),
        member("mid", "one", "two"), member("top", "mid"),
    ]  # fmt: skip
    found = grow_tree(Key("zlib"), members, dict([line("top", 5)])).requirers
    first, second = (each.requirers[0] for each in found)
    assert first.requirers and not first.is_told_above
    assert second.is_told_above and not second.requirers


def test_a_circle_ends():
    members = [member("python", "pip"), member("pip", "python")]
    (pip,) = grow_tree(Key("python"), members, {}).requirers
    assert pip.package == "pip 1" and pip.requirers[0].is_told_above


def test_two_dependencies_on_one_package_are_one_step():
    wishes = (Wish(Key("numpy"), "numpy >=1.19"), Wish(Key("numpy"), "numpy <3"))
    members = [member("numpy"), Member(Key("pandas"), "2", wishes)]
    (pandas,) = grow_tree(Key("numpy"), members, {}).requirers
    assert pandas.needs == "numpy >=1.19 and numpy <3"


def test_many_requirers_are_counted():
    members = [member("python"), *(member(f"p{number:03}", "python") for number in range(200))]
    tree = grow_tree(Key("python"), members, {})
    assert len(tree.requirers) == MOST_AT_TOP and tree.more == 200 - MOST_AT_TOP


names = st.sampled_from("abcdefgh")
graphs = st.dictionaries(names, st.lists(names, max_size=4), min_size=1)


@given(graphs, st.sets(names, max_size=3), names, st.randoms())
def test_laws(graph, asked, subject, random):
    members = [member(name, *needs) for name, needs in graph.items()]
    lines = dict(line(name, number) for number, name in enumerate(sorted(asked)))
    tree = grow_tree(Key(subject), members, lines)
    told = list(walk(tree.requirers))
    assert len(told) <= MOST_TOLD
    # Exactly those that depend on it stand at the top.
    assert {each.package[0] for each in tree.requirers} == {
        name for name, needs in graph.items() if subject in needs and name != subject
    }
    for each in told:
        assert not (each.requirers and (each.line or each.is_told_above))
        assert (each.line is not None) == (each.package[0] in asked)
    # Nobody's requirers are told twice.
    followed = [each.package for each in told if each.requirers]
    assert len(followed) == len(set(followed))
    random.shuffle(members)
    assert grow_tree(Key(subject), members, lines) == tree
