"""The files of an export on disk: where each goes, what may be replaced, and whether all are there."""

import os
import shlex
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from envbench.files import write_atomically
from envbench.formats.lock_formats import LOCK_FORMATS
from envbench.model.errors import PreventedError, UsageError
from envbench.model.lock import Export, ExportedFile
from envbench.workbench.locks.ownership import read_if_there, refuse_other_file
from envbench.workbench.path_texts import read_path, show_path

_MODE, _EXECUTABLE = 0o644, 0o755


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFile:
    """One file of an export, and where it belongs."""

    path: Path
    file: ExportedFile
    is_lock: bool = True
    """Whether its format is read back; else it is a file for another tool."""

    @property
    def before(self) -> str | None:
        """What lies there now; None when nothing readable does."""
        return read_if_there(self.path)


def place_export(
    export: Export, output: str | None, *, is_lock: bool = True
) -> tuple[PlacedFile, ...]:
    """Say where the files of an export go.

    Args:
        export: What is to be written.
        output: A folder (one that is there, or a text that ends in `/`), or the path of the
            first file; None places nothing, which is only for locks and for single files.
        is_lock: Whether the first file is of use without those beside it.

    Raises:
        UsageError: There is no such folder, or several files and no place for them.
    """
    if output is None:
        if len(export.files) > 1 and not is_lock:
            names = ", ".join(file.path for file in export.files)
            raise UsageError(
                f"{export.format} is {len(export.files)} files: {names}",
                hint="Name a folder for them: -o FOLDER/ (-o . is this one).",
            )
        return ()
    return tuple(replace(each, is_lock=_is_lock(export.format)) for each in _place(export, output))


def _is_lock(format_name: str) -> bool:
    return all(form.is_lock for form in LOCK_FORMATS if form.name == format_name)


def _place(export: Export, output: str) -> tuple[PlacedFile, ...]:
    path = read_path(output)
    if output.endswith("/") or path.is_dir():
        return _place_in(path, export.files)
    first, *rest = export.files
    inner = PurePosixPath(first.path)
    if not rest:
        return (PlacedFile(path=_under_folder(path), file=first),)
    if path.parts[-len(inner.parts) :] == inner.parts:
        return _place_in(path.parents[len(inner.parts) - 1], export.files)
    if len(inner.parts) > 1:
        raise UsageError(
            f"{first.path} has its fixed place, and other files beside it",
            where=show_path(path),
            hint="Name the folder that it lies in: -o FOLDER/",
        )
    if inner.stem not in path.name and not _is_lock(export.format):
        # Meant as a folder, most likely; what would lie there bore the name of another thing.
        shown = show_path(path)
        raise UsageError(
            f"{export.format} is {len(export.files)} files, the first of them {first.path}",
            where=shown,
            hint=f"Name a folder for them: mkdir -p {shlex.quote(shown)}, then -o {path.name}/",
        )
    return (
        PlacedFile(path=_under_folder(path), file=first),
        *_place_in(path.parent, tuple(rest)),
    )


def write_files(placed: tuple[PlacedFile, ...], *, force: bool = False) -> tuple[Path, ...]:
    """Write files, each as a whole; all are looked at before the first is written.

    Args:
        placed: What goes where.
        force: Replace whatever lies there.

    Returns:
        Those that were written; the others were as they should be.

    Raises:
        NotFineError: A file lies there that is none of ours in this format.
        PreventedError: The system refused.
    """
    due = [each for each in placed if not _is_there(each)]
    if not force:
        for each in due:
            refuse_other_file(each.path, each.file, is_lock=each.is_lock)
    for each in due:
        _make_parents(each)
        _write(each)
    return tuple(each.path for each in due)


def _write(placed: PlacedFile) -> None:
    mode = _EXECUTABLE if placed.file.is_executable else _MODE
    write_atomically(placed.path, placed.file.text.encode(), mode=mode)
    if placed.file.is_executable and not os.access(placed.path, os.X_OK):
        # A file that was there before has kept its mode.
        placed.path.chmod(_EXECUTABLE)


def _is_there(placed: PlacedFile) -> bool:
    is_runnable = not placed.file.is_executable or os.access(placed.path, os.X_OK)
    return is_runnable and placed.before == placed.file.text


def _place_in(folder: Path, files: tuple[ExportedFile, ...]) -> tuple[PlacedFile, ...]:
    if not folder.is_dir():
        raise UsageError(
            "there is no such folder",
            where=show_path(folder),
            hint=f"Make it first: mkdir -p {shlex.quote(show_path(folder))}",
        )
    return tuple(PlacedFile(path=folder / file.path, file=file) for file in files)


def _under_folder(path: Path) -> Path:
    if not path.parent.is_dir():
        raise UsageError(
            "there is no such folder",
            where=show_path(path.parent),
            hint=f"Make it first: mkdir -p {shlex.quote(show_path(path.parent))}",
        )
    return path


def _make_parents(placed: PlacedFile) -> None:
    """Make the folders that belong to the file's own name, such as `.github/workflows`."""
    depth = len(PurePosixPath(placed.file.path).parts) - 1
    if depth == 0 or placed.path.parts[-depth - 1 :] != PurePosixPath(placed.file.path).parts:
        return
    try:
        placed.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise PreventedError(
            "a folder cannot be made",
            where=show_path(placed.path.parent),
            why=fault.strerror or str(fault),
        ) from fault
