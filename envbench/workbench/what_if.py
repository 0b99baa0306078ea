"""The same spec under other conditions, side by side."""

import datetime
import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from envbench.engine.backends.rattler.sizes import measure_plan
from envbench.engine.solver.client import SolverProcess
from envbench.formats.diff_rows import diff_rows
from envbench.formats.environment_yml import check_text
from envbench.formats.spec_edits import add_dependency, set_pin
from envbench.model.build_flavour import Flavour, read_flavour
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError, NotFineError, UsageError
from envbench.model.plan import PackageRecord, Plan
from envbench.model.problem import Edit
from envbench.model.spec import EnvironmentSpec
from envbench.model.what_if import Condition, Variant, WhatIfReport
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec, ask_for, open_spec, solver_for
from envbench.workbench.requests import choose_host
from envbench.workbench.specs import describe_context
from envbench.workbench.values.what_if import WhatIfOrder as WhatIfOrder
from envbench.workbench.values.why import SpecConditions
from envbench.workbench.what_if_columns import MOST_COLUMNS, Column, choose_columns
from envbench.workbench.what_if_pip import PipColumn, resolve_column

_UNTRIED = "not tried: time was up"


def stream_what_if(
    order: WhatIfOrder, settings: Settings, solver: SolverProcess | None = None
) -> Iterator[WhatIfReport]:
    """Solve a spec as it is and under each condition, column by column.

    Args:
        order: The spec, and the conditions.
        settings: The user's settings.
        solver: A process that is kept between solves; one for this table alone when None.

    Yields:
        The table, each time with more in it; the last one is whole.

    Raises:
        NotFineError: The spec has errors.
        UsageError: A file cannot be read, or there are too many columns.
        PreventedError: A channel or this box keeps the spec, as it is, from being solved.
    """
    if len(order.columns) > MOST_COLUMNS:
        raise UsageError(f"at most {MOST_COLUMNS} columns can stand side by side")
    for condition, value in order.columns:
        if condition is Condition.HOST and not value.startswith("__"):
            choose_host(Path(value))  # a file that cannot be read is no column
    asked = open_spec(order.conditions, settings)
    with solver_for(order.conditions, settings, solver) as ready:
        yield from _Table(order, settings, asked, ready).fill()


@dataclass(slots=True)
class _Table:
    order: WhatIfOrder
    settings: Settings
    asked: AskedSpec
    solver: SolverProcess
    began: float = field(default_factory=time.monotonic)
    ends: float = 0.0
    plan: Plan | None = None
    """Of the spec as it is."""
    unreachable: str = ""
    """Why no pip section can be resolved here; then no further one is tried."""

    def fill(self) -> Iterator[WhatIfReport]:
        report = WhatIfReport(path=self.asked.checked.path, sha256=self.asked.checked.sha256)
        report = replace(report, names=self._name_rows(), trying="as it is")
        yield report
        first = self._solve(Variant(condition=Condition.AS_IT_IS, value=""), self.asked)
        self.ends = time.monotonic() + self.order.conditions.budget_s
        waiting = [Variant(condition=c, value=v) for c, v in self._choose()]
        done = [first]
        while waiting:
            variant = waiting.pop(0)
            yield self._tell(report, (*done, variant, *waiting), trying=variant.title)
            done.append(self._try(variant))
        yield replace(self._tell(report, tuple(done)), is_over=True)

    def _tell(
        self, report: WhatIfReport, variants: tuple[Variant, ...], trying: str = ""
    ) -> WhatIfReport:
        seconds = time.monotonic() - self.began
        return replace(report, variants=variants, trying=trying, seconds=seconds)

    def _name_rows(self) -> tuple[str, ...]:
        lines = (*self.asked.conda_lines, *self.asked.pip_lines)
        names = [line.name for line in lines if line.name]
        return tuple(dict.fromkeys(names if "python" in names else ["python", *names]))

    def _choose(self) -> tuple[Column, ...]:
        columns = list(self.order.columns)
        if not columns or self.order.takes_near:
            python = _version_in(self.plan, "python")
            today = datetime.datetime.now(datetime.UTC).date()
            columns += choose_columns(self.asked.request, python, self.solver, today)
        return tuple(dict.fromkeys(columns))

    def _try(self, variant: Variant) -> Variant:
        """Solve one column; what keeps it from being solved is told in it."""
        if time.monotonic() >= self.ends:
            return replace(variant, refusal=_UNTRIED)
        try:
            changed, told = self._change(variant)
        except EnvbenchError as fault:
            return replace(variant, refusal=f"not tried: {fault.what}")
        try:
            return self._solve(told, changed)
        except EnvbenchError as fault:
            return replace(told, refusal=f"not solved: {fault.what}")

    def _change(self, variant: Variant) -> tuple[AskedSpec, Variant]:
        """Put a condition in the place of what is: in the text, or beside it."""
        conditions = self.order.conditions
        match variant.condition:
            case Condition.PYTHON:
                return self._change_python(variant)
            case Condition.PRIORITY:
                conditions = replace(conditions, priority=ChannelPriority(variant.value))
                command = f"--priority {variant.value}"
            case Condition.DATE:
                conditions = replace(conditions, exclude_newer=variant.value)
                command = f"--exclude-newer {variant.value}"
            case _ if variant.value.startswith("__"):
                virtual = (*conditions.virtual, variant.value)
                conditions = replace(conditions, virtual=virtual)
                command = f"--virtual {variant.value}"
            case _:
                conditions = replace(conditions, host_file=Path(variant.value), virtual=())
                command = f"--host {shlex.quote(variant.value)}"
        return self._ask(self.asked.spec, conditions), replace(variant, command=command)

    def _change_python(self, variant: Variant) -> tuple[AskedSpec, Variant]:
        source = self.asked.spec.source
        edit = _set_python(self.asked.spec, variant.value)
        text = edit.apply(source.text)
        context = describe_context(self.settings, self.asked.host.platform)
        parsed = check_text(source.with_text(text), context)
        if parsed.spec is None or parsed.errors:
            raise NotFineError(parsed.errors[0].message if parsed.errors else "it is no spec then")
        told = replace(variant, edit=edit, diff=diff_rows(source.text, text))
        return self._ask(parsed.spec, self.order.conditions), told

    def _ask(self, spec: EnvironmentSpec, conditions: SpecConditions) -> AskedSpec:
        host = choose_host(conditions.host_file, conditions.virtual)
        return ask_for(self.asked.checked, spec, host, conditions, self.settings)

    def _solve(self, variant: Variant, asked: AskedSpec) -> Variant:
        limit_s = max(0.1, self.ends - time.monotonic()) if self.ends else None
        started = time.monotonic()
        outcome = self.solver.solve(asked.request, timeout_s=limit_s)
        told = replace(variant, solve_s=time.monotonic() - started)
        if isinstance(outcome, Conflict):
            return replace(told, is_solvable=False, refusal=_say_conflict(outcome))
        if variant.condition is Condition.AS_IT_IS:
            self.plan = outcome
        return self._add_pip(self._describe(told, asked, outcome), asked, outcome)

    def _describe(self, variant: Variant, asked: AskedSpec, plan: Plan) -> Variant:
        records = {record.name: record for record in plan.packages}
        rows = {"python", *(line.name for line in asked.conda_lines)} & records.keys()
        sizes = measure_plan(plan.packages, self.settings.paths.pkgs_dir)
        return replace(
            variant,
            is_solvable=True,
            versions={name: records[name].version for name in sorted(rows)},
            builds={name: records[name].build for name in sorted(rows)},
            lost_gpu=tuple(n for n in sorted(rows) if self._has_lost_gpu(records[n], plan)),
            packages=len(plan.packages),
            note=_note_dates(plan) if asked.request.exclude_newer else "",
            download_bytes=None if sizes.downloads_of_unknown_size else sizes.download_bytes,
        )

    def _has_lost_gpu(self, record: PackageRecord, plan: Plan) -> bool:
        if read_flavour(record) is not Flavour.CPU:
            return False
        before = next(
            (r for r in (self.plan.packages if self.plan else ()) if r.name == record.name), None
        )
        was_gpu = before is not None and read_flavour(before) is Flavour.GPU
        return was_gpu or plan.host.cuda is not None

    def _add_pip(self, variant: Variant, asked: AskedSpec, plan: Plan) -> Variant:
        if not asked.spec.pip:
            return variant
        column = self._resolve_pip(variant, asked, plan)
        versions = dict(variant.versions or {})
        versions |= {
            line.name: column.versions[line.name]
            for line in asked.pip_lines
            if line.name in column.versions
        }
        told = replace(variant, versions=versions, pip=column.said)
        if not column.is_refused:
            return told
        return replace(told, is_solvable=False, refusal=f"pip section: {column.said}")

    def _resolve_pip(self, variant: Variant, asked: AskedSpec, plan: Plan) -> PipColumn:
        if not self.order.is_pip_asked:
            return PipColumn(said="not tried: it was not asked for")
        if self.unreachable:
            return PipColumn(said=self.unreachable)
        column = resolve_column(
            asked.spec,
            plan,
            self.settings,
            ends=self.ends or None,
            exclude_newer=asked.request.exclude_newer,
        )
        if column.is_prevented and variant.condition is Condition.AS_IT_IS:
            self.unreachable = column.said
        return column


def _set_python(spec: EnvironmentSpec, version: str) -> Edit:
    listed = [item for item in spec.dependencies if item.match and item.match.name == "python"]
    if not listed:
        return add_dependency(spec.source, f"python={version}")
    return set_pin(spec.source, "python", f"={version}", line=listed[0].span.line)


def _version_in(plan: Plan | None, name: str) -> str:
    packages = plan.packages if plan is not None else ()
    return next((record.version for record in packages if record.name == name), "")


def _say_conflict(conflict: Conflict) -> str:
    if len(conflict.cores) == 1 and conflict.cores[0].explanation:
        return conflict.cores[0].explanation[0]
    return conflict.summary


def _note_dates(plan: Plan) -> str:
    undated = sum(record.timestamp_ms is None for record in plan.packages)
    if not undated:
        return ""
    return f"{undated} of {len(plan.packages)} packages bear no date: they may be younger"
