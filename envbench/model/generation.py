"""An environment's generations: each a complete prefix of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One complete build of an environment, written into it as `.envbench-generation.json`.

    The file is also the mark by which envbench knows that it may delete the directory.
    """

    environment: str
    number: int
    created: str
    """ISO 8601, UTC."""
    created_by: str
    """`user@host`."""
    reason: str
    """`build environment.yml`, `adopt`, ..."""
    job_id: str = ""
    backend: str = "rattler"
    spec_sha256: str = ""
    """Of the spec's bytes."""
    spec_text: str = ""
    """The spec, secrets redacted."""
    channels: tuple[str, ...] = ()
    """Names in the order of the spec."""
    platform: str = ""
    conda_packages: int = 0
    pip_packages: int = 0
    variables: tuple[tuple[str, str], ...] = ()
    lock_sha256: str = ""
    """Digest of the normalised lock."""
    kept_prefix_bytes: int = 0
    """Bytes of regular files in the prefix, hard links counted once."""
