"""Alternatives of ranges in fewer words, none of them lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.version_match import satisfies_version
from envbench.model.version_ranges import (
    join_ranges,
    shorten_demand,
    shorten_sentence,
    split_demand,
)


@pytest.mark.parametrize(
    ("ranges", "joined"),
    [
        ((">=3.11,<3.12.0a0", ">=3.9,<3.10.0a0", ">=3.10,<3.11.0a0"), (">=3.9,<3.12.0a0",)),
        ((">=3.8,<3.9.0a0", ">=3.10,<3.11.0a0"), (">=3.8,<3.9.0a0", ">=3.10,<3.11.0a0")),
        ((">=3.11", ">=3.10", ">=2,<3"), (">=2,<3", ">=3.10")),
        ((">=12.9,<13", ">=12.6,<13"), (">=12.6,<13",)),
        ((">=1,<5", ">=2,<3"), (">=1,<5",)),
        (("1.*", ">=2,<3", "==1 py_0"), (">=2,<3", "1.*", "==1 py_0")),
        ((), ()),
    ],
)
def test_ranges_that_touch_are_one(ranges, joined):
    assert join_ranges(ranges) == joined


VERSIONS = st.sampled_from(("1", "1.5", "2", "2.1", "2.10", "3", "3.1"))
RANGES = st.tuples(VERSIONS, VERSIONS | st.just("")).map(
    lambda ends: f">={ends[0]}" + (f",<{ends[1]}" if ends[1] else "")
)


@given(st.lists(RANGES, max_size=6), VERSIONS)
def test_the_same_versions_fit_before_and_after(ranges, version):
    # Ranges that hold nothing are not what anybody asks for.
    ranges = [text for text in ranges if any(satisfies_version(v, text) for v in ALL)]
    before = any(satisfies_version(version, text) for text in ranges)
    after = any(satisfies_version(version, text) for text in join_ranges(ranges))
    assert before == after
    assert join_ranges(join_ranges(ranges)) == join_ranges(ranges)


ALL = ("1", "1.5", "2", "2.1", "2.10", "3", "3.1")


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("python >=3.10,<3.11.0a0 or python >=3.11,<3.12.0a0", "python >=3.10,<3.12"),
        ("numpy >=1.23.5,<2.0a0", "numpy >=1.23.5,<2"),
        ("libtorch 2.6.0 cpu_1 or libtorch 2.6.0 cpu_2", "libtorch 2.6.0 cpu_1 or cpu_2"),
        ("numpy=2", "numpy 2.*"),
        ("numpy=2.0.1", "numpy 2.0.1"),
        ("python=3.12", "python 3.12"),
        ("python >=3.9,<3.10.0a0", "python 3.9"),
        ("cuda >=12.1,<12.2 or cuda >=12.4,<12.5", "cuda 12.1.* or 12.4.*"),
        ("absl >=20240722.0,<20240723.0a0", "absl 20240722.*"),
        ("mkl >=2024.2.2,<2025.0a0", "mkl >=2024.2.2,<2025"),
        ("__glibc >=2.28,<3.0.a0", "__glibc >=2.28,<3"),
        ("python 3.9 or 3.10 or 3.11", "python 3.9 to 3.11"),
        ("python 3.9 or 3.11 or 3.12", "python 3.9, 3.11 or 3.12"),
        ("python 3.11 ... 3.14", "python 3.11 to 3.14"),
        ("python_abi 3.10.* *_cp310 or python_abi 3.13.* *_cp313", "python_abi 3.10 or 3.13"),
        ("python or python >=3.9", "python or python >=3.9"),
        ("a >=1 or b >=2", "a >=1 or b >=2"),
        ("openai>=2", "openai>=2"),
        ("", ""),
    ],
)
def test_demands_in_fewer_words(text, shorter):
    assert shorten_demand(text) == shorter


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("numpy >=1.2", ("numpy", ">=1.2")),
        ("numpy=1.2=py_0", ("numpy", "=1.2=py_0")),
        ("typing_extensions", ("typing_extensions", "")),
        ("conda-forge::numpy=1.2", ("conda-forge::numpy", "=1.2")),
        ("__cuda", ("__cuda", "")),
        ("openai[x]>=2", ("openai", "[x]>=2")),
    ],
)
def test_demands_are_split(text, parts):
    assert split_demand(text) == parts


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text):
    assert isinstance(shorten_demand(text), str)
    assert isinstance(shorten_sentence(text), str)
    assert len(split_demand(text)) == 2


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("app 1 needs lib 3.9.1.* or lib 3.9.2.*. No.", "app 1 needs lib 3.9.1.* or 3.9.2.*. No."),
        ("app needs lib >=3.12.1,<3.13.0a0.", "app needs lib >=3.12.1,<3.13."),
        ("It allows only cpuonly <0, which", "It allows no cpuonly, which"),
        ("conda-forge has 1.2, 1.4 (nearest first).", "conda-forge has 1.2, 1.4 (nearest first)."),
        ("blas 2.121, 2.116 ... exists.", "blas 2.121, 2.116 ... exists."),
    ],
)
def test_sentences_in_fewer_words(text, shorter):
    assert shorten_sentence(text) == shorter
