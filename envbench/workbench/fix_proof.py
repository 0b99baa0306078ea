"""Proving a fix: written into the user's text, read again, solved on the whole index, pip tried."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from envbench.engine.backends.rattler.sizes import measure_plan
from envbench.engine.pip_section import PipPlanRequest, plan_pip_section
from envbench.engine.pip_section.errors import PipNoSolutionError
from envbench.engine.repair.proof import Proof
from envbench.engine.solver.client import SolverProcess
from envbench.formats.environment_yml import check_text
from envbench.formats.spec_moves import apply_moves, diff_rows
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError, PreventedError, UsageError
from envbench.model.host import HostProfile
from envbench.model.plan import Plan
from envbench.model.problem import Edit
from envbench.model.repair import Move, MoveKind
from envbench.model.spec import EnvironmentSpec, SpecText
from envbench.settings.load import Settings
from envbench.workbench.pip_tasks import make_pip_task, python_version_of
from envbench.workbench.requests import make_solve_request
from envbench.workbench.specs import describe_context
from envbench.workbench.values.fixing import FixOrder

_NOT_TRIED = "not tried: "


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
        owned_names: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare.

        Args:
            source: The user's text.
            order: What was asked for.
            settings: The user's settings.
            host: The box to solve for.
            solver: A solver that is kept.
            owned_names: conda package to the Python distribution that it brings, where known.
        """
        self._source = source
        self._order = order
        self._settings = settings
        self._host = host
        self._solver = solver
        self._owned_names = owned_names or {}
        self._pip_prevented = ""
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
            return Proof(refusal="no solution on the whole index")
        pip, versions, refusal = self._try_pip(changed.spec, outcome, timeout_s)
        edit = changed.edit
        return Proof(
            plan=outcome,
            refusal=refusal,
            is_pip_refusal=bool(refusal),
            pip=pip,
            pip_versions=versions,
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

    # -- pip -------------------------------------------------------------------------------------

    def _try_pip(
        self, spec: EnvironmentSpec, plan: Plan, timeout_s: float
    ) -> tuple[str, Mapping[str, str], str]:
        """Try the pip part; gives what is said of it, its versions, and why it has no solution."""
        python = python_version_of(plan)
        said = self._pip_prevented if self._order.with_pip else f"{_NOT_TRIED}left out as asked"
        if not spec.pip or said:
            return said if spec.pip else "", {}, ""
        if not python:
            return "", {}, "the pip section needs a python among the packages"
        settings = self._settings
        if self._order.offline:
            settings = replace(settings, network=replace(settings.network, offline=True))
        task = make_pip_task(
            spec,
            plan,
            settings,
            timeout_s=timeout_s,
            owned_names=self._owned_names,
            exclude_newer=self._order.exclude_newer,
        )
        request = PipPlanRequest(
            task=task,
            python_version=python,
            platform=plan.platform,
            glibc=self._host.glibc,
        )
        try:
            found = plan_pip_section(request)
        except PipNoSolutionError as refused:
            return "", {}, f"pip: {refused.what}"
        except PreventedError as fault:
            # What keeps it from being tried once keeps it from being tried again.
            self._pip_prevented = f"{_NOT_TRIED}{fault.what}"
            return self._pip_prevented, {}, ""
        return "resolved", {p.name: p.version for p in found.packages}, ""


def _join(what: str, fault: EnvbenchError) -> str:
    return ": ".join(part for part in (what, fault.what, fault.why) if part)
