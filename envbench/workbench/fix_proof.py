"""Proving a fix: written into the user's text, read again, solved on the whole index, pip tried."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from envbench.engine.backends.rattler.sizes import measure_plan
from envbench.engine.repair.proof import Proof
from envbench.engine.solver.client import SolverProcess
from envbench.formats.environment_yml import check_text
from envbench.formats.spec_moves import apply_moves, diff_rows
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError, UsageError
from envbench.model.host import HostProfile
from envbench.model.problem import Edit
from envbench.model.repair import Move, MoveKind
from envbench.model.spec import EnvironmentSpec, SpecText
from envbench.settings.load import Settings
from envbench.workbench.fix_pip import FixPip
from envbench.workbench.requests import make_solve_request
from envbench.workbench.specs import describe_context
from envbench.workbench.values.fixing import FixOrder


@dataclass(frozen=True, slots=True)
class _Changed:
    """The spec that a fix makes, and how it is to be solved."""

    spec: EnvironmentSpec
    host: HostProfile
    priority: ChannelPriority | None
    edit: Edit | None
    text: str
    command: str


class FixProver:
    """Proves the fixes of one spec; see `engine.repair.proof.Prover`."""

    def __init__(
        self,
        source: SpecText,
        order: FixOrder,
        settings: Settings,
        host: HostProfile,
        solver: SolverProcess,
        pip: FixPip,
    ) -> None:
        """Prepare.

        Args:
            source: The user's text.
            order: What was asked for.
            settings: The user's settings.
            host: The box to solve for.
            solver: A solver that is kept.
            pip: Tries the pip section.
        """
        self._source = source
        self._order = order
        self._settings = settings
        self._host = host
        self._solver = solver
        self._pip = pip
        self.solves = 0

    def __call__(self, moves: Sequence[Move], timeout_s: float) -> Proof:
        """Prove one fix."""
        began = time.perf_counter()
        try:
            changed = self._change(moves)
            request = make_solve_request(
                changed.spec,
                self._settings,
                changed.host,
                priority=changed.priority,
                offline=self._order.offline,
                exclude_newer=self._order.exclude_newer,
                timeout_s=timeout_s,
            )
        except UsageError as fault:
            return Proof(refusal=_join("the text cannot be changed so", fault))
        self.solves += 1
        outcome = self._solver.solve(request, explain=False)
        if isinstance(outcome, Conflict):
            return Proof(refusal="no solution on the whole index", is_unsolvable=True)
        pip = self._pip.resolve([item.text for item in changed.spec.pip], outcome)
        edit = changed.edit
        return Proof(
            plan=outcome,
            refusal=pip.refusal,
            is_pip_refusal=bool(pip.refusal),
            pip_talk=pip.talk,
            pip=pip.said,
            pip_versions=pip.versions,
            download_bytes=measure_plan(
                outcome.packages, self._settings.paths.pkgs_dir
            ).download_bytes,
            edit=edit,
            diff=diff_rows(self._source.text, changed.text) if edit is not None else (),
            command=changed.command,
            solve_s=time.perf_counter() - began,
        )

    def _change(self, moves: Sequence[Move]) -> _Changed:
        edit = apply_moves(self._source, moves)
        text = edit.apply(self._source.text)
        parsed = check_text(
            self._source.with_text(text), describe_context(self._settings, self._host.platform)
        )
        errors = [problem for problem in parsed.problems if problem.is_error]
        if parsed.spec is None or errors:
            raise UsageError(errors[0].message if errors else "the text would be no spec")
        host, priority, commands = self._host, self._order.priority, []
        for move in moves:
            if move.kind is MoveKind.PRIORITY:
                priority = ChannelPriority(move.new)
                commands.append(f"--priority {move.new}")
            elif move.kind is MoveKind.HOST:
                name, _, version = move.new.removeprefix("__").partition("=")
                field: dict[str, Any] = {name: version}
                host = replace(host, **field)
                commands.append(f"--virtual {move.new}")
        return _Changed(
            parsed.spec,
            host,
            priority,
            edit if edit.replacements else None,
            text,
            " ".join(commands),
        )


def _join(what: str, fault: EnvbenchError) -> str:
    return ": ".join(part for part in (what, fault.what, fault.why) if part)
