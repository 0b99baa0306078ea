"""The environments of one directory: staged, completed, flipped, rolled back, removed.

The rules: a directory changes only under its environment's lock; an environment is live when the
link at its stable path points to a complete generation; the link changes by one rename; whatever
carries none of our marks is never written to and never removed.
"""

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from envbench.envs.generation_catalog import (
    LINK,
    PASSING,
    StagedGeneration,
    StoredEnvironment,
    StoredGeneration,
    check_free,
    describe_environment,
    find_environment,
    list_directories,
    list_names,
    list_numbers,
    passing_path,
)
from envbench.envs.generation_files import (
    MARKS,
    STAGED_FILE,
    StagedMark,
    holds_mark,
    is_staged,
    read_generation,
    write_generation,
    write_staged_mark,
)
from envbench.envs.lock import EnvironmentLock
from envbench.envs.occupancy import Occupancy, Occupant, find_occupants
from envbench.envs.paths import (
    GENERATIONS,
    environment_path,
    generation_link,
    generation_path,
    read_generation_link,
    split_generation,
)
from envbench.envs.removal import refuse_mounts, remove_tree
from envbench.model.errors import NotFineError, PreventedError, UsageError
from envbench.model.generation import Generation

__all__ = [
    "Collected",
    "EnvironmentStore",
    "StagedGeneration",
    "StoredEnvironment",
    "StoredGeneration",
]


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of tidying up old generations."""

    removed: tuple[int, ...]
    kept_in_use: tuple[Occupant, ...]
    """Who kept further ones from being removed."""


class EnvironmentStore:
    """The environments of one envs directory that envbench made."""

    def __init__(self, envs_dir: Path) -> None:
        """Name the directory; it is made when the first environment is staged."""
        self.envs_dir = envs_dir

    def path(self, name: str) -> Path:
        """Give an environment's stable path.

        Raises:
            UsageError: The name is not allowed.
        """
        return environment_path(self.envs_dir, name)

    def list(self) -> tuple[StoredEnvironment, ...]:
        """List the environments that have a link of ours or a complete generation, by name."""
        found = (describe_environment(self.envs_dir, n) for n in list_names(self.envs_dir))
        return tuple(e for e in found if e.generations or e.path.is_symlink())

    def find(self, name: str) -> StoredEnvironment | None:
        """Find one environment; None when the store does not have it.

        Raises:
            UsageError: The name is not allowed.
        """
        return find_environment(self.envs_dir, name)

    def check_free(self, name: str) -> None:
        """Make sure that building NAME would overwrite nothing that is not ours.

        Raises:
            UsageError: The name is not allowed, or something else lies at the stable path.
        """
        check_free(self.envs_dir, name)

    def stage(self, name: str, *, lock: EnvironmentLock) -> StagedGeneration:
        """Begin the next generation in a fresh directory, after sweeping what dead builds left.

        Args:
            name: The environment; it need not exist yet.
            lock: The proof that nobody else builds it.

        Raises:
            UsageError: The name is not allowed, or something that is not ours lies there.
            PreventedError: The system refused.
        """
        self._check_lock(name, lock)
        self.check_free(name)
        _make_own_directory(self.envs_dir / GENERATIONS)
        self.sweep(name, lock=lock)
        numbers = [number for found, number in list_numbers(self.envs_dir) if found == name]
        live = read_generation_link(self.path(name)) or 0
        number = max([*numbers, live], default=0) + 1
        while os.path.lexists(generation_path(self.envs_dir, name, number)):
            # Something that is not even a directory: it stays, and we go round it.
            number += 1
        prefix = generation_path(self.envs_dir, name, number)
        newborn = passing_path(prefix)
        try:
            newborn.mkdir(mode=0o755)
            mark = StagedMark(environment=name, number=number, holder=lock.holder)
            write_staged_mark(newborn, mark)
            newborn.rename(prefix)
        except OSError as fault:
            raise _prevented("the environment could not be staged", prefix, fault) from fault
        return StagedGeneration(name, number, prefix, self.path(name))

    def complete(self, staged: StagedGeneration, generation: Generation) -> StoredGeneration:
        """Declare a staged generation complete. It is not live yet, and swept if it never is.

        Raises:
            PreventedError: The system refused, or the record does not belong to the directory.
        """
        if (generation.environment, generation.number) != (staged.environment, staged.number):
            raise PreventedError("the record of the generation belongs to another one")
        write_generation(staged.prefix, generation)
        return StoredGeneration(staged.prefix, generation, is_live=False)

    def flip(self, name: str, number: int, *, lock: EnvironmentLock) -> None:
        """Make a complete generation the live one, by one atomic rename.

        Raises:
            UsageError: Something that is not ours lies at the stable path.
            PreventedError: The generation is not complete, or the system refused.
        """
        self._check_lock(name, lock)
        self.check_free(name)
        prefix = generation_path(self.envs_dir, name, number)
        record = read_generation(prefix)
        if record is None or (record.environment, record.number) != (name, number):
            raise PreventedError(f"generation {number} of {name!r} is not complete")
        link = self.envs_dir / GENERATIONS / f"{LINK}{name}~{secrets.token_hex(8)}"
        try:
            self._settle(name)
            link.symlink_to(generation_link(name, number))
            try:
                link.replace(self.path(name))
            except OSError:
                link.unlink(missing_ok=True)
                raise
        except OSError as fault:
            raise _prevented("the environment could not be switched", prefix, fault) from fault
        # It is live from here on: what fails now must not be told as a failed switch. The next
        # flip settles it again, before anything else.
        with suppress(OSError):
            _sync_directory(self.envs_dir)
            self._settle(name)

    def rollback(
        self, name: str, number: int | None = None, *, lock: EnvironmentLock
    ) -> StoredGeneration:
        """Make an older generation live again, pip part and all.

        Args:
            name: The environment.
            number: Which one; None takes the newest one older than the live one.
            lock: The proof that nobody else changes it.

        Raises:
            UsageError: There is no such environment or generation.
            NotFineError: There is no older generation.
        """
        self._check_lock(name, lock)
        stored = self._existing(name)
        target = _choose(stored, number)
        self.flip(name, target.generation.number, lock=lock)
        return StoredGeneration(target.prefix, target.generation, is_live=True)

    def collect(self, name: str, *, keep: int, lock: EnvironmentLock) -> Collected:
        """Remove old generations, except the live one, the newest few, and those in use.

        Args:
            name: The environment.
            keep: How many complete generations remain at least, the live one included.
            lock: The proof that nobody else changes it.
        """
        self._check_lock(name, lock)
        old = [g for g in describe_environment(self.envs_dir, name).generations if not g.is_live]
        surplus = old[: max(len(old) - max(keep - 1, 0), 0)]
        occupancy = find_occupants([g.prefix for g in surplus])
        busy = {occupant.prefix for occupant in occupancy.occupants}
        removed = []
        for stored in surplus:
            if stored.prefix not in busy:
                self._discard(stored.prefix)
                removed.append(stored.generation.number)
        return Collected(tuple(removed), occupancy.occupants)

    def remove(self, name: str, *, lock: EnvironmentLock, force: bool = False) -> tuple[int, ...]:
        """Remove an environment with all its generations; may be repeated after a crash.

        Args:
            name: The environment.
            lock: The proof that nobody else changes it.
            force: Remove it although processes run in it; they will fail.

        Returns:
            The numbers of the generations that are gone.

        Raises:
            UsageError: There is no such environment, or it was not made by envbench.
            NotFineError: Processes run in it.
        """
        self._check_lock(name, lock)
        self.check_free(name)
        stored = self._existing(name)
        if not force:
            _refuse_if_occupied(name, self.occupancy(name))
        for each in stored.generations:
            refuse_mounts(each.prefix)
        try:
            stored.path.unlink(missing_ok=True)
            _sync_directory(self.envs_dir)
        except OSError as fault:
            raise _prevented("the environment could not be removed", stored.path, fault) from fault
        for each in stored.generations:
            self._discard(each.prefix)
        self.sweep(name, lock=lock)
        return tuple(each.generation.number for each in stored.generations)

    def occupancy(self, name: str) -> Occupancy:
        """Find the processes that run in any generation of an environment."""
        prefixes = [prefix for found, prefix in list_directories(self.envs_dir) if found == name]
        return find_occupants(prefixes, stable_path=self.path(name))

    def abandon(self, staged: StagedGeneration, *, lock: EnvironmentLock) -> None:
        """Remove a generation that was staged and will not go live; nothing if it is live."""
        self._check_lock(staged.environment, lock)
        live = read_generation_link(self.path(staged.environment))
        if holds_mark(staged.prefix) and live != staged.number:
            self._discard(staged.prefix)

    def sweep(
        self,
        name: str,
        *,
        lock: EnvironmentLock,
        on_left: Callable[[Path], None] = lambda _: None,
    ) -> tuple[Path, ...]:
        """Remove what dead builds of an environment left: nobody else can be building it now.

        Args:
            name: The environment.
            lock: The proof that nobody else builds it.
            on_left: Told of what stays: directories without a mark of ours, and those that
                cannot be removed.

        Returns:
            What was removed.
        """
        self._check_lock(name, lock)
        live = read_generation_link(self.path(name))
        removed = []
        for found, prefix in list_directories(self.envs_dir):
            number = (split_generation(prefix.name) or ("", 0))[1]
            if found != name or prefix.is_symlink() or number == live:
                continue
            if prefix.name.startswith(PASSING) or is_staged(prefix):
                try:
                    self._discard(prefix)
                except PreventedError:
                    # Litter that will not go (held open on NFS, something mounted in it) is no
                    # reason not to build beside it.
                    on_left(prefix)
                else:
                    removed.append(prefix)
            elif not holds_mark(prefix):
                on_left(prefix)
        for link in (self.envs_dir / GENERATIONS).glob(f"{LINK}{name}~*"):
            link.unlink(missing_ok=True)
        return tuple(removed)

    def _settle(self, name: str) -> None:
        """Take the staged mark off the live generation: from now on it is one to go back to."""
        live = read_generation_link(self.path(name))
        if live is not None:
            staged_mark = generation_path(self.envs_dir, name, live) / STAGED_FILE
            staged_mark.unlink(missing_ok=True)

    def _check_lock(self, name: str, lock: EnvironmentLock) -> None:
        if (lock.envs_dir, lock.name) != (self.envs_dir, name):
            raise ValueError(f"the lock at hand is not that of {name!r}")

    def _existing(self, name: str) -> StoredEnvironment:
        found = self.find(name)
        if found is None:
            known = ", ".join(e.name for e in self.list()[:10])
            raise UsageError(
                f"there is no environment {name!r} in {self.envs_dir}",
                hint=f"there are: {known}" if known else "there is none yet",
            )
        return found

    def _discard(self, prefix: Path) -> None:
        """Remove one directory of ours: first out of sight, then its content, its marks last."""
        refuse_mounts(prefix)
        passing = prefix
        if not prefix.name.startswith(PASSING):
            passing = passing_path(prefix)
            try:
                prefix.rename(passing)
            except OSError as fault:
                raise _prevented("the generation could not be removed", prefix, fault) from fault
        remove_tree(passing, last=MARKS)


def _choose(stored: StoredEnvironment, number: int | None) -> StoredGeneration:
    if number is not None:
        match = [g for g in stored.generations if g.generation.number == number]
        if match:
            return match[0]
        known = ", ".join(str(g.generation.number) for g in stored.generations) or "none"
        raise UsageError(f"{stored.name!r} has no generation {number}", hint=f"there are: {known}")
    live = read_generation_link(stored.path)
    older = [g for g in stored.generations if live is None or g.generation.number < live]
    if not older:
        raise NotFineError(f"{stored.name!r} has no generation older than the live one")
    return older[-1]


def _refuse_if_occupied(name: str, occupancy: Occupancy) -> None:
    if not occupancy.occupants:
        return
    lines = [str(o) for o in occupancy.occupants[:8]]
    more = len(occupancy.occupants) - len(lines)
    raise NotFineError(
        f"{name!r} is in use and is not removed",
        why="\n".join([*lines, *([f"and {more} more"] if more else [])]),
        hint="end these processes, or force it",
    )


def _prevented(what: str, where: Path, fault: OSError) -> PreventedError:
    return PreventedError(what, where=str(where), why=os.strerror(fault.errno or 0))


def _make_own_directory(path: Path) -> None:
    """Make a directory, or make sure that it is a real one of this user.

    Others may read it: environments can be shared.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        status = path.lstat()
    except OSError as fault:
        raise _prevented("the directory could not be made", path, fault) from fault
    if stat.S_ISLNK(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o002:
        raise PreventedError(
            "the directory is not safe to use",
            where=str(path),
            why=f"it is a link, writable by all, or not yours (its owner is uid {status.st_uid})",
        )


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
