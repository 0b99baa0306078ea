"""`envbench pack`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from envbench.cli.building import tell_job_failure
from envbench.cli.following import follow_job
from envbench.cli.output import format_bytes, json_option, print_document, say
from envbench.cli.session import current_settings
from envbench.model.counting import count_of
from envbench.model.errors import ExitCode
from envbench.model.job import JobState

if TYPE_CHECKING:
    from envbench.workbench.packs.making import PackOrder


@click.command()
@click.argument("subject", metavar="ENV|SPEC|LOCK")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE.tar",
    help="The file to write, or its folder; else NAME-PLATFORM.tar here.",
)  # fmt: skip
@click.option("--platform", metavar="P", help="Such as linux-64; else this box's.")
@click.option("--offline", is_flag=True, help="Take archives from local channels only.")
@click.option("--detach", is_flag=True, help="Leave the job in the background.")
@json_option
def pack(
    subject: str,
    output: Path | None,
    platform: str | None,
    offline: bool,
    detach: bool,
    as_json: bool,
) -> int:
    """Pack ENV, SPEC or LOCK with all its archives into one tar, for boxes without a network.

    The tar holds the packages as a local channel, the pip part, locks for other tools, and
    install.sh, which needs only envbench or micromamba. The same environment always gives the
    same bytes. The work is a detached job: it survives this terminal. Ctrl-C cancels it.
    """
    from envbench.workbench.packs.making import PackOrder

    order = PackOrder(subject=subject, output=output, platform=platform, offline=offline)
    return run_pack(order, detach=detach, as_json=as_json)


def run_pack(order: "PackOrder", *, detach: bool = False, as_json: bool) -> int:
    """Hand a pack to a job, follow it, and tell what came of it; gives the exit code."""
    from envbench.workbench.packs.making import read_pack_result, submit_pack

    submitted = submit_pack(order, current_settings())
    for warning in submitted.warnings:
        say(f"warning: {warning}", err=True)
    job = submitted.job
    if detach:
        if as_json:
            print_document("pack", {"job": job.id, "directory": str(job.directory)})
        else:
            say(f"job {job.id}: follow it with  envbench logs {job.id} -f")
        return ExitCode.FINE
    result = follow_job(job)
    packed = read_pack_result(result)
    if as_json:
        print_document("pack", {"job": job.id, "result": result})
    elif result.state is not JobState.DONE or packed is None:
        tell_job_failure(job, result)
    else:
        pip = f" and {count_of(packed.pip_packages, 'pip package')}" if packed.pip_packages else ""
        say(
            f"wrote {packed.path}: {format_bytes(packed.size_bytes)},"
            f" {count_of(packed.conda_packages, 'conda package')}{pip}"
        )
        say(f"sha256: {packed.sha256}")
        say(f"next: envbench build --from {Path(packed.path).name}   (on the other box)")
    return result.code
