"""The manifest beside a pixi.lock: it reaches all that is locked, and no more."""

import tomllib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from envbench.formats.exports.pixi_files import write_manifest
from envbench.model.package_needs import name_of
from tests.formats.exports.gpu_environment import FROM_REPOSITORY, GPU, conda

names = st.sampled_from("abcdefgh")


@given(st.dictionaries(names, st.lists(names, max_size=3), max_size=8))
def test_every_package_is_reached_from_the_manifest(needs):
    packages = tuple(conda(name, "1.0", "h_0", *depends) for name, depends in needs.items())
    manifest = tomllib.loads(write_manifest((replace(GPU, packages=packages, pip=()),)))
    waiting, reached = list(manifest.get("dependencies", {})), set()
    assert set(waiting) <= set(needs)
    while waiting:
        name = waiting.pop()
        if name in needs and name not in reached:
            reached.add(name)
            waiting += map(name_of, needs[name])
    assert reached == set(needs)


def test_a_manifest_names_roots_at_their_versions_and_repositories_by_commit():
    manifest = tomllib.loads(write_manifest((FROM_REPOSITORY,)))
    assert manifest["workspace"] == {
        "name": "gpu-lab", "channels": ["conda-forge"], "platforms": ["linux-64"]
    }  # fmt: skip
    assert manifest["system-requirements"] == {"cuda": "12.6"}
    assert manifest["dependencies"]["pytorch"] == "==2.9.1"
    assert "python" in manifest["dependencies"]
    assert "cudnn" not in manifest["dependencies"]
    assert manifest["pypi-dependencies"] == {
        "einops": "==0.8.1",
        "lab-tools": {"git": "https://github.com/example/lab-tools", "rev": "0a" * 20},
        "timm": "==1.0.22",
    }


def test_channels_that_another_box_may_know_otherwise_are_named_by_address():
    mirror = "https://mirror.example/conda-forge"
    packages = tuple(replace(p, channel_url=mirror) for p in GPU.packages)
    manifest = tomllib.loads(
        write_manifest(
            (
                replace(
                    GPU,
                    packages=packages,
                    indexes=("https://i.example/simple", "https://j.example/simple"),
                ),
            )
        )
    )
    assert manifest["workspace"]["channels"] == [mirror]
    assert manifest["pypi-options"] == {
        "index-url": "https://i.example/simple", "extra-index-urls": ["https://j.example/simple"]
    }  # fmt: skip
