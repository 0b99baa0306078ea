"""Will a job outlive the logout? On some boxes the system ends everything a user left behind.

Source: logind.conf(5) (KillUserProcesses, KillOnlyUsers, KillExcludeUsers), loginctl(1).
"""

import os
import pwd
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from envbench.jobs.child import run_child
from envbench.model.errors import PreventedError

_SYSTEM = Path("/run/systemd/system")
_CONFIGS = ("/usr/lib/systemd/logind.conf", "/etc/systemd/logind.conf")
_DROP_INS = (
    "/usr/lib/systemd/logind.conf.d",
    "/run/systemd/logind.conf.d",
    "/etc/systemd/logind.conf.d",
)
_TIMEOUT_S = 2.0
_TRUE = frozenset({"yes", "true", "1", "on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRule:
    """What logind does to the processes of a session that ends."""

    kills: bool | None = None
    """None when nothing says so; then the default of the distribution holds."""
    only: frozenset[str] = frozenset()
    """If there are any, only these users are concerned."""
    excluded: frozenset[str] = frozenset({"root"})

    def concerns(self, user: str) -> bool:
        """Tell whether a user's processes end with the session."""
        return bool(self.kills) and user not in self.excluded and user in (self.only or {user})


def parse_logout_rule(texts: Iterable[str]) -> LogoutRule:
    """Read the rule out of logind's configuration, or out of what loginctl shows.

    Args:
        texts: `Key=value` lines; later texts win over earlier ones.
    """
    values: dict[str, str] = {}
    for text in texts:
        for line in text.splitlines():
            key, mark, value = line.strip().partition("=")
            if mark and not key.startswith(("#", ";")):
                values[key.strip()] = value.strip()
    kills = values.get("KillUserProcesses")
    return LogoutRule(
        kills=None if kills is None else kills.lower() in _TRUE,
        only=frozenset(values.get("KillOnlyUsers", "").split()),
        excluded=frozenset(values.get("KillExcludeUsers", "root").split()),
    )


def warn_about_logout(
    environ: Mapping[str, str] | None = None, *, root: Path = Path("/")
) -> str | None:
    """Warn when jobs will be ended at the logout; None when nothing speaks for it.

    Args:
        environ: The caller's environment; without `XDG_SESSION_ID` there is no login session.
        root: Where the system's files lie.
    """
    environ = os.environ if environ is None else environ
    allocation = environ.get("SLURM_JOB_ID")
    if allocation:
        return (
            f"this shell is inside the Slurm allocation {allocation}: "
            "jobs end together with it, whatever they are doing"
        )
    if not environ.get("XDG_SESSION_ID") or not (root / _SYSTEM.relative_to("/")).is_dir():
        return None
    user = _name_user()
    if not parse_logout_rule(_read_rule_texts(environ, root)).concerns(user):
        return None
    return (
        "this system ends all processes of a user at logout (KillUserProcesses=yes), jobs too: "
        "start envbench with `systemd-run --user --scope envbench`, "
        f"after `loginctl enable-linger {user}`"
    )


def _read_rule_texts(environ: Mapping[str, str], root: Path) -> list[str]:
    names = [root / name.lstrip("/") for name in _CONFIGS]
    drop_ins = [p for d in _DROP_INS for p in (root / d.lstrip("/")).glob("*.conf")]
    texts = [_read(path) for path in [*names, *sorted(drop_ins, key=lambda path: path.name)]]
    return [*texts, _ask_logind(environ)]


def _ask_logind(environ: Mapping[str, str]) -> str:
    """Ask the running logind, which knows best; without an answer the files have to do."""
    program = shutil.which("loginctl", path=environ.get("PATH", os.defpath))
    if program is None:
        return ""
    names = ("KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers")
    argv = [program, "show-session", *(f"--property={name}" for name in names)]
    try:
        outcome = run_child(argv, env=environ, cwd=Path("/"), timeout_s=_TIMEOUT_S)
    except PreventedError:
        return ""
    return "\n".join(outcome.stdout_tail) if outcome.returncode == 0 else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _name_user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
