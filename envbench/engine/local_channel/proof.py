"""Running a packaged interpreter at a strange place before it is offered to anybody."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.engine.local_channel.package import PackageContent, PackageFile
from envbench.engine.local_channel.prefix import PLACEHOLDER, PlaceholderKind
from envbench.model.errors import UsageError

_TIMEOUT_S = 60
_QUESTION = """
import json, sys, sysconfig
print(json.dumps({
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "purelib": sysconfig.get_path("purelib"),
    "stdlib": sysconfig.get_path("stdlib"),
    "scripts": sysconfig.get_path("scripts"),
    "search path": sys.path[-1],
}))
"""


def prove_python(content: PackageContent, facts: InterpreterFacts, folder: Path) -> None:
    """Unpack a packaged interpreter and see that it takes its new place for its home.

    Args:
        content: The package `python`.
        facts: The interpreter that it was made of.
        folder: Where there is room for it; nothing stays there.

    Raises:
        UsageError: It does not run, or it looks for its files elsewhere.
    """
    with tempfile.TemporaryDirectory(prefix=".making-proof-", dir=folder) as name:
        prefix = Path(name).resolve()
        for file in content.files:
            _place(file, prefix)
        told = _ask(prefix, facts)
    expected = {
        "prefix": str(prefix),
        "base_prefix": str(prefix),
        "purelib": str(prefix / facts.site_packages),
        "stdlib": str(prefix / facts.lib_folder),
        "scripts": str(prefix / "bin"),
        "search path": str(prefix / facts.site_packages),
    }
    for key, value in expected.items():
        if told.get(key) != value:
            shown = str(told.get(key)).replace(str(prefix), "PREFIX")
            raise _failed(facts, f"at a new prefix its {key} is {shown}")


def _place(file: PackageFile, prefix: Path) -> None:
    target = prefix / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.link_target:
        target.symlink_to(file.link_target)
        return
    data = file.source if isinstance(file.source, bytes) else file.source.read_bytes()
    if file.placeholder is PlaceholderKind.TEXT:
        data = data.replace(PLACEHOLDER.encode(), str(prefix).encode())
    target.write_bytes(data)
    if file.is_executable:
        target.chmod(0o755)


def _ask(prefix: Path, facts: InterpreterFacts) -> dict[str, Any]:
    try:
        answer = subprocess.run(
            [str(prefix / "bin" / "python"), "-I", "-B", "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
            cwd=prefix,
        )
        told: dict[str, Any] = json.loads(answer.stdout)
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _failed(facts, lines[-1] if lines else f"exit code {error.returncode}") from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise _failed(facts, str(error)) from None
    return told


def _failed(facts: InterpreterFacts, why: str) -> UsageError:
    return UsageError(
        "this Python does not run from a package",
        where=str(facts.base_executable),
        why=why,
        hint="name another interpreter",
    )
