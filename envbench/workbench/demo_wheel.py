"""Tiny wheels of the demo, made on the spot: a module each, and for one a console script."""

import base64
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

NAME, VERSION = "hello-envbench", "1.0"
SCRIPT = "hello-envbench"

_HELLO = "import sys\n\n\ndef main():\n    print('hello from', sys.prefix)\n"


def make_demo_wheel(directory: Path) -> Path:
    """Write the wheel of the greeting into a directory and give its path."""
    return make_tiny_wheel(
        directory,
        NAME,
        VERSION,
        module=_HELLO,
        scripts={SCRIPT: "hello_envbench:main"},
    )


def make_tiny_wheel(
    directory: Path,
    name: str,
    version: str,
    *,
    module: str = "",
    requires: Sequence[str] = (),
    scripts: Mapping[str, str] | None = None,
) -> Path:
    """Write a wheel with one module into a directory and give its path.

    Args:
        directory: Made when missing.
        name: Of the distribution; its module is called the same, with `_` for `-`.
        version: Of the distribution.
        module: The code of the module; its version alone when empty.
        requires: What it depends on, as `Requires-Dist` says it.
        scripts: Command to `module:function`.

    Source: the wheel format (PEP 427) and its RECORD (PEP 376).
    """
    directory.mkdir(parents=True, exist_ok=True)
    module_name = name.replace("-", "_")
    info = f"{module_name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    metadata += [f"Requires-Dist: {each}\n" for each in requires]
    files = {
        f"{module_name}.py": module or f'__version__ = "{version}"\n',
        f"{info}/METADATA": "".join(metadata),
        f"{info}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: envbench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    if scripts:
        lines = [f"{command} = {target}\n" for command, target in scripts.items()]
        files[f"{info}/entry_points.txt"] = "".join(("[console_scripts]\n", *lines))
    path = directory / f"{module_name}-{version}-py3-none-any.whl"
    _write_wheel(path, info, files)
    return path


def _write_wheel(path: Path, info: str, files: Mapping[str, str]) -> None:
    lines = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, text in files.items():
            data = text.encode()
            # A fixed date: the same wheel, and so the same hash, every time.
            wheel.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={digest},{len(data)}\n")
        record = "".join((*lines, f"{info}/RECORD,,\n"))
        wheel.writestr(zipfile.ZipInfo(f"{info}/RECORD", (2020, 1, 1, 0, 0, 0)), record)
