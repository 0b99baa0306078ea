"""A pack held against its own manifest: every file in it, and nothing is written."""

from pathlib import Path

from envbench.engine.packing.folder_reading import check_folder
from envbench.engine.packing.pack_source import OnBytes
from envbench.engine.packing.tar_reading import check_tar
from envbench.model.pack import MANIFEST_NAME
from envbench.workbench.path_texts import show_path
from envbench.workbench.values.verifying import PackReport


def check_pack(path: Path, on_bytes: OnBytes | None = None) -> PackReport:
    """Read every file of a pack and compare it with what the pack says of it.

    Args:
        path: A tar, a folder that one was unpacked to, or the `envbench-pack.json` in it.
        on_bytes: Told how many bytes are done, and of how many.

    Raises:
        UsageError: It is no pack, or none that this version can use.
        NotFineError: A file is missing, is another one, or must not be in a pack.
        PreventedError: It cannot be read.
    """
    tell = on_bytes or (lambda _done, _total: None)
    place = path.parent if path.name == MANIFEST_NAME else path
    manifest = check_folder(place, tell) if place.is_dir() else check_tar(place, tell)
    return PackReport(
        pack=show_path(path),
        name=manifest.name,
        platform=manifest.platform,
        files=len(manifest.files),
        size_bytes=sum(file.size_bytes for file in manifest.files),
        conda_packages=len(manifest.lock.packages),
        pip_packages=len(manifest.lock.pip),
    )
