"""Runs inside the interpreter that is asked about itself; prints one JSON document.

Standard library only, and nothing newer than Python 3.7: the interpreter may be any.
"""

from __future__ import annotations

import json
import os
import platform
import site
import sys
import sysconfig
from pathlib import Path


def _describe_markers() -> dict[str, str]:
    version = sys.implementation.version
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": "{}.{}.{}".format(*version[:3]),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": "{}.{}".format(*sys.version_info[:2]),
        "sys_platform": sys.platform,
    }


def _find_path() -> list[str]:
    """The search path, with the user's own folder that isolated mode leaves out."""
    folders = [folder for folder in sys.path if folder]
    if sys.prefix == sys.base_prefix:
        folders.append(site.getusersitepackages())
    return [folder for folder in folders if Path(folder).is_dir()]


def _describe() -> dict[str, object]:
    variables = sysconfig.get_config_vars()
    namer = getattr(sysconfig, "_get_sysconfigdata_name", None)
    return {
        "markers": _describe_markers(),
        "version_info": list(sys.version_info[:3]),
        "abi_flags": getattr(sys, "abiflags", ""),
        "is_free_threaded": bool(variables.get("Py_GIL_DISABLED")),
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "executable": sys.executable,
        "base_executable": getattr(sys, "_base_executable", "") or sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "lib_name": getattr(sys, "platlibdir", "lib"),
        "stdlib": sysconfig.get_path("stdlib"),
        "extension_modules": variables.get("DESTSHARED") or "",
        "headers": variables.get("INCLUDEPY") or "",
        "pyconfig_header": sysconfig.get_config_h_filename(),
        "wheel_folder": variables.get("WHEEL_PKG_DIR") or "",
        "build_data_name": namer() if namer else "",
        "build_variables": sys.modules[namer()].build_time_vars if namer else {},
        "path": _find_path(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_describe()))
