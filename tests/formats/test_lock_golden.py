"""The locks of one realistic environment, byte for byte.

`ENVBENCH_RENEW_GOLDEN=1` writes the files anew; read the difference before you keep it.
"""

import os
from pathlib import Path

import pytest

from envbench.formats.lock_formats import export_lock
from tests.formats.exports.gpu_environment import GPU

GOLDEN = Path(__file__).with_name("golden") / "locks"
NAMES = (
    "environment-yml", "environment-yml-builds", "environment-lock", "environment-lock-builds",
    "explicit", "explicit-sha256", "conda-lock", "conda-lock-no-pip", "pixi-v6", "pixi-v7",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_as_they_were_read_last(name):
    exported = export_lock(GPU, name)
    path = GOLDEN / name / exported.file_name
    if os.environ.get("ENVBENCH_RENEW_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(exported.text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == exported.text
