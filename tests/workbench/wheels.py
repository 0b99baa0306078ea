"""Small wheels, source distributions, and package indexes as folders."""

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str] | None = None,
    requires: Sequence[str] = (),
    python: str = "",
) -> Path:
    """Write a pure wheel whose RECORD is right."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    needs += f"Requires-Python: {python}\n" if python else ""
    content = dict(files or {f"{name}/__init__.py": f"version = {version!r}\n"}) | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{path},{_digest(text)},{len(text)}\n" for path, text in content.items()]
    content[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"])
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return wheel


def make_sdist(
    folder: Path, name: str, marker: Path, version: str = "1.0", *, static: bool = False
) -> Path:
    """Write a source distribution whose `setup.py` leaves a marker when it runs.

    Args:
        static: Whether its metadata say that a build would not change them (PEP 643).
    """
    setup = (
        f"open({str(marker)!r}, 'w').close()\n"
        f"from setuptools import setup\nsetup(name={name!r}, version={version!r})\n"
    )
    metadata = "2.2" if static else "2.1"
    info = f"Metadata-Version: {metadata}\nName: {name}\nVersion: {version}\n"
    folder.mkdir(parents=True, exist_ok=True)
    sdist = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        for path, text in (("setup.py", setup), ("PKG-INFO", info)):
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return sdist


def make_index(folder: Path, *archives: Path, sha256: str = "") -> Path:
    """Write a simple index (PEP 503) of archives; `sha256` takes the place of the true digests."""
    for archive in archives:
        page = folder / archive.name.partition("-")[0]
        page.mkdir(parents=True, exist_ok=True)
        data = archive.read_bytes()
        (page / archive.name).write_bytes(data)
        digest = sha256 or hashlib.sha256(data).hexdigest()
        link = f'<a href="{archive.name}#sha256={digest}">{archive.name}</a>'
        (page / "index.html").write_text(f"<!DOCTYPE html><html><body>{link}</body></html>")
    return folder


def _digest(text: str) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
