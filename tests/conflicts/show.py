"""Print a case as its user sees it: `python -m tests.conflicts.show NAME`.

First the file, with the numbers of its lines, then what envbench says of it. Without a name: all
names. For readers who have not seen the case.
"""

import sys
import tempfile
from pathlib import Path

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import Conflict
from envbench.model.conflict_words import describe_conflict
from tests.conflicts.case import Case
from tests.conflicts.cases import BY_NAME
from tests.conflicts.conftest import unpack_metadata

FILE = "environment.yml"


def tell(case: Case, conflict: Conflict) -> tuple[str, ...]:
    """Give the explanation as it is printed."""
    return describe_conflict(conflict, FILE, asked=len(case.lines) + len(case.pip_lines))


def show_box(case: Case) -> str:
    box = [case.platform, f"glibc {case.glibc}" if case.glibc else "no glibc"]
    box.append(f"driver for CUDA {case.cuda}" if case.cuda else "no GPU driver")
    box.append(case.archspec or "unknown microarchitecture")
    return f"{', '.join(box)}; {case.priority} channel priority"


def _show(case: Case, channels: Path, solver: SolverProcess) -> None:
    outcome = solver.solve(case.request(channels))
    print(f"== {case.name} ==\nThe box: {show_box(case)}\n{FILE}:")
    for number, line in enumerate(case.text.splitlines(), start=1):
        print(f"{number:4}  {line}")
    print("\nThe explanation:")
    if isinstance(outcome, Conflict):
        print("\n".join(tell(case, outcome)))
    else:
        print("(there is a solution)")


def main(names: list[str]) -> int:
    if not names or set(names) - set(BY_NAME):
        print("\n".join(BY_NAME))
        return 2
    with tempfile.TemporaryDirectory(prefix="channels-") as folder:
        root = Path(folder)
        unpack_metadata(root)
        settings = EngineSettings(pkgs_dir=str(root / "pkgs"), repodata_dir=str(root / "index"))
        with SolverProcess(settings) as solver:
            for name in names:
                _show(BY_NAME[name], root, solver)
                print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
