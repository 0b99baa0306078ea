"""A package made of a distribution."""

import base64
from collections.abc import Iterator

from envbench.engine.local_channel.distribution import Area, Distribution, PlacedFile
from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.engine.local_channel.package import (
    PackageContent,
    PackageFile,
    file_from_bytes,
    file_from_path,
)
from envbench.engine.local_channel.prefix import (
    PLACEHOLDER,
    is_binary,
    is_distinctive,
    rewrite_shebang,
    substitute_prefix,
)
from envbench.engine.local_channel.requirements import (
    Needs,
    convert_python_requirement,
)

_TEXT_LIMIT_BYTES = 4 << 20
"""Files above this size are taken to name no prefix."""

_SCRIPT = """#!{prefix}/bin/python
import sys

from {module} import {attribute}

if __name__ == "__main__":
    sys.exit({function}())
"""


def package_distribution(
    distribution: Distribution, needs: Needs, facts: InterpreterFacts
) -> PackageContent:
    """Turn a distribution into a package for one interpreter.

    A pure one becomes `noarch: python`, so that every Python that it allows can use it; a native
    one, or one with headers, is bound to the interpreter's minor version. `INSTALLER` says
    `conda`, and `RECORD` lists what the package holds.
    """
    is_noarch = distribution.is_pure
    roots = _choose_roots(distribution, facts)
    files = [_take_file(file, roots, distribution) for file in distribution.files]
    commands = [] if is_noarch else [_make_script(entry) for entry in distribution.entry_points]
    installer = f"{roots[Area.SITE]}{distribution.dist_info}/INSTALLER"
    files += [*commands, file_from_bytes(installer, b"conda\n")]
    files.append(_make_record(files, distribution, roots[Area.SITE]))
    bound = not is_noarch or needs.depends_on_python
    python = facts.pin if bound else convert_python_requirement(distribution.requires_python)
    glibc = f"__glibc >={distribution.glibc[0]}.{distribution.glibc[1]},<3.0.a0"
    return PackageContent(
        name=distribution.name,
        version=distribution.version,
        build_stem="py" if is_noarch else f"py{facts.version_info[0]}{facts.version_info[1]}",
        subdir="noarch" if is_noarch else facts.subdir,
        depends=(*((glibc,) if distribution.glibc > (0, 0) else ()), *needs.depends, python),
        files=tuple(sorted(files, key=lambda file: file.path)),
        is_noarch_python=is_noarch,
        entry_points=distribution.entry_points if is_noarch else (),
        license=distribution.license,
        summary=distribution.summary,
        home=distribution.home,
    )


def _choose_roots(distribution: Distribution, facts: InterpreterFacts) -> dict[Area, str]:
    headers = f"include/python{facts.short_version}/{distribution.name}/"
    if distribution.is_pure:
        site, scripts = "site-packages/", "python-scripts/"
    else:
        site, scripts = f"{facts.site_packages}/", "bin/"
    return {Area.SITE: site, Area.SCRIPTS: scripts, Area.HEADERS: headers, Area.DATA: ""}


def _take_file(file: PlacedFile, roots: dict[Area, str], distribution: Distribution) -> PackageFile:
    path = roots[file.area] + file.path
    is_script = file.area is Area.SCRIPTS
    executable = file.is_executable or is_script
    if file.source.stat().st_size > _TEXT_LIMIT_BYTES:
        return file_from_path(path, file.source, is_executable=executable)
    content = old = file.source.read_bytes()
    if is_binary(content):
        return file_from_path(path, file.source, is_executable=executable)
    if is_script:
        content = rewrite_shebang(content)
    if is_distinctive(distribution.built_prefix):
        content = substitute_prefix(content, distribution.built_prefix)
    if content == old:
        return file_from_path(path, file.source, is_executable=executable)
    return file_from_bytes(path, content, is_executable=executable)


def _make_script(entry_point: str) -> PackageFile:
    command, _, target = entry_point.partition(" = ")
    module, _, function = target.partition(":")
    text = _SCRIPT.format(
        prefix=PLACEHOLDER,
        module=module,
        attribute=function.partition(".")[0],
        function=function,
    )
    return file_from_bytes(f"bin/{command}", text.encode(), is_executable=True)


def _make_record(files: list[PackageFile], distribution: Distribution, site: str) -> PackageFile:
    path = f"{site}{distribution.dist_info}/RECORD"
    lines = [*_list_recorded(files, site), f"{distribution.dist_info}/RECORD,,"]
    if distribution.is_pure:
        names = (entry.partition(" = ")[0] for entry in distribution.entry_points)
        lines += [f"../../../bin/{name},," for name in names]
    return file_from_bytes(path, "".join(f"{line}\n" for line in sorted(lines)).encode())


def _list_recorded(files: list[PackageFile], site: str) -> Iterator[str]:
    """List files as an installer would, without digest where linking changes the content."""
    for file in files:
        digest = base64.urlsafe_b64encode(bytes.fromhex(file.sha256)).decode().rstrip("=")
        told = "," if file.placeholder else f"sha256={digest},{file.size_bytes}"
        if file.path.startswith(site):
            path = file.path.removeprefix(site)
        else:
            path = "../../../" + file.path.replace("python-scripts/", "bin/", 1)
        quoted = f'"{path}"' if "," in path else path
        yield f"{quoted},{told}"
