"""The package `python`, made of an installed interpreter."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from envbench.engine.local_channel import debian
from envbench.engine.local_channel.build_variables import relocate_variables, write_module
from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.engine.local_channel.native import collect_libraries, relocate_library
from envbench.engine.local_channel.package import (
    PackageContent,
    PackageFile,
    file_from_bytes,
    link_to,
)
from envbench.engine.local_channel.prefix import (
    PLACEHOLDER,
    is_binary,
    is_distinctive,
    substitute_prefix,
)
from envbench.formats.elf import find_needed_glibc, is_elf
from envbench.model.errors import UsageError

_SKIPPED_FOLDERS = frozenset({
    "__pycache__", "site-packages", "dist-packages", "test", "tests", "idlelib", "turtledemo",
    "lib-dynload",
})  # fmt: skip
_SKIPPED_MODULES = re.compile(r"(_test\w*|_ctypes_test\w*|_xx\w*|xx\w*|idle_test)\..*so")
_TK_FILES = frozenset({"tkinter", "turtle.py"})
_SKIPPED_SUFFIXES = (".pyc", ".pyo", ".a", ".o", ".exe", ".ico")


@dataclass
class _Workpiece:
    """What has been gathered so far, and what only the whole tells."""

    facts: InterpreterFacts
    is_debian: bool
    files: dict[str, PackageFile] = field(default_factory=dict)
    glibc: tuple[int, int] = (0, 0)

    def add(self, path: str, content: bytes, *, is_executable: bool = False) -> PackageFile:
        self.glibc = max(self.glibc, find_needed_glibc(content))
        file = file_from_bytes(path, content, is_executable=is_executable)
        self.files[path] = file
        return file


def package_python(facts: InterpreterFacts) -> PackageContent:
    """Gather the package `python` from an installed interpreter.

    It holds the interpreter, its shared libraries where they lie in its own prefix, the standard
    library without tests and IDLE, the C headers where they are installed, and the wheels of
    `ensurepip` where there are any. Libraries of the system (OpenSSL, SQLite, ...) stay where they
    are: the package works on this box and on boxes like it.

    Raises:
        UsageError: The interpreter cannot be moved to another prefix, or a file is unreadable.
    """
    site = _read(facts.stdlib / "site.py", facts).decode("utf-8", "replace")
    work = _Workpiece(facts, debian.is_patched(site))
    _add_executable(work)
    _add_standard_library(work)
    _add_extension_modules(work)
    _add_headers(work)
    _add_distribution_wheels(work)
    glibc = f"__glibc >={work.glibc[0]}.{work.glibc[1]},<3.0.a0"
    return PackageContent(
        name="python",
        version=facts.version,
        build_stem="",
        build_tail="_cpython",
        subdir=facts.subdir,
        depends=(glibc,) if work.glibc > (0, 0) else (),
        files=tuple(work.files[path] for path in sorted(work.files)),
        license="Python-2.0",
        summary="The Python interpreter of the box that made this channel",
        home="https://www.python.org/",
        python_site_packages_path=facts.site_packages,
    )


def _add_executable(work: _Workpiece) -> None:
    facts = work.facts
    name = f"python{facts.short_version}"
    source = facts.base_prefix / "bin" / name
    source = source if source.exists() else facts.base_executable
    content = relocate_library(_read(source, facts), f"bin/{name}", facts)
    if work.is_debian:
        content = debian.undo_frozen_site(content)
    executable = work.add(f"bin/{name}", content, is_executable=True)
    for alias in ("python", "python3"):
        work.files[f"bin/{alias}"] = link_to(f"bin/{alias}", name, executable)
    for path, library in collect_libraries(content, facts).items():
        work.add(path, relocate_library(_read(library, facts), path, facts), is_executable=True)
    _link_libpython(work)
    _add_pydoc(work)


def _link_libpython(work: _Workpiece) -> None:
    """Add the name without version, which is what programs that embed Python are linked to."""
    for path in [path for path in work.files if path.startswith("lib/libpython3.")]:
        plain, found, _ = path.partition(".so.")
        if found:
            work.files[f"{plain}.so"] = link_to(f"{plain}.so", path[4:], work.files[path])


def _add_pydoc(work: _Workpiece) -> None:
    name = f"pydoc{work.facts.short_version}"
    text = f"#!{PLACEHOLDER}/bin/python{work.facts.short_version}\nimport pydoc\n\npydoc.cli()\n"
    script = work.add(f"bin/{name}", text.encode(), is_executable=True)
    for alias in ("pydoc", "pydoc3"):
        work.files[f"bin/{alias}"] = link_to(f"bin/{alias}", name, script)


def _add_standard_library(work: _Workpiece) -> None:
    facts = work.facts
    for source in _walk(facts.stdlib):
        path = source.relative_to(facts.stdlib).as_posix()
        if not _is_build_data(source.name) and not (
            work.is_debian and source.name in debian.DROPPED_FILES
        ):
            content = _prepare_module(work, path, _read(source, facts))
            work.add(f"{facts.lib_folder}/{path}", content)
    variables = relocate_variables(
        facts.build_variables,
        str(facts.base_prefix),
        facts.short_version,
        has_wheels=bool(_find_distribution_wheels(facts)),
    )
    work.add(f"{facts.lib_folder}/{facts.build_data_name}.py", write_module(variables).encode())
    readme = b"Installed packages come here.\n"
    work.add(f"{facts.site_packages}/README.txt", readme)


def _is_build_data(name: str) -> bool:
    return name.startswith(("_sysconfigdata_", "_sysconfig_vars_")) or name == "build-details.json"


def _prepare_module(work: _Workpiece, path: str, content: bytes) -> bytes:
    prefix = str(work.facts.base_prefix)
    if is_binary(content):
        return content
    if work.is_debian and path.endswith(".py"):
        try:
            text = content.decode("utf-8")
            return debian.undo_patches(path, text).encode()
        except UnicodeDecodeError:
            return content  # test data in another encoding: nothing that is patched
        except ValueError as error:
            raise _immovable(work.facts, str(error)) from None
    return substitute_prefix(content, prefix) if is_distinctive(prefix) else content


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files of the standard library that a package needs, in a stable order."""
    has_tk = any(folder.glob("lib-dynload/_tkinter.*"))
    for entry in sorted(folder.iterdir()):
        if entry.name in _SKIPPED_FOLDERS or entry.name.startswith("config-"):
            continue
        if entry.name in _TK_FILES and not has_tk:
            continue
        if entry.is_dir():
            yield from _walk_folder(entry)
        elif entry.is_file() and not entry.name.endswith(_SKIPPED_SUFFIXES):
            yield entry


def _walk_folder(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in _SKIPPED_FOLDERS:
            yield from _walk_folder(entry)
        elif entry.is_file() and not entry.name.endswith(_SKIPPED_SUFFIXES):
            yield entry


def _add_extension_modules(work: _Workpiece) -> None:
    facts = work.facts
    folder = facts.stdlib / "lib-dynload"
    if not folder.is_dir() and facts.extension_modules:
        folder = Path(facts.extension_modules)
    for source in sorted(folder.iterdir()) if folder.is_dir() else ():
        path = f"{facts.lib_folder}/lib-dynload/{source.name}"
        if not source.is_file() or _SKIPPED_MODULES.fullmatch(source.name):
            continue
        content = _read(source, facts)
        if not is_elf(content):
            continue
        work.add(path, relocate_library(content, path, facts), is_executable=True)
        for lib_path, library in collect_libraries(content, facts).items():
            if lib_path not in work.files:
                moved = relocate_library(_read(library, facts), lib_path, facts)
                work.add(lib_path, moved, is_executable=True)
    if not any(path.startswith(f"{facts.lib_folder}/lib-dynload/") for path in work.files):
        # getpath looks for this folder to find exec_prefix, however few modules it holds.
        work.add(f"{facts.lib_folder}/lib-dynload/README.txt", b"All modules are built in.\n")


def _add_headers(work: _Workpiece) -> None:
    facts, target = work.facts, f"include/python{work.facts.short_version}"
    folder = Path(facts.headers)
    if not facts.headers or not (folder / "Python.h").is_file():
        return
    for source in sorted(folder.rglob("*.h")):
        path = f"{target}/{source.relative_to(folder).as_posix()}"
        work.add(path, _read(source, facts))
    if facts.pyconfig_header.is_file():
        work.add(f"{target}/pyconfig.h", _read(_find_real_pyconfig(facts), facts))


def _find_real_pyconfig(facts: InterpreterFacts) -> Path:
    """Debian's `pyconfig.h` only includes the one of the machine's own folder."""
    multiarch = facts.build_variables.get("MULTIARCH") or "-"
    folder = facts.base_prefix / "include" / multiarch
    real = folder / f"python{facts.short_version}" / "pyconfig.h"
    return real if real.is_file() else facts.pyconfig_header


def _add_distribution_wheels(work: _Workpiece) -> None:
    for wheel in _find_distribution_wheels(work.facts):
        path = f"{work.facts.lib_folder}/ensurepip/_bundled/{wheel.name}"
        work.add(path, _read(wheel, work.facts))


def _find_distribution_wheels(facts: InterpreterFacts) -> tuple[Path, ...]:
    """Find the wheels that a distribution keeps outside of `ensurepip`, if ensurepip is there."""
    if not facts.wheel_folder or not (facts.stdlib / "ensurepip").is_dir():
        return ()
    wanted = ("pip-*.whl",) if facts.version_info >= (3, 12) else ("pip-*.whl", "setuptools-*.whl")
    return tuple(wheel for name in wanted for wheel in sorted(Path(facts.wheel_folder).glob(name)))


def _read(source: Path, facts: InterpreterFacts) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise _immovable(facts, f"{source}: {error.strerror}") from None


def _immovable(facts: InterpreterFacts, why: str) -> UsageError:
    return UsageError(
        "this Python cannot be packaged",
        where=str(facts.base_executable),
        why=why,
        hint="name another interpreter",
    )
