"""The one wheel of the demo's pip section, made on the spot: a module and a console script."""

import base64
import hashlib
import zipfile
from pathlib import Path

NAME, VERSION = "hello-envbench", "1.0"
SCRIPT = "hello-envbench"

_INFO = "hello_envbench-1.0.dist-info"
_FILES = {
    "hello_envbench.py": ("import sys\n\n\ndef main():\n    print('hello from', sys.prefix)\n"),
    f"{_INFO}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n",
    f"{_INFO}/WHEEL": (
        "Wheel-Version: 1.0\nGenerator: envbench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ),
    f"{_INFO}/entry_points.txt": f"[console_scripts]\n{SCRIPT} = hello_envbench:main\n",
}


def make_demo_wheel(directory: Path) -> Path:
    """Write the wheel into a directory and give its path.

    Source: the wheel format (PEP 427) and its RECORD (PEP 376).
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "hello_envbench-1.0-py3-none-any.whl"
    lines = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, text in _FILES.items():
            data = text.encode()
            # A fixed date: the same wheel, and so the same hash, every time.
            wheel.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={digest},{len(data)}\n")
        record = "".join((*lines, f"{_INFO}/RECORD,,\n"))
        wheel.writestr(zipfile.ZipInfo(f"{_INFO}/RECORD", (2020, 1, 1, 0, 0, 0)), record)
    return path
