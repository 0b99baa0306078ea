"""The pip section of a spec as a task for the resolver, against the conda plan of a solve."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from envbench.engine.pip_section import IndexCredential, PipTask
from envbench.model.known_names import pypi_name_of
from envbench.model.plan import PackageRecord, Plan
from envbench.model.spec import EnvironmentSpec
from envbench.settings.load import Settings
from envbench.workers.pip_part import index_credentials, network_environ


def make_pip_task(
    spec: EnvironmentSpec,
    plan: Plan,
    settings: Settings,
    *,
    timeout_s: float,
    owned_names: Mapping[str, str] | None = None,
    exclude_newer: str | None = None,
) -> PipTask:
    """Make the task.

    Args:
        spec: Whose pip section it is.
        plan: What conda would install.
        settings: The user's settings.
        timeout_s: Limit of one call of the resolver.
        owned_names: conda package to the Python distribution that it brings, where known.
        exclude_newer: ISO 8601 date; artefacts uploaded later do not exist.

    Raises:
        PreventedError: The credentials file cannot be read.
    """
    paths, pip = settings.paths, settings.pip.settings
    if settings.network.offline:
        pip = replace(pip, offline=True)
    return PipTask(
        items=tuple(item.text for item in spec.pip),
        lines=tuple(item.span.line for item in spec.pip),
        spec_path=spec.source.path,
        owned=owned_versions(plan, owned_names or {}),
        conda_packages=tuple(record.name for record in plan.packages),
        settings=pip,
        credentials=(
            *index_credentials(pip, paths.index_credentials_file),
            *read_unstored_credentials(settings),
        ),
        cache_dir=paths.uv_cache_dir,
        work_dir=Path(paths.cache_dir) / "work",
        environ=network_environ(settings),
        exclude_newer=exclude_newer,
        timeout_s=timeout_s,
    )


def read_unstored_credentials(settings: Settings) -> tuple[IndexCredential, ...]:
    """Pair the package indexes with the secrets that stood in their addresses in the settings."""
    pip = settings.pip.settings
    by_host = {each.host: each for each in settings.pip.credentials if each.username}
    urls = (*((pip.index_url,) if pip.index_url else ()), *pip.extra_index_urls)
    return tuple(
        IndexCredential(url, found.username or "", found.password or "")
        for url in urls
        if (found := by_host.get(urlsplit(url).hostname or "")) is not None
    )


def owned_versions(plan: Plan, owned_names: Mapping[str, str]) -> dict[str, str]:
    """Map the Python distributions that conda would install to their versions, by known names."""
    return {
        owned_names.get(record.name, pypi_name_of(record.name)): record.version
        for record in plan.packages
        if _may_bring_python(record)
    }


def python_version_of(plan: Plan) -> str:
    """Give the version of Python in a plan, `3.11.7`; empty when it has none."""
    found = next((record.version for record in plan.packages if record.name == "python"), "")
    return ".".join(found.split(".")[:3])


def _may_bring_python(record: PackageRecord) -> bool:
    """Whether a package can hold a Python distribution: it depends on Python, or is pure Python."""
    return record.noarch == "python" or any(
        dependency.split(" ")[0] == "python" for dependency in record.depends
    )
