"""`envbench demo`."""

import os
import sys
from pathlib import Path

import click

from envbench.cli.output import Painted, json_option, print_document, say
from envbench.cli.session import OpenScreen, current_settings
from envbench.model.errors import PreventedError


@click.command()
@click.option(
    "--headless", is_flag=True, help="Without the screen, from end to end; so it is in a pipe."
)
@click.option(
    "--directory", type=click.Path(path_type=Path), help="Where channel, specs and locks go."
)
@json_option
@click.pass_obj
def demo(screen: OpenScreen | None, headless: bool, directory: Path | None, as_json: bool) -> int:
    """Do the whole main job for real, with nothing but this Python and without any network.

    In a terminal the screen opens on three specs to try, with a guided walk. With --headless, and
    where there is no terminal, a channel is made out of the Python that runs envbench; a spec is
    checked, solved, built into a prefix by a detached job, run, probed, locked, and the lock is
    verified.
    """
    if screen is not None and not (headless or as_json) and _has_terminal():
        return screen(str(_make_folder(directory)))
    return _run_headless(directory, as_json=as_json)


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _make_folder(directory: Path | None) -> Path:
    """Make the folder that the screen opens on; what goes into it is made under its eyes."""
    from envbench.workbench.demo_folder import choose_folder

    folder = choose_folder(directory, current_settings())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise PreventedError("the demo has no place", where=str(folder), why=why) from fault
    return folder


def _run_headless(directory: Path | None, *, as_json: bool) -> int:
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
