"""What differs between two generations of an environment, as rows to show."""

from collections.abc import Iterator
from dataclasses import replace

from envbench.model.cleaning import clean
from envbench.model.lock_difference import PipChange, VariableChange
from envbench.model.plan import ChangeKind, PackageChange, PackageRecord
from envbench.model.redaction import redact
from envbench.settings.load import Settings
from envbench.workbench.environments import compare_environments
from envbench.workbench.values.generation_comparison import DifferenceRow as DifferenceRow
from envbench.workbench.values.generation_comparison import (
    GenerationComparison as GenerationComparison,
)


def compare_generations(name: str, a: int, b: int, settings: Settings) -> GenerationComparison:
    """Say what would have to change in generation A to make it like generation B.

    Raises:
        UsageError: One of them does not exist.
        NotFineError: Records of one are damaged.
    """
    found = compare_environments(f"{name}@{a}", f"{name}@{b}", settings).difference
    rows = [_row_of(change) for change in found.conda]
    rows += [_pip_row(change) for change in found.pip]
    rows += [_variable_row(change) for change in found.variables]
    if found.channels:
        old, new = (", ".join(names) for names in found.channels)
        rows.append(_other_row("channels", "channels", old, new))
    if found.platform:
        rows.append(_other_row("platform", "platform", *found.platform))
    return GenerationComparison(environment=name, a=a, b=b, rows=tuple(rows))


def _row_of(change: PackageChange) -> DifferenceRow:
    return DifferenceRow(
        part="conda",
        kind=change.kind,
        name=change.name,
        old=" ".join(_say(change.old, change.kind)),
        new=" ".join(_say(change.new, change.kind)),
    )


def _say(record: PackageRecord | None, kind: ChangeKind) -> Iterator[str]:
    """Say as much of a package as tells the two sides apart."""
    if record is None:
        return
    yield record.version
    if kind in (ChangeKind.REBUILD, ChangeKind.RECHANNEL):
        yield record.build
    if kind is ChangeKind.RECHANNEL:
        yield f"from {record.channel or 'an unknown channel'}"


def _pip_row(change: PipChange) -> DifferenceRow:
    is_source = change.kind is ChangeKind.REBUILD
    old, new = (
        "" if each is None
        else f"{each.version} from {each.direct_url or 'an index'}" if is_source
        else each.version
        for each in (change.old, change.new)
    )  # fmt: skip
    return DifferenceRow(part="pip", kind=change.kind, name=change.name, old=old, new=new)


def _variable_row(change: VariableChange) -> DifferenceRow:
    row = _other_row("variable", change.name, change.old or "", change.new or "")
    if change.old is None:
        return replace(row, kind=ChangeKind.ADD)
    return replace(row, kind=ChangeKind.REMOVE) if change.new is None else row


def _other_row(part: str, name: str, old: str, new: str) -> DifferenceRow:
    return DifferenceRow(
        part=part,
        kind=ChangeKind.REBUILD,
        name=name,
        old=redact(clean(old)),
        new=redact(clean(new)),
    )
