"""Conflicts of the pip part, with itself and with what conda installs of the real metadata.

The wheels are made here, and say of themselves what the real ones say (their names end in `-like`,
so that nobody takes them for the real ones).
"""

from dataclasses import dataclass

from envbench.model.conflict import CoreKind

AGAINST = CoreKind.PIP_AGAINST_CONDA
ALONE = CoreKind.PIP

WHEELS = {
    ("openai-like", "1.5.0"): ("typing-extensions>=4.5", "pydantic>=1.9,<3"),
    ("openai-like", "2.48.0"): ("typing-extensions>=4.11", "pydantic>=1.9,<3"),
    ("tensorflow-like", "2.13.0"): ("typing-extensions<4.6", "numpy>=1.22,<=1.24.3"),
    ("tensorflow-like", "2.14.0"): ("typing-extensions>=3.6.6", "numpy>=1.23.5"),
    ("langchain-like", "0.3.30"): ("pydantic>=2.7.4,<3", "numpy>=1.26.2"),
    ("langchain-like", "0.2.11"): ("pydantic>=1,<3", "numpy>=1,<2"),
    ("gradio-like", "5.0"): ("pydantic>=2", "pillow-like>=8,<12"),
    ("spacy-like", "3.7"): ("numpy<2", "pydantic>=1.7.4,<3"),
    ("thinc-like", "9.0"): ("numpy>=2,<3",),
    ("pillow-like", "10.0"): (),
    ("pillow-like", "12.0"): (),
    ("fairseq-like", "0.12"): ("hydra-like<1.1",),
    ("hydra-like", "1.0.7"): ("omegaconf-like<2.1",),
    ("hydra-like", "1.3.2"): ("omegaconf-like>=2.2",),
    ("omegaconf-like", "2.0.6"): (),
    ("omegaconf-like", "2.3.0"): (),
    ("chain-a", "1.0"): ("chain-b==1.0",),
    ("chain-b", "1.0"): ("chain-c==1.0",),
    ("chain-c", "1.0"): ("chain-d==1.0",),
    ("chain-d", "1.0"): ("numpy<1.20",),
    ("numpy", "1.19.5"): (),
    ("numpy", "1.24.3"): (),
    ("numpy", "1.26.4"): (),
    ("numpy", "2.2.6"): (),
    ("pydantic", "1.10.27"): (),
    ("pydantic", "2.13.5"): (),
    ("typing-extensions", "4.5.0"): (),
    ("typing-extensions", "4.16.0"): (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCase:
    """A file whose conda part has a solution and whose pip part has none."""

    name: str
    conda: tuple[str, ...]
    """Match specs, solved on `channels-exact`, conda-forge alone."""
    pip: tuple[str, ...]
    kinds: tuple[CoreKind, ...]
    cores: tuple[tuple[str, ...], ...]
    """Of each core, the pip items (as written) that take part."""
    meetings: tuple[str, ...] = ()
    """Of each core, the distribution in which they meet."""
    conda_names: tuple[str, ...] = ()
    """The conda lines that must be among the lines told, over all cores."""


PIP_CASES = (
    PipCase(
        name="openai-and-tensorflow",
        conda=("python=3.12", "pip"),
        pip=("tensorflow-like==2.13.0", "openai-like>=2", "pillow-like"),
        kinds=(ALONE,),
        cores=(("tensorflow-like==2.13.0", "openai-like>=2"),),
        meetings=("typing-extensions",),
    ),
    PipCase(
        name="numpy-of-conda-too-new",
        conda=("python=3.12", "numpy=2.2", "pandas", "pip"),
        pip=("pillow-like", "spacy-like"),
        kinds=(AGAINST,),
        cores=(("spacy-like",),),
        meetings=("numpy",),
        conda_names=("numpy",),
    ),
    PipCase(
        name="numpy-of-conda-too-old",
        conda=("python=3.12", "numpy=1.26", "scipy", "pip"),
        pip=("thinc-like", "pillow-like"),
        kinds=(AGAINST,),
        cores=(("thinc-like",),),
        meetings=("numpy",),
        conda_names=("numpy",),
    ),
    PipCase(
        name="pydantic-through-fastapi",
        conda=("python=3.12", "fastapi=0.111", "pydantic=1.10", "pip"),
        pip=("langchain-like>=0.3", "pillow-like"),
        kinds=(AGAINST,),
        cores=(("langchain-like>=0.3",),),
        conda_names=("pydantic",),
    ),
    PipCase(
        name="long-chain-to-numpy",
        conda=("python=3.12", "numpy=1.26", "pip"),
        pip=("chain-a", "pillow-like"),
        kinds=(AGAINST,),
        cores=(("chain-a",),),
        meetings=("numpy",),
        conda_names=("numpy",),
    ),
    PipCase(
        name="no-such-version",
        conda=("python=3.12", "pip"),
        pip=("pillow-like==11", "gradio-like"),
        kinds=(CoreKind.MISSING_VERSION,),
        cores=(("pillow-like==11",),),
    ),
    PipCase(
        name="hydra",
        conda=("python=3.11", "numpy=1.26", "pip"),
        pip=("fairseq-like", "omegaconf-like>=2.1", "spacy-like"),
        kinds=(ALONE,),
        cores=(("fairseq-like", "omegaconf-like>=2.1"),),
        meetings=("omegaconf-like",),
    ),
    PipCase(
        name="one-of-each",
        conda=("python=3.12", "numpy=2.2", "pip"),
        pip=("fairseq-like", "omegaconf-like>=2.1", "spacy-like"),
        kinds=(AGAINST, ALONE),
        cores=(("spacy-like",), ("fairseq-like", "omegaconf-like>=2.1")),
        conda_names=("numpy",),
    ),
    PipCase(
        name="two-pillows",
        conda=("python=3.12", "pydantic=2.12", "pip"),
        pip=("gradio-like", "pillow-like>=12", "openai-like"),
        kinds=(ALONE,),
        cores=(("gradio-like", "pillow-like>=12"),),
        meetings=("pillow-like",),
    ),
)
