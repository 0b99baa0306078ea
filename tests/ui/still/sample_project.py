"""A project folder made by hand: its specs, the open one with two problems, what one line means."""

from datetime import UTC, datetime

from envbench.machine.git_states import GitState
from envbench.model.inspection import ChannelMatch, LineInspection
from envbench.model.problem import Edit, Problem, Replacement, Severity
from envbench.model.span import Span
from envbench.ui.state import OpenSpec
from envbench.workbench.sample_specs import SampleSpec
from envbench.workbench.values.recent import RecentSpec
from envbench.workbench.values.spec_folder import SpecEntry, SpecFolder, SpecState

NOW = datetime(2026, 11, 20, 12, 4, 54, tzinfo=UTC).timestamp()
"""The moment at which all samples are looked at."""
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
FOLDER = "/home/ada/project"
SPEC_PATH = f"{FOLDER}/ai_dev_env.yml"
TORCH_LINE = 11

TEXT = """\
name: ai_dev_env
channels:
  - defaults
  - conda-forge
dependencies:
  - python=3.9
  - pip
  - numpy=1.23.*
  - pandas
  - pytorch::pytorch=1.13.1
  - pytorch::torch
  - tensorflow=2.13.1
  - pip:
      - transformers
      - openai
variables:
  TOKENIZERS_PARALLELISM: "false"
"""


def ago(seconds: float) -> str:
    """Give an ISO 8601 moment before `NOW`."""
    return datetime.fromtimestamp(NOW - seconds, UTC).isoformat()


def _span(text: str, words: str) -> Span:
    start = text.index(words)
    return Span.locate(text, start, start + len(words))


def _remove_line(text: str, words: str) -> Edit:
    start = text.index(f"  - {words}\n")
    title = f"remove line {text.count(chr(10), 0, start) + 1}"
    return Edit(title, (Replacement(start, start + len(words) + 5, ""),))


WARNING = Problem(
    "EB402",
    Severity.WARNING,
    "`defaults` is Anaconda's channel, whose terms of service apply",
    _span(TEXT, "defaults"),
    "conda-forge has no such terms",
)
ERROR = Problem(
    "EB209",
    Severity.ERROR,
    "there is no package `torch` in channel pytorch",
    _span(TEXT, "pytorch::torch\n"),
    "did you mean `pytorch`?",
    _remove_line(TEXT, "pytorch::torch"),
)
BROKEN = OpenSpec(
    path=SPEC_PATH,
    name="ai_dev_env.yml",
    text=TEXT,
    saved_text=TEXT.replace("  - pytorch::torch\n", ""),
    checked=0,
    sha256="edited",
    environment="ai_dev_env",
    problems=(WARNING, ERROR),
)
"""As it is being edited: one warning, one error with its fix, unsaved."""

GOOD_TEXT = TEXT.replace("  - pytorch::torch\n", "").replace("  - defaults\n", "")
GOOD = OpenSpec(
    path=SPEC_PATH,
    name="ai_dev_env.yml",
    text=GOOD_TEXT,
    saved_text=GOOD_TEXT,
    checked=0,
    sha256="saved",
    environment="ai_dev_env",
)
"""The same without problems, saved."""


def _entry(name: str, state: SpecState = SpecState.OK, **more: object) -> SpecEntry:
    return SpecEntry(path=f"{FOLDER}/{name}", shown=name, state=state, **more)


SAMPLES = tuple(
    SampleSpec(f"{name}.yml", f"/usr/share/envbench/{name}.yml", name, description)
    for name, description in (
        ("torch-cuda", "PyTorch for an NVIDIA GPU"),
        ("jax-cuda", "JAX for an NVIDIA GPU"),
        ("data-science", "notebooks, tables, figures"),
    )
)
SPECS = SpecFolder(
    path=FOLDER,
    shown="~/project",
    specs=(
        _entry("ai_dev_env.yml", SpecState.PROBLEMS, errors=1, git=GitState.MODIFIED),
        _entry("course_2026.yml", SpecState.DRAFT, has_draft=True, git=GitState.UNTRACKED),
        _entry("jax_cuda12.yml", built=1),
        _entry("llm_serving.yml", built=2, built_matches=True),
        _entry("tf_legacy.yml", warnings=2),
        _entry("torn.yml", SpecState.BROKEN, reason="not YAML: line 7, a tab indents this line"),
    ),
    samples=SAMPLES,
    recent=(RecentSpec("/data/shared/vision/environment.yml", "/data/shared/vision/environment.yml", ago(DAY_S)),),
)  # fmt: skip
NO_SPECS = SpecFolder(path=FOLDER, shown="~/project", samples=SAMPLES)

INSPECTION = LineInspection(
    line=TORCH_LINE,
    headline="no package torch in pytorch",
    details=("pytorch has 214 packages, none of this name", "close: pytorch, torchvision"),
    name="torch",
    builds=0,
    channels=(ChannelMatch("pytorch", 0, 0, "", False),),
    close_names=("pytorch", "torchvision"),
)
