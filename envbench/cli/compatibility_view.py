"""A compatibility report as a table."""

from typing import TYPE_CHECKING

from envbench.cli.output import say
from envbench.cli.table import print_table
from envbench.model.compatibility.same_devices import merge_devices

if TYPE_CHECKING:
    from envbench.model.compatibility_report import CompatibilityReport


def show_compatibility(report: "CompatibilityReport") -> None:
    """Print a row for each framework and device, and what is not in it."""
    rows = [
        (
            row.framework,
            row.version,
            row.build,
            row.device,
            row.verdict.value,
            row.reason or row.proof,
        )
        for row in merge_devices(report.rows)
    ]
    if rows:
        print_table(
            ("framework", "version", "build", "device", "verdict", "why"),
            rows,
            whole=("framework", "version", "verdict"),
        )
    else:
        say(f"{report.environment}: none of the known frameworks is in it", err=True)
    for note in report.notes:
        say(f"note: {note}", err=True)
