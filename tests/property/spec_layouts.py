"""Specs in every layout that people write, with what they say."""

from dataclasses import dataclass

from hypothesis import strategies as st

CONDA_NAMES = (
    "python",
    "numpy",
    "pandas",
    "pytorch",
    "scikit-learn",
    "zlib",
    "r-base",
    "_x",
    "pip",
)
PIP_NAMES = ("rich", "requests", "transformers", "openai", "typer", "einops")
CHANNELS = ("conda-forge", "nvidia", "rapidsai", "bioconda", "x/label/dev")
CONSTRAINTS = ("", "=1.2", "=1.23.*", ">=1", " >=1.20", "==1.2.3", "=1.2=py_0", "~=2.1", "!=3")
SPECIFIERS = ("", "==1.2", ">=1", "~=2.0", "==1.*")


@dataclass(frozen=True)
class MadeSpec:
    """A text and what it says."""

    text: str
    conda: tuple[str, ...]
    pip: tuple[str, ...] | None
    """None: no pip section."""
    channels: tuple[str, ...] | None
    """None: no such key."""


@st.composite
def names_with(draw, names, tails, smallest):
    chosen = draw(st.lists(st.sampled_from(names), unique=True, min_size=smallest, max_size=5))
    return tuple(name + draw(st.sampled_from(tails)) for name in chosen)


@st.composite
def made_specs(draw):
    conda = draw(names_with(CONDA_NAMES, CONSTRAINTS, 0))
    pip = draw(st.none() | names_with(PIP_NAMES, SPECIFIERS, 0))
    channels = draw(st.none() | names_with(CHANNELS, ("",), 0))
    newline = draw(st.sampled_from(("\n", "\r\n")))
    blocks = [draw(dependencies_block(conda, pip))]
    if channels is not None:
        blocks.append(draw(list_block("channels", channels)))
    blocks += draw(
        st.lists(
            st.sampled_from(
                (
                    ["name: demo  # the name"],
                    ["variables:", "  A: b", "  C: 'd: e'"],
                    ["# a comment of its own", ""],
                    ["platforms: [linux-64]"],
                )
            ),
            unique_by=lambda block: block[0],
        )
    )
    rows = [row for block in draw(st.permutations(blocks)) for row in block]
    text = newline.join(rows)
    if draw(st.booleans()):
        text += newline
    return MadeSpec(text, conda, pip, channels)


@st.composite
def written(draw, text, flow):
    style = draw(st.sampled_from(("plain", "plain", "single", "double")))
    if style == "single":
        return f"'{text}'"
    if style == "double" or (flow and "," in text):
        return f'"{text}"'
    return text


@st.composite
def tail(draw):
    return draw(st.sampled_from(("", "", "", "  # why", " #", "   ")))


@st.composite
def list_block(draw, key, items):
    if not items:
        return [draw(st.sampled_from((f"{key}:", f"{key}: []", f"{key}:  # none", f"{key}: ~")))]
    if draw(st.integers(0, 3)) == 0:
        inner = ", ".join([draw(written(item, flow=True)) for item in items])
        gap = draw(st.sampled_from(("", " ")))
        return [f"{key}: [{gap}{inner}{gap}]" + draw(tail())]
    indent = " " * draw(st.sampled_from((0, 2, 4)))
    dash = "-" + " " * draw(st.sampled_from((1, 1, 1, 3)))
    return [f"{key}:" + draw(tail()), *draw(block_rows(items, indent, dash))]


@st.composite
def block_rows(draw, items, indent, dash):
    rows = []
    for item in items:
        if draw(st.integers(0, 5)) == 0:
            rows += draw(st.sampled_from(([""], [f"{indent}# between"], ["# at the margin", ""])))
        rows.append(f"{indent}{dash}{draw(written(item, flow=False))}{draw(tail())}")
    return rows


@st.composite
def dependencies_block(draw, conda, pip):
    if pip is None:
        return draw(list_block("dependencies", conda))
    if draw(st.integers(0, 4)) == 0:
        return [draw(flow_dependencies(conda, pip))]
    indent = " " * draw(st.sampled_from((0, 2, 4)))
    rows = draw(block_rows(conda, indent, "- "))
    section = draw(pip_section(pip, indent))
    # The section may come first, last or in the middle, but never inside another item.
    starts = [i for i, row in enumerate(rows) if row.startswith(f"{indent}- ")] + [len(rows)]
    at = draw(st.sampled_from([starts[0], starts[-1], starts[-1], draw(st.sampled_from(starts))]))
    return ["dependencies:" + draw(tail()), *rows[:at], *section, *rows[at:]]


@st.composite
def flow_dependencies(draw, conda, pip):
    inner = ", ".join([draw(written(item, flow=True)) for item in pip])
    items = [draw(written(item, flow=True)) for item in conda]
    items.insert(draw(st.integers(0, len(items))), f"{{pip: [{inner}]}}")
    return f"dependencies: [{', '.join(items)}]"


@st.composite
def pip_section(draw, pip, indent):
    if not pip:
        return [f"{indent}- pip:" + draw(st.sampled_from(("", " []", "  # nothing yet")))]
    if draw(st.integers(0, 3)) == 0:
        inner = ", ".join([draw(written(item, flow=True)) for item in pip])
        return [f"{indent}- pip: [{inner}]"]
    deeper = indent + " " * draw(st.sampled_from((2, 4, 6)))
    return [f"{indent}- pip:" + draw(tail()), *draw(block_rows(pip, deeper, "- "))]
