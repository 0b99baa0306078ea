"""What came of verifying: an environment, a lock, or a lock against a spec."""

from dataclasses import dataclass
from enum import StrEnum

from envbench.envs.verification import PrefixVerification
from envbench.model.counting import count_of
from envbench.model.lock_comparison import LockComparison
from envbench.model.lock_verdicts.finding import NOTHING_FOUND, Judgement
from envbench.model.lock_verdicts.words import count_findings, say_judgement


class VerifyKind(StrEnum):
    """What was held against what."""

    FILES = "files"
    """An environment and its own records."""
    ENVIRONMENT = "environment"
    """A lock and an environment."""
    LOCKS = "locks"
    """A lock and another lock."""
    SPEC = "spec"
    """A lock and a spec."""
    PACK = "pack"
    """A pack and its own manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """An environment compared with a lock and with its own records."""

    environment: str
    prefix: str
    lock: str
    """The lock file; empty when files alone were compared."""
    format: str
    packages: LockComparison | None
    """Against the lock; None without one."""
    files: PrefixVerification
    judgement: Judgement = NOTHING_FOUND
    """The same differences as `packages` and those of files beside the lock, for showing."""
    looked_at_files: bool = True
    """Whether `files` says anything."""

    @property
    def kind(self) -> VerifyKind:
        """What was held against what."""
        return VerifyKind.ENVIRONMENT if self.lock else VerifyKind.FILES

    @property
    def is_fine(self) -> bool:
        """Whether nothing differs."""
        packages = self.packages is None or self.packages.is_same
        return self.files.is_fine and packages and self.judgement.is_same

    @property
    def verdict(self) -> str:
        """The outcome in one line."""
        outcome = "as locked" if self.lock else "as installed"
        if not self.is_fine:
            outcome = "NOT as it should be"
        if not self.looked_at_files:
            return f"{self.environment}: {outcome}; files were not looked at"
        return (
            f"{self.environment}: {outcome}; {self.files.checked_files} files of"
            f" {self.files.conda_packages} conda and {self.files.pip_packages} pip packages checked"
        )

    def describe_files(self) -> tuple[str, ...]:
        """Say in lines what is wrong with files."""
        lines = [f"- missing {each.path} ({each.package})" for each in self.files.missing]
        lines += [f"~ changed {f.path} ({f.package}): {f.why}" for f in self.files.changed]
        lines += [f"~ damaged {each.path}: {each.why}" for each in self.files.damaged_records]
        return (*lines, *(f"+ extra {path}" for path in self.files.extra))

    def describe(self) -> tuple[str, ...]:
        """Say it in lines, the verdict last."""
        return (*say_judgement(self.judgement), *self.describe_files(), self.verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockReport:
    """A lock held against another lock or a spec, with no environment in it."""

    kind: VerifyKind
    lock: str
    """As shown in messages."""
    format: str
    other: str
    """The other lock, or the spec."""
    other_format: str
    """Empty for a spec."""
    platforms: tuple[str, ...]
    """Those that were compared; empty when the lock names none."""
    judgement: Judgement

    @property
    def is_fine(self) -> bool:
        """Whether nothing differs."""
        return self.judgement.is_same

    @property
    def verdict(self) -> str:
        """The outcome in one line."""
        on = f" on {', '.join(self.platforms)}" if self.platforms else ""
        if not self.is_fine:
            says = "does NOT satisfy" if self.kind is VerifyKind.SPEC else "is NOT the same as"
            return f"{self.lock} {says} {self.other}: {count_findings(self.judgement.findings)}"
        says = "satisfies" if self.kind is VerifyKind.SPEC else "is the same as"
        rest = ", as far as it was compared" if self.judgement.not_compared else ""
        return f"{self.lock} {says} {self.other}{on}{rest}"

    def describe(self) -> tuple[str, ...]:
        """Say it in lines, the verdict last."""
        return (*say_judgement(self.judgement), self.verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackReport:
    """A pack whose files are all what its manifest says; another one is refused instead."""

    pack: str
    """As shown in messages."""
    name: str
    """Of the environment in it."""
    platform: str
    files: int
    """Of these: each was read and its sha256 is right."""
    size_bytes: int
    """Of all files together."""
    conda_packages: int
    pip_packages: int
    kind: VerifyKind = VerifyKind.PACK
    judgement: Judgement = NOTHING_FOUND
    is_fine: bool = True

    @property
    def verdict(self) -> str:
        """The outcome in one line."""
        pip = f" and {count_of(self.pip_packages, 'pip package')}" if self.pip_packages else ""
        return (
            f"{self.pack} is whole: {count_of(self.files, 'file')} checked,"
            f" {count_of(self.conda_packages, 'conda package')}{pip} for {self.platform}"
        )

    def describe(self) -> tuple[str, ...]:
        """Say it in lines, the verdict last."""
        return (self.verdict,)
