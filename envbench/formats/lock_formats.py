"""The catalogue of the formats a lock can be written in.

Formats in `locks` are read back (`lock_reading`) and can be built from; those in `exports` are
files for other tools.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from envbench.formats.lock_format import LockFormat
from envbench.formats.locks.fidelity import find_losses
from envbench.formats.locks.gaps import find_gaps
from envbench.formats.locks.scrubbing import refuse_secrets, scrub_lock
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Export, Lock, Loss

__all__ = ["LOCK_FORMATS", "LockFormat", "export_lock", "find_lock_format"]

LOCK_FORMATS = (
    LockFormat(
        name="conda-lock",
        file_name="conda-lock.yml",
        summary="all platforms in one file with addresses and both hashes (CEP 37)",
        module="locks.conda_lock",
        write_door="write_conda_lock",
        losses_door="find_pip_losses",
        many_platforms=True,
    ),
    LockFormat(
        name="conda-lock-no-pip",
        file_name="conda-lock.yml",
        summary="conda-lock as conda itself reads it, which takes no pip packages in it",
        module="locks.conda_lock",
        write_door="write_without_pip",
        kept_door="KEPT_NO_PIP",
        many_platforms=True,
    ),
    LockFormat(
        name="pixi-v6",
        file_name="pixi.lock",
        summary="full records of all platforms, for pixi of any age, and for conda without a pip part",
        module="locks.pixi_lock",
        write_door="write_pixi_v6",
        kept_door="KEPT_V6",
        losses_door="find_v6_losses",
        many_platforms=True,
    ),
    LockFormat(
        name="pixi-v7",
        file_name="pixi.lock",
        summary="full records of all platforms, as pixi writes them since May 2026",
        module="locks.pixi_lock",
        write_door="write_pixi_v7",
        kept_door="KEPT_V7",
        many_platforms=True,
    ),
    LockFormat(
        name="explicit",
        file_name="explicit.txt",
        summary="addresses with md5 for `conda create --file`, no solver needed",
        module="locks.explicit",
        kept_door="KEPT_MD5",
    ),
    LockFormat(
        name="explicit-sha256",
        file_name="explicit.txt",
        summary="addresses with sha256 for `conda create --file`, no solver needed",
        module="locks.explicit",
        write_door="write_with_sha256",
        kept_door="KEPT_SHA256",
    ),
    LockFormat(
        name="environment-yml",
        file_name="environment.yml",
        summary="channel::name==version, with the pip part's indexes and direct references",
        module="locks.environment_pins",
        write_door="write_environment_pins",
    ),
    LockFormat(
        name="environment-yml-builds",
        file_name="environment.yml",
        summary="channel::name==version=build, with the pip part's indexes and direct references",
        module="locks.environment_pins",
        write_door="write_environment_builds",
        kept_door="KEPT_WITH_BUILDS",
    ),
    LockFormat(
        name="environment-lock",
        file_name="environment.lock.yml",
        summary="name=version, as `conda env export --no-builds` without its prefix",
        module="locks.environment_lock",
    ),
    LockFormat(
        name="environment-lock-builds",
        file_name="environment.lock.yml",
        summary="name=version=build, as `conda env export` without its prefix",
        module="locks.environment_lock",
        write_door="write_with_builds",
        kept_door="KEPT_WITH_BUILDS",
        losses_door="find_build_losses",
    ),
    LockFormat(
        name="pylock",
        file_name="pylock.toml",
        summary="the pip part with addresses and hashes (PEP 751)",
        module="locks.pylock",
    ),
    LockFormat(
        name="requirements",
        file_name="requirements.txt",
        summary="the pip part as pip has always read it, with hashes wherever pip can check them",
        module="locks.requirements",
    ),
    LockFormat(
        name="cyclonedx",
        file_name="sbom.cdx.json",
        summary="a bill of materials: components, licences, who requires whom (CycloneDX 1.6)",
        module="exports.cyclonedx",
        is_lock=False,
        names_python=True,
    ),
    LockFormat(
        name="mlflow",
        file_name="conda.yaml",
        summary="an MLflow model's environment, and a module that tags runs and versions with its lock",
        module="exports.mlflow",
        is_lock=False,
        names_python=True,
    ),
    LockFormat(
        name="dockerfile",
        file_name="Dockerfile",
        summary="an image that runs as no root, with the lock it copies (base=, jupyter=)",
        module="exports.dockerfile",
        choices=frozenset({"base", "jupyter"}),
        is_lock=False,
    ),
    LockFormat(
        name="devcontainer",
        file_name=".devcontainer/devcontainer.json",
        summary="a development container for editors, with its Dockerfile and lock",
        module="exports.devcontainer",
        choices=frozenset({"base", "jupyter"}),
        is_lock=False,
    ),
    LockFormat(
        name="github-actions",
        file_name=".github/workflows/environment.yml",
        summary="builds from the lock on each push, checks it and runs the tests",
        module="exports.github_actions",
        choices=frozenset({"base"}),
        is_lock=False,
    ),
    LockFormat(
        name="gitlab-ci",
        file_name=".gitlab-ci.yml",
        summary="builds from the lock on each push, checks it and runs the tests",
        module="exports.gitlab_ci",
        choices=frozenset({"base"}),
        is_lock=False,
    ),
    LockFormat(
        name="kubernetes",
        file_name="job.yaml",
        summary="a job on NVIDIA GPUs in an image of the environment (image=, gpus=)",
        module="exports.kubernetes_job",
        choices=frozenset({"base", "image", "gpus"}),
        is_lock=False,
        names_packages=False,
    ),
    LockFormat(
        name="vscode",
        file_name=".vscode/settings.json",
        summary="settings that make VS Code use the environment",
        module="exports.vscode",
        choices=frozenset({"prefix"}),
        is_lock=False,
        names_packages=False,
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
    names = [known.name for known in LOCK_FORMATS]
    near = _find_near(name, names)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(
        f"there is no lock format {name!r}", hint=f"{meant}Choose one of: {', '.join(names)}"
    )


def _find_near(name: str, names: Sequence[str]) -> list[str]:
    """Find what a mistyped name may stand for: names that begin so, else those that look alike."""
    typed = name.lower().replace("_", "-")
    begun = [known for known in names if len(typed) > 2 and known.startswith(typed)]
    return begun[:3] or get_close_matches(typed, names, n=2, cutoff=0.7)


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
    more = form.find_losses(lock, options)
    gaps = find_gaps(_without_named(lock, form), form.kept) if form.names_packages else ()
    return (*find_losses(lock, form.kept), *gaps, *more)


def _without_named(lock: Lock, form: LockFormat) -> Lock:
    return replace(lock, python_version="") if form.names_python else lock


_HARMLESS = frozenset({"name", "channel names", "channel order"})
"""Losses that change nothing of what is installed; they are told last."""


def _merge(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """Tell what several platforms lose once, with the packages of all of them."""
    merged: dict[tuple[str, str], dict[str, None]] = {}
    for loss in losses:
        merged.setdefault((loss.what, loss.why), {}).update(dict.fromkeys(loss.packages))
    told = (Loss(what, tuple(names), why) for (what, why), names in merged.items())
    return tuple(sorted(told, key=lambda loss: loss.what in _HARMLESS))
