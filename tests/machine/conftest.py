"""A driver library made by the compiler: real calls, real hangs, real crashes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def stub_library(tmp_path_factory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        pytest.skip("no C compiler")
    directory = tmp_path_factory.mktemp("driver")
    source = Path(__file__).with_name("stub_nvml.c")
    library = directory / "libnvidia-ml.so.1"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wl,-soname,libnvidia-ml.so.1", "-o", library, source],
        check=True,
    )  # fmt: skip
    return directory


@pytest.fixture
def box(stub_library, tmp_path):
    """Return a function from lines that describe a box to an environment that has this driver."""

    def describe(*lines: str, **environ: str) -> dict[str, str]:
        description = tmp_path / "box.txt"
        description.write_text("".join(f"{line}\n" for line in lines))
        return {
            "PATH": os.environ["PATH"],
            "LD_LIBRARY_PATH": str(stub_library),
            "STUB_NVML": str(description),
            **environ,
        }

    return describe
