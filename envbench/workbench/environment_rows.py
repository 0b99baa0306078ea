"""The list of environments as the screen shows it: names at once, what takes longer afterwards."""

import hashlib
import os
import pwd
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from envbench.envs.compare import compare_with_build
from envbench.envs.difference_words import say_difference
from envbench.envs.discovery import EnvironmentKind, FoundEnvironment, discover_environments
from envbench.envs.disk_use import measure_together
from envbench.envs.distributions import read_pip_part
from envbench.envs.generation_files import read_generation
from envbench.envs.generations import EnvironmentStore
from envbench.envs.prefix_records import read_prefix_records
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.counting import count_of
from envbench.model.errors import UsageError
from envbench.model.generation import Generation
from envbench.settings.load import Settings
from envbench.workbench.environment_users import find_users, list_homes, read_last_use
from envbench.workbench.path_texts import read_path, write_path
from envbench.workbench.values.environment_rows import EnvironmentRow as EnvironmentRow
from envbench.workbench.values.environment_rows import KnownSpec as KnownSpec
from envbench.workbench.values.environment_rows import SpecState as SpecState

_SPEC_LIMIT_BYTES = 1024 * 1024


def list_environment_rows(
    settings: Settings,
    *,
    with_size: bool,
    specs: Sequence[KnownSpec] = (),
    folder: Path | None = None,
) -> Iterator[EnvironmentRow]:
    """Tell the environments of all tools: each one at once, and again when more is known of it.

    First come all names, then who works in them, then what was changed since they were built, and
    at last their sizes. Rows of which nothing new became known are not told again.

    Args:
        settings: The user's settings.
        with_size: Measure disk use, which takes seconds for large ones.
        specs: Those that the user has before them.
        folder: A project folder, looked through for `.venv` and `.pixi`; None takes the working
            directory.
    """
    found = discover_environments(
        settings.paths.envs_dir,
        conda_envs_dirs=settings.conda_envs_dirs,
        folders=(folder or Path.cwd(),),
        environ=os.environ,
    )
    rows = [_describe(each, settings, specs) for each in found]
    yield from rows
    yield from _list_unbuilt(rows, specs)
    homes = [_list_homes(each) for each in found]
    users = find_users({home: number for each in homes for home, number in each.items()})
    for number, row in enumerate(rows):
        here = tuple(user for home in homes[number] for user in users.get(home, ()))
        rows[number] = replace(row, users=here)
        if here:
            yield rows[number]
    for number, row in enumerate(rows):
        closer = _look_closer(row, found[number].path)
        if closer != row:
            rows[number] = closer
            yield closer
    for number, row in enumerate(rows if with_size else ()):
        use = measure_together([home for home in homes[number] if home.exists()])
        yield replace(row, size_bytes=use.total_bytes, unique_bytes=use.unique_bytes)


def _describe(
    found: FoundEnvironment, settings: Settings, specs: Sequence[KnownSpec]
) -> EnvironmentRow:
    is_ours = found.kind is EnvironmentKind.ENVBENCH
    generation = read_generation(found.path) if is_ours else None
    built_from = generation.reason.removeprefix("build ") if generation else ""
    return EnvironmentRow(
        key=write_path(found.path),
        name=found.name,
        kind=found.kind.value,
        path=write_path(found.path),
        python=found.python,
        conda_packages=found.conda_packages,
        live_generation=found.live_generation,
        generations=len(found.generations),
        built_from=built_from,
        spec_state=judge_spec(generation, built_from, specs),
        last_used=read_last_use(found.path),
        read_only=_say_read_only(found, settings),
        owner=_name_owner(found.path),
        fault=found.fault,
    )


def judge_spec(
    generation: Generation | None, built_from: str, specs: Sequence[KnownSpec]
) -> SpecState:
    """Compare by content: first with the specs at hand, then with the file that was built from."""
    if generation is None:
        return SpecState.NO_SPEC
    digests = [spec.sha256 for spec in specs if spec.name == generation.environment]
    if not digests and built_from.startswith("/"):
        digests = _digest_file(built_from)
    if not digests:
        return SpecState.NO_SPEC
    return SpecState.OK if generation.spec_sha256 in digests else SpecState.CHANGED


def _digest_file(path: str) -> list[str]:
    try:
        data = read_bytes(read_path(path), limit_bytes=_SPEC_LIMIT_BYTES)
    except UsageError:
        return []
    return [hashlib.sha256(data).hexdigest()]


def _list_unbuilt(
    rows: Sequence[EnvironmentRow], specs: Sequence[KnownSpec]
) -> Iterator[EnvironmentRow]:
    built = {row.name for row in rows if row.kind == EnvironmentKind.ENVBENCH.value}
    # A lock beside its spec bears the same name, and is not what people would build from.
    for spec in sorted(specs, key=lambda each: ".lock." in Path(each.path).name):
        if spec.name and spec.name not in built:
            built.add(spec.name)
            yield EnvironmentRow(
                key=f"spec:{spec.name}",
                name=spec.name,
                kind="",
                path="",
                built_from=spec.path,
                spec_state=SpecState.NOT_BUILT,
            )


def _list_homes(found: FoundEnvironment) -> dict[Path, int | None]:
    if found.kind is EnvironmentKind.ENVBENCH:
        stored = EnvironmentStore(found.path.parent).find(found.path.name)
        return dict(list_homes(stored)) if stored is not None else {}
    return {found.path: None}


def _look_closer(row: EnvironmentRow, path: Path) -> EnvironmentRow:
    """Read all records of an environment: what was changed since its build, what pip added."""
    if row.fault or row.kind == EnvironmentKind.VENV.value or not path.exists():
        return row
    records = read_prefix_records(path.resolve())
    if records.damaged:
        return replace(row, drift=f"{count_of(len(records.damaged), 'record')} damaged")
    if row.kind == EnvironmentKind.ENVBENCH.value:
        difference = compare_with_build(records)
        return replace(row, drift=None if difference is None else say_difference(difference))
    pip = len(read_pip_part(records).distributions)
    return replace(row, extras=f"{pip} pip over conda" if pip else "")


def _say_read_only(found: FoundEnvironment, settings: Settings) -> str:
    if found.kind is not EnvironmentKind.ENVBENCH:
        if (found.path / "conda-meta" / "frozen").exists():
            return "frozen: whoever made it forbids changes"
        return f"made by {found.kind.value}: envbench does not change it"
    if found.path.parent != settings.paths.envs_dir:
        return "lies in another envs directory than the one in your settings"
    return ""


def _name_owner(path: Path) -> str:
    try:
        uid = path.stat().st_uid
        return "" if uid == os.geteuid() else clean(pwd.getpwuid(uid).pw_name, limit=60)
    except OSError:
        return ""
    except KeyError:
        return "another user"
