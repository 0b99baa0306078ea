"""The variables of an interpreter's build, as its package states them.

`sysconfig` corrects `prefix` and its relatives at run time; these are the folders that it and
build tools take from the file as they stand.
"""

import pprint
from collections.abc import Mapping
from typing import Any

from envbench.engine.local_channel.prefix import PLACEHOLDER, is_distinctive, substitute_prefix


def relocate_variables(
    variables: Mapping[str, Any], base_prefix: str, short_version: str, *, has_wheels: bool
) -> dict[str, Any]:
    """Point the variables of a build at the placeholder prefix, in upstream's layout.

    Args:
        variables: `build_time_vars` of the installed interpreter.
        base_prefix: The prefix it is installed to.
        short_version: `3.11`.
        has_wheels: Whether the package carries the wheels of a distribution's wheel folder.
    """
    found = dict(variables)
    if is_distinctive(base_prefix):
        found = {key: _substitute(value, base_prefix) for key, value in found.items()}
    for key, value in _standard_folders(short_version, found.get("MULTIARCH", "")).items():
        if key in found:
            found[key] = value
    if found.get("WHEEL_PKG_DIR"):
        folder = f"{PLACEHOLDER}/lib/python{short_version}/ensurepip/_bundled"
        found["WHEEL_PKG_DIR"] = folder if has_wheels else ""
    found.pop("multiarchsubdir", None)
    return found


def write_module(variables: Mapping[str, Any]) -> str:
    """Write the module that `sysconfig` imports the variables from."""
    text = pprint.pformat(dict(variables), sort_dicts=True)
    return f"# The variables of this interpreter's build.\nbuild_time_vars = {text}\n"


def _substitute(value: Any, base_prefix: str) -> Any:
    if not isinstance(value, str):
        return value
    # The space lets an option at the very start, `-L/...`, be seen as one.
    return substitute_prefix(f" {value}".encode(), base_prefix).decode()[1:]


def _standard_folders(short_version: str, multiarch: str) -> dict[str, str]:
    lib, include = f"{PLACEHOLDER}/lib", f"{PLACEHOLDER}/include"
    stdlib, headers = f"{lib}/python{short_version}", f"{include}/python{short_version}"
    config = f"config-{short_version}" + (f"-{multiarch}" if multiarch else "")
    return {
        "prefix": PLACEHOLDER,
        "exec_prefix": PLACEHOLDER,
        "BINDIR": f"{PLACEHOLDER}/bin",
        "BINLIBDEST": stdlib,
        "CONFINCLUDEDIR": include,
        "CONFINCLUDEPY": headers,
        "DESTDIRS": f"{PLACEHOLDER} {lib} {stdlib} {stdlib}/lib-dynload",
        "DESTLIB": stdlib,
        "DESTSHARED": f"{stdlib}/lib-dynload",
        "INCLDIRSTOMAKE": f"{include} {headers}",
        "INCLUDEDIR": include,
        "INCLUDEPY": headers,
        "LIBDEST": stdlib,
        "LIBDIR": lib,
        "LIBPC": f"{lib}/pkgconfig",
        "LIBPL": f"{stdlib}/{config}",
        "MACHDESTLIB": stdlib,
        "MANDIR": f"{PLACEHOLDER}/share/man",
        "SCRIPTDIR": lib,
        "datarootdir": f"{PLACEHOLDER}/share",
    }
