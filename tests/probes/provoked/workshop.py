"""Makes packages that fail: Python that raises, and extensions that a compiler really made."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Workshop:
    """One environment, and a folder for what must not be in it."""

    prefix: Path
    site: Path
    outside: Path

    def package(self, name: str, source: str, version: str = "9.9", at: Path | None = None) -> Path:
        """Install a package of one file."""
        site = at or self.site
        folder = site / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text(source)
        info = site / f"{name}-{version}.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "INSTALLER").write_text("pip\n")
        return folder

    def numpy(self, source: str) -> Path:
        """Install the stand-in for NumPy; its import does what the source says."""
        return self.package("numpy", source)

    def loads(self, library: Path, name: str = "_core") -> None:
        """Install a NumPy that loads a shared library as its extension `NAME`."""
        folder = self.numpy(f"import numpy.{name}")
        shutil.copy(library, folder / f"{name}.so")


def build(target: Path, source: str, *flags: str, compiler: str = "gcc") -> Path:
    """Make a shared library; skips where there is no compiler."""
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler} here")
    text = target.with_suffix(".cc" if compiler == "g++" else ".c")
    text.write_text(source)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(target), str(text), *flags],
        check=True,
        capture_output=True,
        text=True,
    )
    return target


def needing(folder: Path, soname: str, *, version: str = "", symbol: str = "wanted_call") -> Path:
    """Make an extension that needs a library which is not there, or not in this version.

    Args:
        folder: Where the two are made; the library stays there, out of the loader's sight.
        soname: Of the library.
        version: Version of the symbol, such as `GLIBC_9.99`; empty for none.
        symbol: What is called.
    """
    flags = [f"-Wl,-soname,{soname}"]
    if version:
        script = folder / "script.map"
        script.write_text(f"{version} {{ global: {symbol}; local: *; }};\n")
        flags.append(f"-Wl,--version-script={script}")
    library = folder / soname
    build(library, f"int {symbol}(void) {{ return 7; }}\n", *flags)
    source = f"int {symbol}(void); int PyInit__core(void) {{ return {symbol}(); }}\n"
    return build(folder / "extension.so", source, f"-L{folder}", f"-l:{soname}")


def undefined(folder: Path, symbol: str) -> Path:
    """Make an extension with a symbol that nobody has."""
    source = f"int {symbol}(void); int PyInit__core(void) {{ return {symbol}(); }}\n"
    return build(folder / "extension.so", source)
