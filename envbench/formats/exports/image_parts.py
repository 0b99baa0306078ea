"""Parts that all images of environments have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from envbench.formats.exports.contents import uses_gpu
from envbench.formats.exports.quoting import MARK, name_for_hosts, quote_docker
from envbench.formats.exports.variables import Pairs, sort_variables
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock

ARCHITECTURES = MappingProxyType(
    {
        "linux-64": ("amd64", "x86_64"),
        "linux-aarch64": ("arm64", "aarch64"),
        "linux-ppc64le": ("ppc64le", "ppc64le"),
    }
)
"""Platform to Docker's name of it and the kernel's."""
UBUNTU = "ubuntu:24.04"


@dataclass(frozen=True, slots=True)
class Image:
    """A Dockerfile and what it copies."""

    text: str
    files: tuple[ExportedFile, ...]
    """The lock, with paths relative to the Dockerfile's folder."""
    user: str
    """Name of the user it runs as."""
    user_id: int
    prefix: str
    """Where the environment lies in the image."""


def head_lines(lock: Lock, names: Sequence[str], options: ExportOptions) -> list[str]:
    """Say what the image is and how it is built and run."""
    architecture = ARCHITECTURES[lock.platform][0]
    tag = name_for_hosts(lock.name)
    gpus = " --gpus all" if uses_gpu(lock) else ""
    run = [f"#   docker run --rm --interactive --tty{gpus} {tag}"]
    if options.jupyter:
        publish = "--env JUPYTER_TOKEN --publish 127.0.0.1:8888:8888"
        run = [
            '#   export JUPYTER_TOKEN="$(openssl rand -hex 32)"',
            f"#   docker run --rm{gpus} {publish} {tag}",
        ]
    return [
        f"# {name_in_words(lock)} for linux/{architecture},"
        f" exactly as locked in {join_words(names)}.",
        "#",
        f"#   docker build --platform linux/{architecture} --tag {tag} .",
        *run,
        "#",
        "# Nothing is solved while the image is built: the lock names every archive.",
        f"# {MARK}",
        "",
    ]


def label_lines(lock: Lock, file: ExportedFile, digest: str) -> list[str]:
    """Tie the image to its lock."""
    labels = (
        ("org.opencontainers.image.title", one_line(lock.name) or "environment"),
        ("envbench.lock.file", file.path),
        ("envbench.lock.sha256", digest),
    )
    return ["LABEL " + _join_pairs(labels, indent=6), ""]


def variable_lines(lock: Lock) -> list[str]:
    """Set the variables of the environment, and those that the NVIDIA runtime asks for."""
    lines: list[str] = []
    own = sort_variables(lock).said
    if own:
        lines += ["# The variables that belong to the environment.", "ENV " + _join_pairs(own), ""]
    names = {name for name, _ in own}
    nvidia = (("NVIDIA_VISIBLE_DEVICES", "all"), ("NVIDIA_DRIVER_CAPABILITIES", "compute,utility"))
    missing = tuple(pair for pair in nvidia if pair[0] not in names)
    if uses_gpu(lock) and missing:
        lines += [
            "# CUDA's libraries come with the environment; the driver's are lent by the host to images",
            "# that ask for them (NVIDIA container toolkit). Without GPUs this does nothing.",
            "ENV " + _join_pairs(missing),
            "",
        ]
    return lines


def guard_lines(lock: Lock) -> list[str]:
    """Stop a build for another processor before it fails in a way that nobody understands."""
    architecture, machine = ARCHITECTURES[lock.platform]
    return [
        f'RUN test "$(uname -m)" = {machine} \\',
        f'    || {{ echo "This lock is for {lock.platform}:'
        f' docker build --platform linux/{architecture}" >&2; exit 1; }}',
        "",
    ]


def start_lines(options: ExportOptions) -> list[str]:
    """Say what a container runs."""
    if not options.jupyter:
        return ['CMD ["bash"]']
    return [
        "# JupyterLab reads its token from JUPYTER_TOKEN by itself: it is on no command line and in no",
        "# layer. Without one nothing starts.",
        "EXPOSE 8888",
        'CMD ["bash", "-c", ": \\"${JUPYTER_TOKEN:?must be set, see the Dockerfile}\\"'
        ' && exec jupyter lab --ip=0.0.0.0 --port=8888 --no-browser"]',
    ]


def git_lines(package: str = "git") -> list[str]:
    """Install git, which cloning needs."""
    return [
        "# Debian and Ubuntu keep one version of a package only, so a pin would break the build soon.",
        "# hadolint ignore=DL3008",
        "RUN apt-get update \\",
        f"    && apt-get install --yes --no-install-recommends ca-certificates {package} \\",
        "    && rm -rf /var/lib/apt/lists/*",
    ]


def name_in_words(lock: Lock) -> str:
    """Name the environment at the beginning of a sentence; some locks know no name."""
    name = one_line(lock.name)
    return f'The environment "{name}"' if name else "An environment"


def one_line(text: str) -> str:
    """Put a text of outside into one line."""
    return " ".join(text.replace("\0", " ").split())


def join_words(words: Sequence[str]) -> str:
    """List words, `a, b and c`."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def _join_pairs(pairs: Pairs, indent: int = 4) -> str:
    lines = [f"{name}={quote_docker(value)}" for name, value in pairs]
    return (" \\\n" + " " * indent).join(lines)
