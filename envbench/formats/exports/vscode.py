"""VS Code: the workspace settings that make it use an environment.

Source: the settings reference of the Python extension; VS Code's variables reference.
"""

import json
from collections.abc import Sequence
from typing import Any

from envbench.formats.exports.contents import package_names
from envbench.formats.exports.quoting import MARK
from envbench.formats.exports.variables import find_variable_losses, sort_variables
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss
from envbench.model.locked_set import EVERY_ASPECT

KEPT = EVERY_ASPECT
"""Settings point at an environment; that is told by a loss of its own."""
PATH = ".vscode/settings.json"
_ACTIVE = "${env:CONDA_PREFIX}"


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the settings of a workspace."""
    lock = locks[0]
    system = {"osx": "osx", "win": "windows"}.get(lock.platform.partition("-")[0], "linux")
    python = "python.exe" if system == "windows" else "bin/python"
    prefix = options.prefix.rstrip("/") or _ACTIVE
    document: dict[str, Any] = {
        "python.defaultInterpreterPath": f"{prefix}/{python}",
        "python.terminal.activateEnvironment": True,
    }
    variables = {name: value for name, value in sort_variables(lock).said if "${" not in value}
    if variables:
        document[f"terminal.integrated.env.{system}"] = variables
    if "pytest" in package_names(lock):
        document["python.testing.pytestEnabled"] = True
    text = json.dumps(document, indent=2, ensure_ascii=False)
    where = (
        "// The path is one of this machine."
        if options.prefix
        else "// The environment is the one that is active where the editor is started (`code .`)."
    )
    return (ExportedFile(PATH, f"{where}\n// {MARK}\n{text}\n"),)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Say what settings cannot hold."""
    why = "Settings name an environment and hold no package: it has to be there already."
    place = "in a .env file that is not committed (python.envFile)"
    return (Loss("packages", (), why), *find_variable_losses(lock, place), *_find_replaced(lock))


def find_option_losses(_lock: Lock, options: ExportOptions) -> tuple[Loss, ...]:
    """Say that a path is one of this machine."""
    if not options.prefix:
        return ()
    why = (
        f"The interpreter is named by a path of this machine ({options.prefix}); on another one the"
        " editor does not find it and asks."
    )
    return (Loss("portability", (), why),)


def _find_replaced(lock: Lock) -> tuple[Loss, ...]:
    names = tuple(name for name, value in sort_variables(lock).said if "${" in value)
    if not names:
        return ()
    why = "VS Code would put its own text in place of ${...} in their values: they are left out."
    return (Loss("variables", names, why),)
