"""Development containers and VS Code: JSON that its readers take, paths that exist where it says."""

import json
import re
from dataclasses import replace

import pytest

from envbench.formats.exports import devcontainer, vscode
from envbench.model.export_options import ExportOptions
from tests.formats.exports.gpu_environment import CPU, FROM_REPOSITORY, GPU
from tests.formats.exports.judges import lint_dockerfile, read_devcontainer

BASES = ("micromamba", "pixi")


def read(text):
    """Read JSON with comments in lines of their own."""
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("lock", [GPU, CPU, FROM_REPOSITORY], ids=["gpu", "cpu", "repository"])
def test_the_reference_implementation_reads_the_same(tmp_path, lock, base):
    files = devcontainer.write((lock,), ExportOptions(base=base))
    for file in files:
        path = tmp_path / file.path
        path.parent.mkdir(exist_ok=True)
        path.write_text(file.text)
    configuration = read_devcontainer(tmp_path)
    configuration.pop("configFilePath")
    assert configuration == read(files[0].text)


@pytest.mark.parametrize("base", BASES)
def test_the_container_is_that_of_the_dockerfile(base):
    options = ExportOptions(base=base, jupyter=True)
    files = {file.path: file.text for file in devcontainer.write((GPU,), options)}
    found = read(files[".devcontainer/devcontainer.json"])
    image = files[f".devcontainer/{found['build']['dockerfile']}"]
    assert lint_dockerfile(image) == []
    # The editor starts what it needs.
    assert "JUPYTER_TOKEN" not in image
    assert found["remoteUser"] in {"mambauser", "ubuntu"}
    prefix = found["remoteEnv"]["PATH"].removesuffix("/bin:${containerEnv:PATH}")
    settings = found["customizations"]["vscode"]["settings"]
    assert settings == {"python.defaultInterpreterPath": f"{prefix}/bin/python"}


def test_gpus_are_asked_for_in_the_one_way_that_starts_without_them():
    text = devcontainer.write((GPU,), ExportOptions())[0].text
    found = read(text)
    assert found["hostRequirements"] == {"gpu": "optional"}
    assert not any("gpus" in argument for argument in found["runArgs"])
    plain = read(devcontainer.write((CPU,), ExportOptions())[0].text)
    assert not {"hostRequirements", "runArgs"} & set(plain)
    assert "ms-toolsai.jupyter" in found["customizations"]["vscode"]["extensions"]
    assert plain["customizations"]["vscode"]["extensions"] == ["ms-python.python"]


def test_settings_without_a_path_hold_on_every_machine():
    (file,) = vscode.write((GPU,), ExportOptions())
    assert read(file.text) == {
        "python.defaultInterpreterPath": "${env:CONDA_PREFIX}/bin/python",
        "python.terminal.activateEnvironment": True,
        "terminal.integrated.env.linux": dict(GPU.variables),
        "python.testing.pytestEnabled": True,
    }
    assert vscode.find_option_losses(GPU, ExportOptions()) == ()


def test_a_path_of_this_machine_is_told():
    options = ExportOptions(prefix="/home/me/envs/gpu-lab/")
    (file,) = vscode.write((GPU,), options)
    path = read(file.text)["python.defaultInterpreterPath"]
    assert path == "/home/me/envs/gpu-lab/bin/python"
    (loss,) = vscode.find_option_losses(GPU, options)
    assert loss.what == "portability"
    assert "/home/me/envs/gpu-lab" in loss.why


def test_other_systems_have_other_keys():
    windows = read(vscode.write((replace(GPU, platform="win-64"),), ExportOptions())[0].text)
    assert windows["python.defaultInterpreterPath"].endswith("/python.exe")
    assert "terminal.integrated.env.windows" in windows
    mac = read(vscode.write((replace(GPU, platform="osx-arm64"),), ExportOptions())[0].text)
    assert "terminal.integrated.env.osx" in mac


def test_what_settings_cannot_say_is_told():
    variables = (("A", "${workspaceFolder}"), ("B_TOKEN", "planted"), ("C", '"q" $x'))
    lock = replace(GPU, variables=variables)
    text = vscode.write((lock,), ExportOptions())[0].text
    assert read(text)["terminal.integrated.env.linux"] == {"C": '"q" $x'}
    told = {loss.what: loss.packages for loss in vscode.find_losses(lock)}
    assert told == {
        "packages": (), "variables that look secret": ("B_TOKEN",), "variables": ("A",)
    }  # fmt: skip
