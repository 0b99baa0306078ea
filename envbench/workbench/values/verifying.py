"""An environment compared with its records."""

from dataclasses import dataclass

from envbench.envs.verification import PrefixVerification
from envbench.model.lock_comparison import LockComparison


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

    @property
    def is_fine(self) -> bool:
        """Whether nothing differs."""
        return self.files.is_fine and (self.packages is None or self.packages.is_same)

    def describe(self) -> tuple[str, ...]:
        """Say it in lines, the verdict last."""
        lines = []
        for drift in self.packages.drifts if self.packages else ():
            place = f"{self.lock}:{drift.line}: " if drift.line else ""
            pair = f"locked {drift.locked or 'nothing'}, installed {drift.installed or 'nothing'}"
            lines.append(f"{place}{drift.kind.value} {drift.manager} {drift.name}: {pair}")
        lines += [f"missing {each.path} ({each.package})" for each in self.files.missing]
        lines += [f"changed {f.path} ({f.package}): {f.why}" for f in self.files.changed]
        lines += [f"extra {path}" for path in self.files.extra]
        lines += [f"damaged {each.path}: {each.why}" for each in self.files.damaged_records]
        lines += [
            f"not compared: {what}" for what in (self.packages.unchecked if self.packages else ())
        ]
        verdict = "as locked" if self.packages and self.is_fine else "as installed"
        if not self.is_fine:
            verdict = "NOT as it should be"
        lines.append(
            f"{self.environment}: {verdict}; {self.files.checked_files} files of"
            f" {self.files.conda_packages} conda and {self.files.pip_packages} pip packages checked"
        )
        return tuple(lines)
