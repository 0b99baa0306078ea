"""Environments that other tools made: channel order, Python, and what had to be assumed."""

import json
import os
import subprocess
import sys

import pytest

from envbench.envs.channel_order import find_channel_order, read_requested_channels
from envbench.envs.generation_files import write_generation
from envbench.envs.installed import read_installed
from envbench.model.generation import Generation

SECRET = "tk-planted-5b1c9"
FORGE = "https://conda.anaconda.org/conda-forge"
PYTORCH = "https://conda.anaconda.org/pytorch"


@pytest.fixture
def two_channels(maker):
    maker.conda("zlib", channel_url=FORGE)
    maker.conda("torch", channel_url=PYTORCH)
    return maker


def test_without_any_word_channels_stand_by_name_and_that_is_said(two_channels):
    reading = read_installed(two_channels.prefix)
    assert reading.lock.channels == ("conda-forge", "pytorch")
    assert reading.assumed == (
        "nothing says in which order the channels were asked: by name, conda-forge, pytorch",
    )


def test_the_command_lines_of_conda_tell_the_order(two_channels):
    history = two_channels.prefix / "conda-meta" / "history"
    history.write_text(
        "==> 2024-01-01 10:00:00 <==\n"
        "# cmd: /opt/conda/bin/conda create -n x -c pytorch --channel=conda-forge zlib torch\n"
        "+conda-forge/linux-64::zlib-1.0-0\n"
        "==> 2024-01-02 10:00:00 <==\n"
        "# cmd: /opt/conda/bin/conda install -cbioconda 'samtools >=1'\n"
    )
    reading = read_installed(two_channels.prefix)
    assert reading.lock.channels == ("pytorch", "conda-forge")
    (said,) = reading.assumed
    assert "command lines in conda-meta/history: pytorch, conda-forge" in said
    order = read_requested_channels(history.read_text())
    assert order == ("pytorch", "conda-forge", "bioconda")


def test_a_channel_that_no_command_names_comes_last_and_is_named(two_channels):
    history = two_channels.prefix / "conda-meta" / "history"
    history.write_text("# cmd: micromamba create -p x -c pytorch torch\n")
    reading = read_installed(two_channels.prefix)
    assert reading.lock.channels == ("pytorch", "conda-forge")
    assert "nothing says where conda-forge stands" in reading.assumed[1]


def test_a_condarc_in_the_environment_tells_it_too(two_channels):
    (two_channels.prefix / ".condarc").write_text("channels:\n  - pytorch\n  - conda-forge\n")
    assert read_installed(two_channels.prefix).lock.channels == ("pytorch", "conda-forge")


@pytest.mark.parametrize("manifest", ["pixi.toml", "pyproject.toml"])
def test_the_manifest_of_a_pixi_workspace_tells_it(two_channels, tmp_path, manifest):
    table = "workspace" if manifest == "pixi.toml" else "tool.pixi.project"
    path = tmp_path / manifest
    path.write_text(
        f'[{table}]\nchannels = [{{channel = "pytorch", priority = 1}}, "conda-forge"]\n'
    )
    (two_channels.prefix / "conda-meta" / "pixi").write_text(
        json.dumps({"manifest_path": str(path), "environment_name": "default"})
    )
    reading = read_installed(two_channels.prefix)
    assert reading.lock.channels == ("pytorch", "conda-forge")
    assert "manifest of its pixi workspace" in reading.assumed[0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"manifest_path": 5}', '{"manifest_path": "/dev/zero"}', "[" * 100_000],
)
def test_a_damaged_pixi_file_says_nothing(two_channels, text):
    (two_channels.prefix / "conda-meta" / "pixi").write_text(text)
    assert find_channel_order(two_channels.prefix).names == ()


def test_no_secret_of_a_command_line_survives(maker):
    maker.conda("zlib", channel_url="https://repo.example/private")
    (maker.prefix / "conda-meta" / "history").write_text(
        f"# cmd: conda create -c https://me:{SECRET}@repo.example/t/{SECRET}/private zlib\n"
    )
    reading = read_installed(maker.prefix)
    assert reading.lock.channels == ("https://repo.example/private",)
    assert SECRET not in repr(reading.lock) + repr(reading.assumed)


def test_records_of_pixi_and_micromamba_with_their_ways(maker):
    """A channel by name, an address with a token, no md5."""
    maker.conda("one", channel="conda-forge", md5=None, channel_url=FORGE)
    maker.conda("two", channel_url=f"https://repo.example/t/{SECRET}/lab")
    maker.conda("three", channel=f"{FORGE}/", build_string="0")
    lock = read_installed(maker.prefix).lock
    by_name = {package.name: package for package in lock.packages}
    assert (by_name["one"].channel, by_name["one"].md5) == ("conda-forge", None)
    assert by_name["two"].url.startswith("https://repo.example/lab/linux-64/")
    assert by_name["three"].channel == "conda-forge"
    assert SECRET not in repr(lock)


def test_a_generation_knows_its_order_and_its_spec(two_channels):
    write_generation(
        two_channels.prefix,
        Generation(
            environment="env", number=1, created="2026-01-01T00:00:00+00:00", created_by="me@box",
            reason="build /home/me/project/gpu.yml", channels=("pytorch", "conda-forge"),
        ),
    )  # fmt: skip
    reading = read_installed(two_channels.prefix)
    assert (reading.lock.channels, reading.lock.source) == (("pytorch", "conda-forge"), "gpu.yml")
    assert reading.assumed == ()


def test_damage_is_told_with_the_lock(maker):
    maker.conda("good")
    (maker.prefix / "conda-meta" / "bad-1.0-0.json").write_text("{")
    maker.pip("stray", installer="conda")
    reading = read_installed(maker.prefix)
    assert [p.name for p in reading.lock.packages] == ["good"]
    assert len(reading.damaged) == 2
    assert "bad-1.0-0.json" in reading.damaged[0]
    assert "no conda record owns it" in reading.damaged[1]


@pytest.mark.parametrize("tool", ["venv", "uv"])
def test_a_virtual_environment_tells_its_python(tmp_path, tool):
    uv = pytest.importorskip("uv")
    prefix = tmp_path / "made"
    argv = {
        "venv": [sys.executable, "-m", "venv", "--without-pip", str(prefix)],
        "uv": [uv.find_uv_bin(), "venv", "-q", "--python", sys.executable, str(prefix)],
    }[tool]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "UV_NO_CONFIG": "1"}
    subprocess.run(argv, check=True, env=environ, timeout=120)
    reading = read_installed(prefix)
    assert reading.lock.python_version == ".".join(map(str, sys.version_info[:3]))
    assert reading.lock.packages == ()
    assert "is no conda package here" in reading.assumed[0]


def test_the_python_of_conda_is_no_foreign_one(maker):
    maker.conda("python", "3.12.1")
    (maker.prefix / "pyvenv.cfg").write_text("version = 3.9.9\n")
    assert read_installed(maker.prefix).lock.python_version == ""
