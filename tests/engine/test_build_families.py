"""Builds brought into families."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.build_families import list_build_families, name_family


@pytest.mark.parametrize(
    ("build", "family"),
    [
        ("cuda126_generic_py311_h8f0ee94_200", "cuda126_generic"),
        ("cpu_mkl_py312_hd3d05ca_101", "cpu_mkl"),
        ("py3.10_cuda11.8_cudnn8.7.0_0", "cuda11.8_cudnn8.7.0"),
        ("py310_cu116", "cu116"),
        ("py312heda63a1_0", "py312"),
        ("h1234567_3", "h1234567_3"),
        ("mkl", "mkl"),
        ("0", "0"),
    ],
)
def test_families(build, family):
    assert name_family(build) == family


def test_the_nearest_to_the_pattern_comes_first():
    builds = ["cpu_mkl_py311_h1234567_0", "cpu_mkl_py312_h1234568_0", "cuda126_py311_h1234567_0"]
    assert list_build_families(builds, "cuda118*") == ("cuda126_py311_h1234567_0", "cpu_mkl*")


@given(
    st.lists(st.from_regex(r"[a-z0-9_.]{1,20}", fullmatch=True), max_size=8), st.text(max_size=8)
)
def test_every_build_is_of_a_family_that_is_listed(builds, wanted):
    listed = list_build_families(builds, wanted)
    assert len(listed) == len({name_family(build) for build in builds})
    assert list_build_families(list(reversed(builds)), wanted) == listed
    assert all(name_family(build) for build in builds)
