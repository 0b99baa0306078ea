"""`envbench verify`."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from envbench.cli.output import json_option, print_document, say
from envbench.cli.progress import showing_bytes
from envbench.cli.session import current_settings
from envbench.model.document import to_builtins
from envbench.model.errors import ExitCode

if TYPE_CHECKING:
    from envbench.workbench.verification.verify import LockReport, PackReport, VerifyReport


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="[B]", required=False)
@click.option("--only", type=click.Choice(["packages"]), help="Leave the files out.")
@click.option("--shallow", is_flag=True, help="Sizes and existence of files, no content.")
@click.option("--extra", is_flag=True, help="List files that belong to no package, too.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing; the exit code tells.")
@json_option
def verify(
    first: str,
    second: str | None,
    only: str | None,
    *,
    shallow: bool,
    extra: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Hold a lock against an environment, a spec or another lock.

    \b
    envbench verify ENV           its files against the records of its packages
    envbench verify LOCK ENV      packages, builds, hashes, pip part, files
    envbench verify LOCK SPEC     is the spec still satisfied? nothing is solved
    envbench verify LOCK LOCK     what differs, whatever the formats
    envbench verify PACK          every file of a pack against its manifest

    A pack counts as a lock wherever one is asked for.

    A file that is there is a lock or a spec, as its content and name say:
    environment.yml is a spec, environment.lock.yml a lock. Other words are
    environments. What cannot be compared is said.

    \b
    Marks: - missing, + more than expected, ~ changed.
    Exit codes: 0 the same; 1 it differs, or a file cannot be relied on;
    2 unreadable; 3 this box prevented it.
    """
    from envbench.workbench.locks.lock_file import is_pack
    from envbench.workbench.verification.verify import verify as verify_pair

    with ExitStack() as stack:
        # Of a pack alone gigabytes are read; everything else is done before a line could be read.
        is_long = second is None and is_pack(Path(first)) and not quiet
        report = verify_pair(
            first, second, current_settings(),
            shallow=shallow, extra=extra, files=only != "packages",
            on_bytes=stack.enter_context(showing_bytes(f"checking {first}")) if is_long else None,
        )  # fmt: skip
    if as_json:
        said = {"kind": report.kind, "is_fine": report.is_fine, "verdict": report.verdict}
        print_document("verify", {**said, **to_builtins(report)})
    elif not quiet:
        _show(report)
    return ExitCode.FINE if report.is_fine else ExitCode.NOT_FINE


def _show(report: "VerifyReport | LockReport | PackReport") -> None:
    from envbench.cli.verify_view import show_report

    show_report(report)
    if not report.is_fine:
        say(f"  next: {_next(report)}", err=True)


def _next(report: "VerifyReport | LockReport | PackReport") -> str:
    from envbench.workbench.values.verifying import VerifyKind

    if report.kind is VerifyKind.SPEC:
        return "make the lock again with envbench lock; --against the old one keeps the rest"
    if report.kind is VerifyKind.LOCKS:
        return "make both from the same solve, or keep one of them"
    return "build its spec or lock again, or go back with envbench rollback"
