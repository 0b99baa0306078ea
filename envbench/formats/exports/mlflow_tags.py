"""A module that binds MLflow's runs and model versions to the lock of their environment."""

import hashlib
import json

from envbench.model.lock import ExportedFile, Lock

_HEAD = '''\
# created-by: envbench
"""Binds MLflow runs and model versions to the exact environment they were made in.

    mlflow.sklearn.log_model(model, name="model", conda_env="conda.yaml")
    mlflow_tags.tag_run()
    mlflow_tags.tag_model_version("my-model", "3")

The tag `envbench.lock.sha256` is what `sha256sum {file}` prints. To find all versions of a model
that were made in it:

    mlflow.search_model_versions(filter_string=mlflow_tags.FILTER)
"""

import json
import sys
from pathlib import Path

import mlflow

LOCK = Path(__file__).with_name({quoted_file})
TAGS = {{
'''
_TAIL = '''}
FILTER = f"tags.`envbench.lock.sha256` = '{TAGS['envbench.lock.sha256']}'"


def tag_run():
    """Tag the active run, and keep the lock among its artifacts."""
    mlflow.set_tags(TAGS | find_generation())
    mlflow.log_artifact(str(LOCK), artifact_path="environment")


def tag_model_version(name, version):
    """Tag a version of a registered model."""
    client = mlflow.MlflowClient()
    for key, value in (TAGS | find_generation()).items():
        client.set_model_version_tag(name, version, key, value)


def find_generation():
    """Say which build of the environment this Python belongs to, if envbench made it."""
    note = Path(sys.prefix) / ".envbench-generation.json"
    try:
        number = json.loads(note.read_text())["number"]
    except (OSError, ValueError, KeyError):
        return {}
    return {"envbench.generation": str(number)}
'''


def write_tags(lock: Lock, python: str, kept: ExportedFile) -> str:
    """Write the module.

    Args:
        lock: Its name and platform become tags.
        python: Version of its Python.
        kept: The lock file that lies beside.
    """
    tags = {
        "envbench.environment": lock.name,
        "envbench.platform": lock.platform,
        "envbench.python": python,
        "envbench.lock.file": kept.path,
        "envbench.lock.sha256": hashlib.sha256(kept.text.encode()).hexdigest(),
    }
    lines = [
        f"    {json.dumps(key)}: {json.dumps(value)},\n" for key, value in tags.items() if value
    ]
    return _HEAD.format(file=kept.path, quoted_file=json.dumps(kept.path)) + "".join(lines) + _TAIL
