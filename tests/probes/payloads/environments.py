"""Real environments with real frameworks, built once into a folder that outlives the tests.

`ENVBENCH_PROBE_ENVS` names the folder; without it they lie in the folder for temporary files.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("ENVBENCH_PROBE_ENVS") or Path(tempfile.gettempdir()) / "probe-envs")
_BUILD_LIMIT_S = 1800


@dataclass(frozen=True)
class Recipe:
    """What is installed together, and the probes that it is there for."""

    name: str
    requirements: tuple[str, ...]
    probes: tuple[str, ...]
    free_gb: int
    """Space that must be free before it is built."""
    python: str = ""
    """Version of its Python; empty for the one that runs the tests."""


RECIPES = (
    Recipe(
        "cpu",
        (
            # The newest with a wheel that needs no GPU libraries, where such a wheel is at hand.
            "torch==2.13.0",
            "numpy",
            "scipy",
            "pandas",
            "scikit-learn",
            "numba",
            "xgboost-cpu",
            "lightgbm",
            "ipykernel",
            "jupyterlab",
            "opencv-python-headless",
            "langchain-core",
            "openai",
            "onnxruntime",
            "jax",
            "transformers",
        ),
        (
            "python",
            "pip",
            "numpy",
            "scipy",
            "pandas",
            "opencv",
            "ipykernel",
            "jupyterlab",
            "openai",
            "langchain",
            "onnxruntime",
            "numba",
            "sklearn",
            "xgboost",
            "lightgbm",
            "jax",
            "torch",
            "transformers",
        ),
        5,
    ),
    Recipe(
        "old",
        (
            "numpy==1.21.*",
            "scipy==1.7.*",
            "pandas==1.3.*",
            "scikit-learn==1.0.*",
            "onnxruntime==1.12.*",
            "xgboost==1.5.*",
            "lightgbm==3.3.*",
            "opencv-python-headless==4.5.*",
            "numba==0.55.*",
            "ipykernel==6.0.*",
            "openai==0.27.*",
            "langchain-core<0.2",
            "jax<=0.4.13",
            "jaxlib",
            "jupyterlab==3.2.*",
            # Its pkg_resources is what some of these still ask for.
            "setuptools<70",
        ),
        (
            "python",
            "numpy",
            "scipy",
            "pandas",
            "opencv",
            "ipykernel",
            "jupyterlab",
            "openai",
            "langchain",
            "onnxruntime",
            "numba",
            "sklearn",
            "xgboost",
            "lightgbm",
            "jax",
        ),
        4,
        python="3.8",
    ),
    Recipe("tensorflow", ("tensorflow-cpu",), ("pip", "numpy", "tensorflow"), 4),
    Recipe(
        "gpu_builds",
        (
            "onnxruntime-gpu",
            "xgboost",
            "jax",
            "jax-cuda12-plugin",
            "jax-cuda12-pjrt",
            "tensorflow",
            "numba-cuda",
        ),
        ("onnxruntime", "xgboost", "jax", "tensorflow", "numba"),
        8,
    ),
    Recipe(
        "cuda",
        (
            "torch==2.14.1",
            "torchvision==0.29.1",
            "numpy",
            "transformers",
            "numba",
            "cupy-cuda13x",
            "bitsandbytes",
        ),
        ("torch", "torchvision", "triton", "cupy", "transformers", "bitsandbytes"),
        15,
    ),
)


def make_environment(recipe: Recipe) -> Path:
    """Give the environment of a recipe, building it when it is not there or is another one's."""
    prefix, wanted = FOLDER / recipe.name, "\n".join(recipe.requirements) + "\n"
    complete = prefix / "requirements-of-the-tests.txt"
    if complete.is_file() and complete.read_text() == wanted:
        return prefix
    python = _find_python(recipe.python)
    if not python:
        pytest.skip(f"there is no Python {recipe.python} on this box")
    FOLDER.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(FOLDER).free / 1e9
    if free < recipe.free_gb:
        pytest.skip(f"{recipe.name} needs {recipe.free_gb} GB, {free:.0f} GB are free")
    shutil.rmtree(prefix, ignore_errors=True)
    subprocess.run([python, "-m", "venv", prefix], check=True, timeout=_BUILD_LIMIT_S)
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode"]
    # A folder of wheels that this box gives to pip is as good for uv.
    command += [f"--find-links={folder}" for folder in os.environ.get("PIP_FIND_LINKS", "").split()]
    built = subprocess.run(
        [*command, "--python", prefix / "bin/python", *recipe.requirements],
        capture_output=True,
        text=True,
        timeout=_BUILD_LIMIT_S,
        check=False,
    )
    if built.returncode:
        pytest.fail(f"{recipe.name} cannot be built: {built.stderr[-2000:]}")
    complete.write_text(wanted)
    return prefix


def _find_python(version: str) -> str:
    """Find an interpreter that really is of a version; empty when there is none."""
    if not version:
        return sys.executable
    for path in (
        shutil.which(f"python{version}"),
        *Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"),
    ):
        if path and _ask_version(path) == version:
            return str(path)
    return ""


def _ask_version(python: str | Path) -> str:
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    return asked.stdout.strip()
