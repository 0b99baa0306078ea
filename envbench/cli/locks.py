"""`envbench lock`."""

import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from envbench.cli.conditions import exclude_newer_option, priority_option
from envbench.cli.output import json_option, print_document, say
from envbench.cli.session import current_settings
from envbench.model.channel import ChannelPriority
from envbench.model.cleaning import clean
from envbench.model.counting import count_of
from envbench.model.errors import ExitCode

if TYPE_CHECKING:
    from envbench.model.export_options import ExportOptions
    from envbench.workbench.locks.files import LockReport
    from envbench.workbench.values.lock_making import LockOrder

FILE = click.Path(path_type=Path)
_OTHER_NAMES = (
    (r".+-lock\.ya?ml|.+\.conda-lock\.ya?ml", "conda-lock"),
    (r"pylock\.[^.]+\.toml", "pylock"),
    (r"requirements[-_.].+\.txt", "requirements"),
    (r"explicit[-_.].+\.txt|.+[-_.]explicit\.txt", "explicit"),
    (r".+\.lock\.ya?ml", "environment-lock"),
)
"""Names that say their format, too. Source: micromamba (`-lock.yml`), PEP 751 (`pylock.NAME.toml`)."""
_WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@click.command()
@click.argument("subject", required=False)
@click.option("--format", "format_name", metavar="F", help="Its name, or the usual file name.")
@click.option("--formats", "list_formats", is_flag=True, help="List the formats and leave.")
@click.option("-o", "--output", metavar="FILE|DIR", help="Write here instead of to stdout.")
@click.option(
    "--platform", "platforms", multiple=True, metavar="P",
    help="Lock a spec for linux-64, osx-arm64, win-64, ...; else those that it lists, or this one;"
    " repeatable.",
)  # fmt: skip
@click.option(
    "--host", "host_files", multiple=True, type=FILE, metavar="FILE",
    help="Solve for the box that this file describes; one for each platform.",
)  # fmt: skip
@click.option(
    "--virtual", multiple=True, metavar="NAME=VERSION",
    help="Take the boxes that can have it to have __cuda=12.4; repeatable.",
)  # fmt: skip
@priority_option
@exclude_newer_option
@click.option("--offline", is_flag=True, help="Ask no network: cached indexes only.")
@click.option(
    "--against", metavar="LOCK|ENV",
    help="Keep its packages where the spec allows it, and show what changes.",
)  # fmt: skip
@click.option(
    "--update", multiple=True, metavar="NAME",
    help="Do not keep this package but take it as new as a lock from nothing would; repeatable.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Keep nothing of a lock that lies at the output.")
@click.option("--no-find-hashes", is_flag=True, help="Do not ask indexes for unknown pip hashes.")
@click.option("--strict", is_flag=True, help="Exit code 1 when the format loses something.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when it would differ.")
@click.option("--force", is_flag=True, help="Replace whatever lies at the output.")
@click.option(
    "--created", is_flag=True, help="Write the time into formats that have a place for it."
)
@click.option(
    "--set", "choices", multiple=True, metavar="KEY=VALUE",
    help="Choose about files for other tools: base=pixi, jupyter=yes, image=..., gpus=2.",
)  # fmt: skip
@json_option
def lock(
    subject: str | None,
    format_name: str | None,
    list_formats: bool,
    output: str | None,
    platforms: tuple[str, ...],
    host_files: tuple[Path, ...],
    virtual: tuple[str, ...],
    priority: str | None,
    exclude_newer: str | None,
    offline: bool,
    against: str | None,
    update: tuple[str, ...],
    fresh: bool,
    no_find_hashes: bool,
    strict: bool,
    check: bool,
    force: bool,
    created: bool,
    choices: tuple[str, ...],
    as_json: bool,
) -> int:
    """Lock SUBJECT in a format, and say what that format cannot carry.

    SUBJECT is an environment (of any tool), a spec (solved, nothing is installed), or another
    lock (converted). A spec whose lock lies at the output already is locked anew with the fewest
    changes; --fresh starts from nothing.

    \b
    envbench lock ENV --format explicit -o explicit.txt
    envbench lock environment.yml -o conda-lock.yml --platform linux-64 --platform osx-arm64
    envbench lock environment.yml -o conda-lock.yml --update numpy
    envbench lock environment.yml -o conda-lock.yml --check       for CI and pre-commit
    envbench lock ENV -o env.tar                                  with all archives, see pack
    envbench lock --formats                                       what there is

    Exit codes: 0 fine; 1 no solution, --strict lost something, --check would differ; 2 wrong
    usage; 3 this box or the network prevented it.
    """
    if list_formats:
        from envbench.cli.format_list import show_formats

        return show_formats(as_json=as_json)
    if subject is None:
        raise click.UsageError("name an environment, a spec or a lock file; or --formats")
    if check and output is None:
        raise click.UsageError("--check compares with a file: name it with -o")
    if fresh and (against or update):
        raise click.UsageError("--fresh keeps nothing: leave out --against and --update")
    from envbench.workbench.locks.files import LockFilesOrder, write_lock_files
    from envbench.workbench.locks.lock_file import PACK_FORMAT
    from envbench.workbench.values.lock_making import LockOrder

    making = LockOrder(
        subject=subject,
        platforms=platforms,
        host_files=host_files,
        virtual=virtual,
        priority=ChannelPriority(priority) if priority else None,
        exclude_newer=exclude_newer,
        offline=offline,
        against=against,
        update=tuple(name.lower() for name in update),
        find_hashes=not no_find_hashes,
    )
    if format_name == PACK_FORMAT or (format_name is None and (output or "").endswith(".tar")):
        _refuse_for_pack({"--check": check, "--created": created, "--set": choices})
        return _pack(making, output, as_json=as_json)
    name = format_name or name_format(output)
    options = _read_options(choices, created=created)
    _refuse_unread(choices, name)
    order = LockFilesOrder(
        lock=making,
        format_name=name,
        options=options,
        output=output,
        is_fresh=fresh,
        check=check,
        force=force,
    )
    report = write_lock_files(order, current_settings())
    _show(report, as_json=as_json)
    return _judge(report, strict=strict)


def _refuse_for_pack(given: dict[str, object]) -> None:
    """Refuse what has no meaning for a pack; it loses nothing, and replaces what lies there."""
    named = ", ".join(name for name, value in given.items() if value)
    if named:
        raise click.UsageError(f"{named}: not with --format pack")


def _pack(making: "LockOrder", output: str | None, *, as_json: bool) -> int:
    from envbench.cli.pack import run_pack
    from envbench.workbench.packs.making import PackOrder

    place = Path(output).expanduser() if output else None
    order = PackOrder(subject=making.subject, output=place, offline=making.offline, making=making)
    return run_pack(order, as_json=as_json)


def _show(report: "LockReport", *, as_json: bool) -> None:
    if as_json:
        print_document("lock", report)
        return
    from envbench.cli.lock_view import show_lock_report

    if report.export is not None and not report.path:
        sys.stdout.write(clean(report.export.text, limit=100_000_000, multiline=True))
        sys.stdout.flush()
    show_lock_report(report)


def _judge(report: "LockReport", *, strict: bool) -> int:
    is_lossy = strict and report.export is not None and bool(report.export.lost)
    if is_lossy and report.export is not None:
        count = count_of(len(report.export.lost), "thing")
        say(f"error: --strict: {report.export.format} loses {count}; see above", err=True)
    is_fine = report.conflict is None and report.is_current and not is_lossy
    return ExitCode.FINE if is_fine else ExitCode.NOT_FINE


def name_format(output: str | None) -> str:
    """Take the format whose usual name the output has, or one that its consumers take, too."""
    from envbench.formats.lock_formats import LOCK_FORMATS

    path = (output or "").rstrip("/")
    for form in LOCK_FORMATS:
        if path == form.file_name or path.endswith(f"/{form.file_name}"):
            return form.name
    name = path.rpartition("/")[2]
    for pattern, format_name in _OTHER_NAMES:
        if re.fullmatch(pattern, name):
            return format_name
    what = f"{name} is no usual name of a format; " if name else ""
    raise click.UsageError(
        f"{what}say which format: --format F; envbench lock --formats lists them"
    )


def _read_options(choices: tuple[str, ...], *, created: bool) -> "ExportOptions":
    from datetime import UTC, datetime

    from envbench.model.export_options import ExportOptions

    plain = ExportOptions()
    # The time is an option of its own: it would make each lock another one.
    known = {each.name: getattr(plain, each.name) for each in fields(plain)}
    known.pop("created_at")
    values: dict[str, Any] = {}
    for choice in choices:
        key, equals, value = choice.partition("=")
        if key not in known or not equals:
            names = ", ".join(f"{name}=..." for name in known)
            raise click.UsageError(f"--set {choice}: there is no such choice; there is {names}")
        values[key] = _read_choice(key, value, known[key])
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return ExportOptions(created_at=now if created else None, **values)


def _refuse_unread(choices: tuple[str, ...], format_name: str) -> None:
    """Refuse choices that the format would pass over without a word."""
    if not choices:
        return
    from envbench.formats.lock_formats import LOCK_FORMATS, find_lock_format

    form = find_lock_format(format_name)
    for key in (choice.partition("=")[0] for choice in choices):
        if key not in form.choices:
            readers = ", ".join(each.name for each in LOCK_FORMATS if key in each.choices)
            raise click.UsageError(f"--set {key}: {form.name} has no such choice; {readers} have")


def _read_choice(key: str, value: str, default: object) -> object:
    if isinstance(default, bool):
        if value.lower() not in _WORDS:
            raise click.UsageError(f"--set {key}={value}: yes or no")
        return _WORDS[value.lower()]
    if isinstance(default, int):
        if not value.isdecimal():
            raise click.UsageError(f"--set {key}={value}: a whole number")
        return int(value)
    return value
