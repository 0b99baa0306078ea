"""GitLab CI: builds an environment from its lock on every push, and holds it against the lock.

Source: the `.gitlab-ci.yml` reference of GitLab.
"""

from collections.abc import Sequence

from envbench.formats.exports.contents import cuda_of, uses_gpu
from envbench.formats.exports.dockerfile_micromamba import MICROMAMBA, UV
from envbench.formats.exports.dockerfile_pixi import PIXI
from envbench.formats.exports.image_parts import ARCHITECTURES
from envbench.formats.exports.images import check_base
from envbench.formats.exports.pipeline_parts import checked_files, test_command, test_comment
from envbench.formats.exports.pixi_files import write_pixi_files
from envbench.formats.exports.quoting import MARK, quote_yaml, write_command
from envbench.formats.exports.recipe_locks import KEPT as KEPT
from envbench.formats.exports.recipe_locks import (
    CarriedLock,
    carry_lock,
    clones,
    find_unhashed_losses,
    one_of,
)
from envbench.formats.exports.recipe_locks import find_option_losses as find_option_losses
from envbench.formats.exports.variables import find_variable_losses, sort_variables
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss

PATH = ".gitlab-ci.yml"
_PREFIX = "$CI_PROJECT_DIR/.environment"
_TOOLS = "/tmp/envbench"  # noqa: S108  inside a container of one job


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the pipeline and the locks that it reads.

    Raises:
        UsageError: The environment is not for Linux, a part of it lies on this box only, or the
            base is unknown.
    """
    lock = one_of(locks, "a pipeline in containers", ARCHITECTURES)
    if check_base(options.base) == "pixi":
        files = write_pixi_files((lock,))
        return (ExportedFile(PATH, _write(lock, _pixi_job(lock))), *files)
    carried = carry_lock(lock)
    return (ExportedFile(PATH, _write(lock, _micromamba_job(lock, carried))), *carried.files)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """List what the pipeline leaves out, or does not check."""
    place = "as masked variables of the project"
    return (*find_unhashed_losses(lock), *find_variable_losses(lock, place))


def _write(lock: Lock, job: list[str]) -> str:
    lines = [
        "# Builds the environment from its lock on every push, holds it against the lock, and runs the",
        "# tests in it.",
        f"# {MARK}",
        "",
        "# One pipeline for a branch with a merge request, not two.",
        "workflow:",
        "  rules:",
        '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"',
        "    - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS",
        "      when: never",
        "    - if: $CI_COMMIT_BRANCH",
        "",
        *_variable_lines(lock),
        *_runner_comment(lock),
        "build-environment:",
        *job,
    ]
    return "\n".join(lines) + "\n"


def _variable_lines(lock: Lock) -> list[str]:
    variables = sort_variables(lock).said
    if not variables:
        return []
    lines = ["# The variables that belong to the environment.", "variables:"]
    for name, value in variables:
        if "$" in value:
            # Else GitLab would put variables of the pipeline into it.
            lines += [f"  {name}:", f"    value: {quote_yaml(value)}", "    expand: false"]
        else:
            lines.append(f"  {name}: {quote_yaml(value)}")
    return [*lines, ""]


def _runner_comment(lock: Lock) -> list[str]:
    if not uses_gpu(lock):
        return []
    return [
        "# Any runner can build and check the environment; tests that compute on a GPU need `tags:` of",
        "# a runner with one.",
    ]


def _micromamba_job(lock: Lock, carried: CarriedLock) -> list[str]:
    create = f'micromamba create --yes --prefix "{_PREFIX}" --file {carried.conda.path}'
    steps = [f'test -d "{_PREFIX}" || {create}']
    run = f'micromamba run --prefix "{_PREFIX}"'
    tools = f"micromamba create --yes --prefix {_TOOLS} --channel conda-forge python=3.13 uv"
    if carried.needs_git:
        tools += " git"
    has_pip = bool(carried.pip or carried.unhashed)
    install = f"{run} python -m pip install --no-deps"
    if has_pip and not carried.has_pip:
        install = f'{_TOOLS}/bin/uv pip install --python "{_PREFIX}/bin/python" --no-deps'
    steps += ["# envbench comes with a Python of its own, beside the environment.", tools]
    if carried.needs_git:
        steps += [
            "# Some packages come from repositories, and the image has no git.",
            f'export PATH="$PATH:{_TOOLS}/bin"',
        ]
    if carried.pip:
        steps.append(f"{install} --require-hashes --requirement {carried.pip.path}")
    if carried.unhashed:
        steps.append(f"{install} --requirement {carried.unhashed.path}")
    steps += [
        f'{_TOOLS}/bin/uvx envbench verify {name} "{_PREFIX}"' for name in checked_files(carried)
    ]
    return [
        "  image:",
        f"    name: mambaorg/micromamba:{MICROMAMBA}",
        "    # Its own entry point activates `base`, in which nothing is.",
        '    entrypoint: [""]',
        "  timeout: 1h",
        "  cache:",
        "    key:",
        *_key_comment(carried),
        "      files:",
        *[f"        - {name}" for name in carried.names[-2:]],
        "    paths:",
        "      - .environment/",
        *_script(lock, steps, f"{run} {test_command(lock)}"),
    ]


def _key_comment(carried: CarriedLock) -> list[str]:
    lines = ["      # Kept until the lock changes."]
    if len(carried.names) > 2:
        lines += [
            f"      # GitLab takes two files at most: {carried.names[1]} holds the hash of",
            f"      # {carried.conda.path}.",
        ]
    return lines


def _pixi_job(lock: Lock) -> list[str]:
    lines = [f"  image: ghcr.io/prefix-dev/pixi:{PIXI}", "  timeout: 1h"]
    cuda = cuda_of(lock) or ("12.0" if uses_gpu(lock) else None)
    if cuda:
        lines += [
            "  variables:",
            "    # pixi asks whether this machine can run what it installs; it has no GPU.",
            f"    CONDA_OVERRIDE_CUDA: {quote_yaml(cuda)}",
        ]
    lines += [
        "  cache:",
        "    key:",
        "      # Kept until the lock changes.",
        "      files:",
        "        - pixi.lock",
        "    paths:",
        "      - .pixi/",
    ]
    steps = [
        *_git_steps(lock),
        "pixi install --frozen",
        f"pixi exec --spec uv={UV} uvx envbench verify pixi.lock .pixi/envs/default",
    ]
    return [*lines, *_script(lock, steps, f"pixi run --frozen {test_command(lock)}")]


def _git_steps(lock: Lock) -> list[str]:
    if not clones(lock.pip):
        return []
    return [
        "# Some packages come from repositories, and the image has no git.",
        "apt-get update && apt-get install --yes --no-install-recommends ca-certificates git",
    ]


def _script(lock: Lock, steps: Sequence[str], tests: str) -> list[str]:
    return [
        "  script:",
        *[f"    {step}" if step[0] == "#" else f"    - {write_command(step)}" for step in steps],
        *[f"    # {line}" for line in test_comment(lock)],
        f"    - {write_command(tests)}",
    ]
