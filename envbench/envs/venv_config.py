"""`pyvenv.cfg`: what a virtual environment says of itself.

Source: PEP 405; the keys are those of `venv`, virtualenv and uv.
"""

from pathlib import Path

from envbench.files import read_bytes
from envbench.model.errors import UsageError

_LIMIT_BYTES = 64 * 1024


def read_venv_config(prefix: Path) -> dict[str, str]:
    """Read the keys, in lower case; empty when there is no such file, or it cannot be read."""
    try:
        data = read_bytes(prefix / "pyvenv.cfg", limit_bytes=_LIMIT_BYTES)
    except UsageError:
        return {}
    lines = (line.partition("=") for line in data.decode("utf-8", "replace").splitlines())
    return {key.strip().lower(): value.strip() for key, mark, value in lines if mark}
