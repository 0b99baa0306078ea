"""Every recipe for one realistic environment, byte for byte.

`ENVBENCH_RENEW_GOLDEN=1` writes the files anew; read the difference before you keep it.
"""

import os
from pathlib import Path

import pytest

from envbench.formats.exports import (
    devcontainer,
    dockerfile,
    github_actions,
    gitlab_ci,
    kubernetes_job,
    vscode,
)
from envbench.model.export_options import ExportOptions
from tests.formats.exports.gpu_environment import GPU

GOLDEN = Path(__file__).with_name("golden")
CASES = {
    "dockerfile": (dockerfile, {}),
    "dockerfile-jupyter": (dockerfile, {"jupyter": True}),
    "dockerfile-pixi": (dockerfile, {"base": "pixi"}),
    "github-actions": (github_actions, {}),
    "github-actions-pixi": (github_actions, {"base": "pixi"}),
    "gitlab-ci": (gitlab_ci, {}),
    "gitlab-ci-pixi": (gitlab_ci, {"base": "pixi"}),
    "kubernetes": (kubernetes_job, {"gpus": 2, "image": "registry.example.com/lab/gpu-lab:3"}),
    "devcontainer": (devcontainer, {}),
    "vscode": (vscode, {}),
}
SHARED = {"explicit.txt", "requirements.txt", "pixi.lock", "pixi.toml"}
"""Locks, which are the same beside each recipe; they are kept once."""


@pytest.mark.parametrize("case", CASES)
def test_the_files_are_as_they_were_read_last(case):
    module, options = CASES[case]
    for file in module.write((GPU,), ExportOptions(**options)):
        name = Path(file.path).name
        path = GOLDEN / ("locks" if name in SHARED else case) / name
        if os.environ.get("ENVBENCH_RENEW_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == file.text
        assert file.text.endswith("\n")
        assert "\t" not in file.text
