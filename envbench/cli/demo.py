"""`envbench demo`."""

from pathlib import Path

import click

from envbench.cli.output import Painted, json_option, print_document, say
from envbench.cli.session import current_settings


@click.command()
@click.option("--headless", is_flag=True, help="Without the screen; the only way for now.")
@click.option(
    "--directory", type=click.Path(path_type=Path), help="Where channel, spec and lock go."
)
@json_option
def demo(headless: bool, directory: Path | None, as_json: bool) -> int:  # noqa: ARG001 - see its help
    """Do the whole main job for real, with nothing but this Python and without any network.

    A channel is made out of the Python that runs envbench; a spec is checked, solved, built into a
    prefix by a detached job, run, probed, locked, and the lock is verified.
    """
    from envbench.workbench.demo import DemoStage, run_demo

    def show(stage: DemoStage) -> None:
        if as_json:
            return
        mark = Painted("ok  ", "green") if stage.ok else Painted("FAIL", "red")
        say(mark, f" {stage.name:<8} {stage.duration_s:6.2f} s  {_summarise(stage.evidence)}")

    report = run_demo(current_settings(), directory, show)
    if as_json:
        print_document("demo", report)
    elif report.ok:
        say(f"\nThe environment is yours to try:  envbench run {report.environment} -- python")
        say(f"Channel, spec and locks are in    {report.directory}")
        say(f"To take it away again:            envbench remove {report.environment}")
    else:
        say(f"\nerror: {report.reason}", err=True)
    return report.code


def _summarise(evidence: dict[str, object]) -> str:
    parts = []
    for key, value in evidence.items():
        if isinstance(value, list):
            parts.append(f"{key}: {len(value)}")
        elif isinstance(value, dict):
            parts.append(f"{key}: {value.get('status') or value.get('file') or ''}")
        else:
            parts.append(f"{key}: {value}")
    return ", ".join(parts)
