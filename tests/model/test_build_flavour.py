"""CPU and GPU builds, by their records."""

import pytest

from envbench.model.build_flavour import Flavour, read_flavour
from envbench.model.plan import PackageRecord


def record(build: str, *depends: str) -> PackageRecord:
    return PackageRecord(
        name="p",
        version="1",
        build=build,
        build_number=0,
        subdir="linux-64",
        file_name="p-1-0.conda",
        url="",
        channel="c",
        depends=depends,
    )


@pytest.mark.parametrize(
    ("build", "flavour"),
    [
        ("cpu_py311h410fd25_0", Flavour.CPU),
        ("py3.11_cpu_0", Flavour.CPU),
        ("cpu_generic_py312_hd7d2b3b_0", Flavour.CPU),
        ("cuda120py311h25b6552_300", Flavour.GPU),
        ("py3.11_cuda12.1_cudnn8.9.2_0", Flavour.GPU),
        ("gpu_py39h1a4d4d5_0", Flavour.GPU),
        ("py39_cu117", Flavour.GPU),
        ("py311h64a7726_0", None),
        ("cpuinfo_0", None),
        ("h7d7db38_0", None),
    ],
)
def test_the_build_string_says_it(build: str, flavour: Flavour | None):
    assert read_flavour(record(build)) is flavour


@pytest.mark.parametrize(
    ("depends", "flavour"),
    [
        (("python", "__cuda"), Flavour.GPU),
        (("cuda-version >=12,<13",), Flavour.GPU),
        (("cpuonly",), Flavour.CPU),
        (("python",), None),
    ],
)
def test_otherwise_what_it_needs_says_it(depends: tuple[str, ...], flavour: Flavour | None):
    assert read_flavour(record("py311_0", *depends)) is flavour
