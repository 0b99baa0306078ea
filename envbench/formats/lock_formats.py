"""The formats a lock can be written in: name, file name, writer, and what each keeps.

Formats in `locks` are read back (`lock_reading`) and can be built from; those in `exports` are
files for other tools.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from envbench.formats.exports import (
    cyclonedx,
    devcontainer,
    dockerfile,
    github_actions,
    gitlab_ci,
    kubernetes_job,
    mlflow,
    vscode,
)
from envbench.formats.locks import (
    conda_lock,
    environment_lock,
    environment_pins,
    explicit,
    pixi_lock,
    pylock,
    requirements,
)
from envbench.formats.locks.fidelity import find_gaps, find_losses
from envbench.formats.locks.scrubbing import refuse_secrets, scrub_lock
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Export, ExportedFile, Lock, Loss
from envbench.model.locked_set import LockAspect

Write = Callable[[Sequence[Lock], ExportOptions], tuple[ExportedFile, ...]]
"""Writes one environment on one or more platforms; the first file is the format's own."""


@dataclass(frozen=True, slots=True)
class LockFormat:
    """One format."""

    name: str
    """As the command line takes it."""
    file_name: str
    """The name under which consumers recognise the format; a relative path for some."""
    summary: str
    """One line for help texts."""
    kept: frozenset[LockAspect]
    write: Write
    many_platforms: bool = False
    """Whether one file holds several platforms."""
    is_lock: bool = True
    """Whether it is read back and can be built from; else it is a file for another tool."""
    find_losses: Callable[[Lock], tuple[Loss, ...]] | None = None
    """Losses beyond those that follow from `kept`."""
    find_option_losses: Callable[[Lock, ExportOptions], tuple[Loss, ...]] | None = None
    """Losses that follow from what was chosen."""


def of_one(write: Callable[[Lock], str], file_name: str) -> Write:
    """Make a writer of a function that writes one platform as one text."""

    def write_one(locks: Sequence[Lock], _options: ExportOptions) -> tuple[ExportedFile, ...]:
        return (ExportedFile(file_name, write(locks[0])),)

    return write_one


LOCK_FORMATS = (
    LockFormat(
        "environment-yml",
        environment_pins.FILE_NAME,
        "channel::name==version, with the pip part's indexes and direct references",
        environment_pins.KEPT,
        environment_pins.write_environment_pins,
    ),
    LockFormat(
        "environment-yml-builds",
        environment_pins.FILE_NAME,
        "channel::name=version=build, with the pip part's indexes and direct references",
        environment_pins.KEPT_WITH_BUILDS,
        environment_pins.write_environment_builds,
    ),
    LockFormat(
        "environment-lock",
        "environment.lock.yml",
        "name=version, as `conda env export --no-builds` without its prefix",
        environment_lock.KEPT,
        of_one(environment_lock.write_environment_lock, "environment.lock.yml"),
    ),
    LockFormat(
        "environment-lock-builds",
        "environment.lock.yml",
        "name=version=build, as `conda env export` without its prefix",
        environment_lock.KEPT_WITH_BUILDS,
        of_one(
            partial(environment_lock.write_environment_lock, builds=True), "environment.lock.yml"
        ),
    ),
    LockFormat(
        "explicit",
        "explicit.txt",
        "addresses with md5 for `conda create --file`, no solver needed",
        explicit.KEPT_MD5,
        of_one(explicit.write_explicit, "explicit.txt"),
    ),
    LockFormat(
        "explicit-sha256",
        "explicit.txt",
        "addresses with sha256 for `conda create --file`, no solver needed",
        explicit.KEPT_SHA256,
        of_one(partial(explicit.write_explicit, sha256=True), "explicit.txt"),
    ),
    LockFormat(
        "conda-lock",
        conda_lock.FILE_NAME,
        "all platforms in one file with addresses and both hashes (CEP 37)",
        conda_lock.KEPT,
        conda_lock.write_conda_lock,
        many_platforms=True,
        find_losses=conda_lock.find_pip_losses,
    ),
    LockFormat(
        "conda-lock-no-pip",
        conda_lock.FILE_NAME,
        "conda-lock as conda itself reads it, which takes no pip packages in it",
        conda_lock.KEPT_NO_PIP,
        partial(conda_lock.write_conda_lock, pip=False),
        many_platforms=True,
        find_losses=conda_lock.find_losses,
    ),
    LockFormat(
        "pixi-v6",
        pixi_lock.FILE_NAME,
        "full records of all platforms, for conda and for pixi of any age",
        pixi_lock.KEPT_V6,
        pixi_lock.write_pixi_v6,
        many_platforms=True,
        find_losses=pixi_lock.find_losses,
    ),
    LockFormat(
        "pixi-v7",
        pixi_lock.FILE_NAME,
        "full records of all platforms, as pixi writes them since May 2026",
        pixi_lock.KEPT_V7,
        pixi_lock.write_pixi_v7,
        many_platforms=True,
        find_losses=pixi_lock.find_losses,
    ),
    LockFormat(
        "pylock",
        "pylock.toml",
        "the pip part with addresses and hashes (PEP 751)",
        pylock.KEPT,
        pylock.write,
        find_losses=pylock.find_losses,
    ),
    LockFormat(
        "requirements",
        requirements.FILE_NAME,
        "the pip part as pip has always read it, with hashes wherever pip can check them",
        requirements.KEPT,
        requirements.write,
        find_losses=requirements.find_losses,
    ),
    LockFormat(
        "cyclonedx",
        cyclonedx.FILE_NAME,
        "a bill of materials: components, licences, who requires whom (CycloneDX 1.6)",
        cyclonedx.KEPT,
        cyclonedx.write,
        is_lock=False,
        find_losses=cyclonedx.find_losses,
    ),
    LockFormat(
        "mlflow",
        mlflow.FILE_NAME,
        "an MLflow model's environment, and a module that tags runs and versions with its lock",
        mlflow.KEPT,
        mlflow.write,
        is_lock=False,
        find_losses=mlflow.find_losses,
    ),
    LockFormat(
        "dockerfile",
        "Dockerfile",
        "an image that runs as no root, with the lock it copies (--base, --jupyter)",
        dockerfile.KEPT,
        dockerfile.write,
        is_lock=False,
        find_losses=dockerfile.find_losses,
    ),
    LockFormat(
        "devcontainer",
        devcontainer.PATH,
        "a development container for editors, with its Dockerfile and lock",
        devcontainer.KEPT,
        devcontainer.write,
        is_lock=False,
        find_losses=devcontainer.find_losses,
    ),
    LockFormat(
        "github-actions",
        github_actions.PATH,
        "builds from the lock on each push, checks it and runs the tests",
        github_actions.KEPT,
        github_actions.write,
        is_lock=False,
        find_losses=github_actions.find_losses,
    ),
    LockFormat(
        "gitlab-ci",
        gitlab_ci.PATH,
        "builds from the lock on each push, checks it and runs the tests",
        gitlab_ci.KEPT,
        gitlab_ci.write,
        is_lock=False,
        find_losses=gitlab_ci.find_losses,
    ),
    LockFormat(
        "kubernetes",
        kubernetes_job.PATH,
        "a job on NVIDIA GPUs in an image of the environment (--image, --gpus)",
        kubernetes_job.KEPT,
        kubernetes_job.write,
        is_lock=False,
        find_losses=kubernetes_job.find_losses,
    ),
    LockFormat(
        "vscode",
        vscode.PATH,
        "settings that make VS Code use the environment",
        vscode.KEPT,
        vscode.write,
        is_lock=False,
        find_losses=vscode.find_losses,
        find_option_losses=vscode.find_option_losses,
    ),
)


def find_lock_format(name: str) -> LockFormat:
    """Return the format of a name, or of a usual file name.

    Raises:
        UsageError: There is none; the message lists those that exist.
    """
    for known in LOCK_FORMATS:
        if name in (known.name, known.file_name):
            return known
    names = ", ".join(known.name for known in LOCK_FORMATS)
    raise UsageError(f"there is no lock format {name!r}", hint=f"Choose one of: {names}")


def export_lock(
    lock: Lock | Sequence[Lock], format_name: str, options: ExportOptions | None = None
) -> Export:
    """Write a lock in a format, with the report of what the format cannot say.

    Args:
        lock: One environment: on one platform, or each of its platforms.
        format_name: Name or usual file name of the format.
        options: Choices of the format.

    Raises:
        UsageError: Unknown format, or one that cannot hold this lock at all.
        PreventedError: A secret would have got into the text.
    """
    form = find_lock_format(format_name)
    locks = (lock,) if isinstance(lock, Lock) else tuple(lock)
    if len(locks) > 1 and not form.many_platforms:
        raise UsageError(
            f"{form.file_name} of the format {form.name} holds one platform only",
            hint="Write one file for each platform, or choose a format for several:"
            f" {', '.join(each.name for each in LOCK_FORMATS if each.many_platforms)}",
        )
    scrubbed = tuple(map(scrub_lock, locks))
    options = options or ExportOptions()
    files = form.write(scrubbed, options)
    for file in files:
        refuse_secrets(file.text, file.path)
    lost = _merge(loss for each in scrubbed for loss in _find_all_losses(each, form, options))
    return Export(form.name, files[0].path, files[0].text, lost, files[1:])


def _find_all_losses(lock: Lock, form: LockFormat, options: ExportOptions) -> tuple[Loss, ...]:
    more = form.find_losses(lock) if form.find_losses else ()
    chosen = form.find_option_losses(lock, options) if form.find_option_losses else ()
    return (*find_losses(lock, form.kept), *find_gaps(lock, form.kept), *more, *chosen)


def _merge(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """Tell what several platforms lose once, with the packages of all of them."""
    merged: dict[tuple[str, str], dict[str, None]] = {}
    for loss in losses:
        merged.setdefault((loss.what, loss.why), {}).update(dict.fromkeys(loss.packages))
    return tuple(Loss(what, tuple(names), why) for (what, why), names in merged.items())
