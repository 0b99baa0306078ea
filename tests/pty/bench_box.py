"""A user's box for tests of the whole screen: a private home, a folder, the screen and the shell."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.pty.terminal import Terminal, make_environment

PATIENCE_S = 60.0
_ENVIRON = {"ENVBENCH_BUILD_PRIORITY": "normal", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass
class BenchBox:
    """Somebody's box: everything lies below one folder."""

    home: Path
    environ: dict[str, str] = field(default_factory=lambda: dict(_ENVIRON))

    @property
    def folder(self) -> Path:
        """The project the screen is opened on."""
        return self.home / "project"

    @property
    def envs(self) -> Path:
        """Where environments go."""
        return self.home / "envs"

    @property
    def jobs(self) -> Path:
        """Where jobs lie."""
        return self.home / "state" / "jobs"

    def open(self, *words: str | Path, columns: int = 120, rows: int = 40) -> Terminal:
        """Open the screen in a terminal of its own; on the project when nothing is said."""
        self.folder.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "envbench", *(words or (self.folder,))]
        return Terminal(
            argv,
            home=self.home,
            environ=self.environ,
            cwd=self.folder,
            columns=columns,
            rows=rows,
        )

    def run(self, *words: str | Path, code: int | None = 0) -> str:
        """Run a command as in the shell.

        Args:
            words: Behind `envbench`.
            code: The exit code that must come; None takes any.

        Returns:
            What it printed.
        """
        done = subprocess.run(
            [sys.executable, "-m", "envbench", *map(str, words)],
            env=self.variables(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        said = f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert code is None or done.returncode == code, said
        return done.stdout

    def ask(self, *words: str | Path) -> dict[str, Any]:
        """Run a command with `--json`; return its document."""
        document: dict[str, Any] = json.loads(self.run(*words, "--json"))
        return document

    def list_jobs(self, kind: str = "") -> list[dict[str, Any]]:
        """List the jobs as the shell does, the newest first."""
        jobs = self.ask("jobs")["jobs"]
        return [job for job in jobs if kind in {"", job["kind"]}]

    def variables(self) -> Mapping[str, str]:
        """Give the environment variables that its processes have."""
        return make_environment(self.home, self.environ)
