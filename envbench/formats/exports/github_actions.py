"""GitHub Actions: builds an environment from its lock on every push, and holds it against the lock.

Source: workflow syntax of GitHub Actions; the inputs of mamba-org/setup-micromamba and
prefix-dev/setup-pixi.
"""

from collections.abc import Sequence
from types import MappingProxyType

from envbench.formats.exports.contents import cuda_of, uses_gpu
from envbench.formats.exports.dockerfile_micromamba import MICROMAMBA
from envbench.formats.exports.dockerfile_pixi import PIXI
from envbench.formats.exports.images import check_base
from envbench.formats.exports.pipeline_parts import checked_files, test_command, test_comment
from envbench.formats.exports.pixi_files import write_pixi_files
from envbench.formats.exports.quoting import MARK, name_for_hosts, quote_yaml
from envbench.formats.exports.recipe_locks import KEPT as KEPT
from envbench.formats.exports.recipe_locks import (
    CarriedLock,
    carry_lock,
    find_unhashed_losses,
    one_of,
)
from envbench.formats.exports.recipe_locks import find_option_losses as find_option_losses
from envbench.formats.exports.variables import find_variable_losses, sort_variables
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss

_LOGIN_SHELL = "bash -leo pipefail {0}"
PATH = ".github/workflows/environment.yml"
_RUNNERS = MappingProxyType(
    {
        "linux-64": "ubuntu-24.04",
        "linux-aarch64": "ubuntu-24.04-arm",
        "osx-arm64": "macos-15",
        "osx-64": "macos-15-intel",
        "win-64": "windows-2025",
    }
)


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the workflow and the locks that it reads.

    Raises:
        UsageError: There is no runner for the platform, a part of the environment lies on this box
            only, or the base is unknown.
    """
    lock = one_of(locks, "GitHub Actions", _RUNNERS)
    if check_base(options.base) == "pixi":
        return (
            ExportedFile(PATH, _write(lock, "bash", _pixi_steps(lock))),
            *write_pixi_files((lock,)),
        )
    carried = carry_lock(lock)
    text = _write(lock, _LOGIN_SHELL, _micromamba_steps(lock, carried))
    return (ExportedFile(PATH, text), *carried.files)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """List what the workflow leaves out, or does not check."""
    place = "as secrets of the repository, and hand them to the steps that need them"
    return (*find_unhashed_losses(lock), *find_variable_losses(lock, place))


def _write(lock: Lock, shell: str, steps: list[str]) -> str:
    lines = [
        "# Builds the environment from its lock on every push, holds it against the lock, and runs the",
        "# tests in it.",
        f"# {MARK}",
        "#",
        "# Actions are named by version. To rule out that a version is moved, name the commit and keep",
        "# the version as a comment; Dependabot and Renovate renew both:",
        "#   uses: actions/checkout@<40 digits of the commit> # v6",
        "name: " + quote_yaml(f"environment {lock.name}".strip()),
        "",
        "# In quotes: YAML 1.1 takes a bare `on` for true.",
        '"on":',
        "  push:",
        "  pull_request:",
        "  workflow_dispatch:",
        "",
        "# The token of a run may read the sources, and nothing else.",
        "permissions:",
        "  contents: read",
        "",
        "# A new push ends the run of the one before it.",
        "concurrency:",
        "  group: ${{ github.workflow }}-${{ github.ref }}",
        "  cancel-in-progress: true",
        "",
        "jobs:",
        "  environment:",
        *_runner_comment(lock),
        f"    runs-on: {_RUNNERS[lock.platform]}",
        "    timeout-minutes: 60",
        *_shell_lines(shell),
        *_variable_lines(lock),
        "    steps:",
        "      - uses: actions/checkout@v6",
        "        with:",
        "          persist-credentials: false",
        "",
        *steps,
        "",
        *[f"      # {line}" for line in test_comment(lock)],
        "      - name: Run the tests",
        f"        run: {test_command(lock)}",
    ]
    return "\n".join(lines) + "\n"


def _runner_comment(lock: Lock) -> list[str]:
    if not uses_gpu(lock):
        return []
    return [
        "    # It has no GPU. That is enough to build and check the environment; tests that compute on",
        "    # one need a runner with one.",
    ]


def _shell_lines(shell: str) -> list[str]:
    lines = ["    defaults:", "      run:"]
    if shell == _LOGIN_SHELL:
        lines.append("        # A login shell: it activates the environment.")
    return [*lines, f"        shell: {shell}"]


def _variable_lines(lock: Lock) -> list[str]:
    variables = sort_variables(lock).said
    if not variables:
        return []
    lines = ["    # The variables that belong to the environment.", "    env:"]
    return [*lines, *(f"      {name}: {_literal(value)}" for name, value in variables)]


def _literal(value: str) -> str:
    """Write a value in which GitHub finds no expression."""
    return quote_yaml(value.replace("${{", "${{ '${{' }}"))


def _micromamba_steps(lock: Lock, carried: CarriedLock) -> list[str]:
    files = ", ".join(f"'{name}'" for name in carried.names)
    lines = [
        "      # The lock names every archive: nothing is solved, so no GPU is needed here.",
        "      - uses: mamba-org/setup-micromamba@v3",
        "        with:",
        f"          micromamba-version: {quote_yaml(f'{MICROMAMBA}-0')}",
        f"          environment-name: {quote_yaml(name_for_hosts(lock.name))}",
        f"          environment-file: {carried.conda.path}",
        "          init-shell: bash",
        "          # Kept until the lock changes.",
        "          cache-environment: true",
        f"          cache-environment-key: environment-${{{{ hashFiles({files}) }}}}",
    ]
    if carried.pip or carried.unhashed:
        install = _pip_command(lock, carried)
        lines += ["", "      - name: Install the pip part", "        run: |"]
        if carried.pip:
            lines.append(f"          {install} --require-hashes --requirement {carried.pip.path}")
        if carried.unhashed:
            lines += [
                "          # Repositories and bare versions have no hash that could be checked.",
                f"          {install} --requirement {carried.unhashed.path}",
            ]
    return lines + _verify_steps(lock, checked_files(carried), '"$CONDA_PREFIX"')


def _pip_command(lock: Lock, carried: CarriedLock) -> str:
    if carried.has_pip:
        return "python -m pip install --no-deps"
    python = "python.exe" if lock.platform.startswith("win-") else "bin/python"
    # The environment has no pip; pipx is on every runner and fetches uv.
    return f'pipx run uv pip install --python "$CONDA_PREFIX/{python}" --no-deps'


def _pixi_steps(lock: Lock) -> list[str]:
    lines = [
        "      # Cached under the hash of pixi.lock; --frozen installs what it says.",
        "      - uses: prefix-dev/setup-pixi@v0.10.2",
        "        with:",
        f"          pixi-version: v{PIXI}",
        "          frozen: true",
        "          cache: true",
        "          activate-environment: true",
    ]
    cuda = cuda_of(lock) or ("12.0" if uses_gpu(lock) else None)
    if cuda:
        lines += [
            "        env:",
            "          # pixi asks whether this machine can run what it installs; it has no GPU.",
            f"          CONDA_OVERRIDE_CUDA: {quote_yaml(cuda)}",
        ]
    return lines + _verify_steps(lock, ("pixi.lock",), ".pixi/envs/default")


def _verify_steps(lock: Lock, names: Sequence[str], prefix: str) -> list[str]:
    if not lock.platform.startswith("linux-"):
        return [
            "",
            "      # envbench verify runs on Linux only; this platform is not checked file by file.",
        ]
    lines = [
        "",
        "      - name: Hold the environment against its lock, file by file",
        "        run: |",
    ]
    return lines + [f"          pipx run envbench verify {name} {prefix}" for name in names]
