"""Which changes a line has, and how they are written."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.conflict import SpecLine
from envbench.model.matchspec import parse_match_spec
from envbench.model.repair import MoveKind
from envbench.model.repair_moves import Supply, list_candidates
from envbench.model.section_moves import line_to_conda, line_to_pip, list_pip_candidates
from envbench.model.version import compare_versions
from envbench.model.version_match import satisfies_version

TENSORFLOW = "2.16.1 2.15.0 2.14.0 2.13.1 2.12.1 2.11.0 2.9.1 1.15.0"
NUMPY = "2.3.1 2.2.0 2.0.1 1.26.4 1.26.0 1.19.5 1.18.0"


def offer(text: str, versions: str = "", *, strict: bool = False, **supply):
    name = re.match(r"(?:\S*::)?([A-Za-z0-9_-]+)", text)[1].lower()
    listed = tuple(versions.split())
    supply = {"by_channel": (("conda-forge", listed),) if listed else ()} | supply
    line = SpecLine(text=text, name=name, line=7)
    return list_candidates(line, Supply(versions=listed, **supply), strict=strict)


def texts(candidates, kind=MoveKind.PIN):
    return [c.move.new for c in candidates if c.move.kind is kind]


@pytest.mark.parametrize(
    ("text", "versions", "first"),
    [
        ("tensorflow=2.13.0", TENSORFLOW, ["tensorflow=2.13.*", "tensorflow=2.14.*", "tensorflow=2.12.*"]),
        ("tensorflow ==2.13.1", TENSORFLOW, ["tensorflow =2.14.*", "tensorflow =2.12.*"]),
        ("tensorflow 2.13.1", TENSORFLOW, ["tensorflow 2.14.*", "tensorflow 2.12.*"]),
        ("tensorflow=2.13", TENSORFLOW, ["tensorflow=2.14", "tensorflow=2.12"]),
        ("TensorFlow=2.13.*", TENSORFLOW, ["TensorFlow=2.14.*", "TensorFlow=2.12.*"]),
        ("conda-forge::tensorflow=2.13.1", TENSORFLOW, ["conda-forge::tensorflow=2.14.*"]),
        ("tensorflow=2.13.1=cuda120py39_0", TENSORFLOW, ["tensorflow=2.14.*=*cuda*"]),
        ("tensorflow=2.13.1=h123_0", TENSORFLOW, ["tensorflow=2.14.*"]),
        ("tensorflow=2.13.*=*cuda*", TENSORFLOW, ["tensorflow=2.14.*=*cuda*"]),
        ("tensorflow 2.13.* *cuda*", TENSORFLOW, ["tensorflow 2.14.* *cuda*"]),
        ("numpy>=1.20,<2", NUMPY, ["numpy>=1.19,<2", "numpy>=1.18,<2", "numpy>=1.20,<2.1"]),
        ("numpy >=2.1", NUMPY, ["numpy >=2.0", "numpy >=1.26"]),
        ("numpy<1.18", NUMPY, ["numpy<1.19", "numpy<1.20", "numpy<1.27"]),
        ("numpy>=1.20,!=1.26.4,<1.26.2", NUMPY, ["numpy>=1.20,!=1.26.4,<1.27"]),
        ("python=3.9", "3.12.1 3.10.4 3.9.3 3.8.0", ["python=3.10", "python=3.8", "python=3.12"]),
        ("cudatoolkit=11", "12 11 10", ["cudatoolkit=12", "cudatoolkit=10"]),
        ("jpeg=9d", "9e 9d", ["jpeg=9e"]),
    ],
)  # fmt: skip
def test_pins_come_nearest_first_in_the_style_of_the_line(text, versions, first):
    assert texts(offer(text, versions))[: len(first)] == first


def test_a_line_without_a_version_has_no_other_versions():
    found = offer("numpy", NUMPY)
    assert [c.move.kind for c in found] == [MoveKind.REMOVE]


def test_builds_channels_and_constraints_can_go():
    found = offer(
        "pytorch::pytorch=2.1.0=py3.9_cuda12", "2.1.0", by_channel=(("pytorch", ("2.1.0",)),)
    )
    assert texts(found, MoveKind.DROP_BUILD) == [
        "pytorch::pytorch=2.1.0=*cuda*", "pytorch::pytorch=2.1.0",
    ]  # fmt: skip
    assert texts(found, MoveKind.DROP_CHANNEL) == ["pytorch=2.1.0=*cuda*"]
    released = offer("pytorch::pytorch=2.0.0", "2.1.0", by_channel=(("pytorch", ("2.1.0",)),))
    assert texts(released, MoveKind.RELEASE) == ["pytorch::pytorch"]


def test_a_channel_is_named_where_it_lets_more_in():
    both = (("defaults", ("1.0",)), ("conda-forge", ("1.0", "2.0")))
    assert texts(offer("numpy=2.0", "2.0 1.0", by_channel=both), MoveKind.SET_CHANNEL) == []
    strict = offer("numpy=2.0", "2.0 1.0", by_channel=both, strict=True)
    assert texts(strict, MoveKind.SET_CHANNEL) == ["conda-forge::numpy=2.0"]
    other = offer("defaults::numpy=2.0", "2.0 1.0", by_channel=both)
    assert texts(other, MoveKind.SET_CHANNEL) == ["conda-forge::numpy=2.0"]


def test_a_name_that_does_not_exist_becomes_one_that_does():
    found = offer("pytroch=1.13.1", close_names=("pytorch", "pytorch-cpu", "torch", "pychor"))
    assert texts(found, MoveKind.RENAME) == [
        "pytorch=1.13.1", "pytorch", "pytorch-cpu=1.13.1", "pytorch-cpu", "torch=1.13.1", "torch",
    ]  # fmt: skip


def test_an_archive_can_only_go():
    found = offer("https://x.org/numpy-1.0-0.conda", "1.0")
    assert [c.move.kind for c in found] == [MoveKind.REMOVE]


@pytest.mark.parametrize(
    ("text", "versions", "first"),
    [
        ("tensorflow==2.13.0", TENSORFLOW, ["tensorflow==2.13.*", "tensorflow==2.14.*"]),
        ("openai>=2", "1.50.0 1.2.0", ["openai>=1.50", "openai>=1.2"]),
        ("openai[aiohttp] >= 2 ; python_version>'3'", "1.50.0", ["openai[aiohttp]>=1.50; python_version>'3'"]),
        ("openai~=2.1", "2.3.0 1.9.0", ["openai==1.9.*"]),
    ],
)  # fmt: skip
def test_pip_items_are_written_as_requirements(text, versions, first):
    line = SpecLine(text=text, name="x", line=3, is_pip=True)
    found = list_pip_candidates(line, versions.split())
    assert [re.sub(r" ;", ";", c.move.new) for c in found][: len(first)] == first
    assert all(c.move.is_pip for c in found)
    assert found[-1].move.kind is MoveKind.REMOVE


def test_a_line_moves_between_the_sections():
    line = SpecLine(text="pytorch::pytorch=1.13.*", name="pytorch", line=3)
    assert line_to_pip(line).move.new == "torch==1.13.*"
    assert line_to_pip(SpecLine(text="python=3.9", name="python", line=3)) is None
    assert line_to_pip(SpecLine(text="x >=1|<0.5", name="x", line=3)) is None
    item = SpecLine(text="torch==1.13.*", name="torch", line=4, is_pip=True)
    assert line_to_conda(item).move.new == "pytorch 1.13.*"
    assert line_to_conda(SpecLine(text="x[y]==1", name="x", line=4, is_pip=True)) is None
    assert line_to_pip(line).lines == 2


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("tensorflow=2.13.0", "tensorflow==2.13.0"),
        ("tensorflow==2.13.0", "tensorflow==2.13.0"),
        ("tensorflow=2.13", "tensorflow==2.13.*"),
        ("tensorflow 2.13.*", "tensorflow==2.13.*"),
        ("tensorflow=2.13.0.*", "tensorflow==2.13.0.*"),
        ("tensorflow>=2.13,<3", "tensorflow>=2.13,<3"),
        ("tensorflow", "tensorflow"),
    ],
)
def test_a_release_stays_a_release_in_the_pip_section(text, item):
    """`==2.13.0.*` would let 2.13.0rc1 in."""
    assert line_to_pip(SpecLine(text=text, name="tensorflow", line=3)).move.new == item


def test_a_package_for_gpus_becomes_the_plain_one_where_the_box_has_no_driver():
    found = offer("pytorch-gpu=2.4", "2.4.1", plain_name="pytorch")
    assert texts(found, MoveKind.RENAME) == ["pytorch=2.4", "pytorch"]
    assert not texts(offer("pytorch-gpu=2.4", "2.4.1"), MoveKind.RENAME)


VERSIONS = st.lists(
    st.builds(
        lambda parts: ".".join(map(str, parts)),
        st.lists(st.integers(0, 12), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=9,
    unique=True,
)
STYLES = ("={}", "=={}", " {}", "={}.*", ">={}", "<{}", "<={}", ">{}", "~={}.0", "!={}", ">={},<99")


@given(VERSIONS, st.sampled_from(STYLES), st.data())
def test_every_pin_lets_in_its_series_and_keeps_the_name(versions, style, data):
    from envbench.engine.search import sort_versions

    ordered = sort_versions(versions)
    asked = data.draw(st.sampled_from([*ordered, "3.3", "14.0"]))
    text = f"one::numpy{style.format(asked)}"
    line = SpecLine(text=text, name="numpy", line=1)
    constraint = parse_match_spec(text).version
    supply = Supply(by_channel=(("one", tuple(ordered)),), versions=tuple(ordered))
    found = list_candidates(line, supply)
    assert len({c.move.new for c in found}) == len(found)
    reached = set()
    for candidate in found:
        if candidate.move.kind is not MoveKind.PIN:
            continue
        match = parse_match_spec(candidate.move.new)
        assert (match.name, match.channel) == ("numpy", "one")
        mine = [v for v in ordered if satisfies_version(v, f"{candidate.series}.*")]
        assert mine and all(satisfies_version(v, match.version) for v in mine)
        reached.update(mine)
    outside = {v for v in ordered if satisfies_version(v, constraint) is False}
    assert outside <= reached


@given(VERSIONS, st.sampled_from(STYLES), st.data())
def test_a_side_goes_away_from_the_line(versions, style, data):
    from envbench.engine.search import sort_versions

    ordered = sort_versions(versions)
    asked = data.draw(st.sampled_from(ordered))
    line = SpecLine(text=f"numpy{style.format(asked)}", name="numpy", line=1)
    found = list_candidates(line, Supply(versions=tuple(ordered)))
    for side in (1, -1):
        mine = sorted((c for c in found if c.series and c.side == side), key=lambda c: c.place)
        assert [c.place for c in mine] == list(range(len(mine)))
        for nearer, farther in pairwise(mine):
            assert compare_versions(nearer.series, farther.series) == side
