"""The specs to start from: valid by our own checks, with little to say against them."""

from pathlib import Path

import pytest

from envbench.formats.environment_yml import check_text
from envbench.model.checks import CheckContext
from envbench.model.problem import Severity
from envbench.model.spec import SpecText

FOLDER = Path(__file__).resolve().parents[2] / "sample_specs"
NAMES = (
    *("ai_dev_env", "data-science", "demo", "jax-cuda", "rapids", "tensorflow", "torch-cpu"),
    *("torch-cuda", "transformers"),
)


def read(name):
    return check_text(SpecText((FOLDER / f"{name}.yml").read_text(), name), CheckContext())


def test_all_samples_are_known():
    assert {path.stem for path in FOLDER.glob("*.yml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_fine(name):
    parsed = read(name)
    assert not parsed.errors
    assert parsed.spec.name == ("envbench-demo" if name == "demo" else name)
    warnings = [p for p in parsed.problems if p.severity is Severity.WARNING]
    assert len(warnings) <= (3 if name == "ai_dev_env" else 0), warnings


def test_the_article_s_spec_is_verbatim():
    spec = read("ai_dev_env").spec
    assert [c.name for c in spec.channels] == ["defaults", "conda-forge"]
    assert [d.text for d in spec.dependencies] == [
        *("python=3.9", "pip", "jupyterlab", "numpy=1.23.*", "pandas", "matplotlib"),
        *("scikit-learn", "pytorch::pytorch=1.13.1", "pytorch::torchvision=0.14.1"),
        "tensorflow=2.13.0",
    ]
    assert [item.text for item in spec.pip] == ["transformers", "langchain", "openai"]
    codes = {p.code for p in read("ai_dev_env").problems}
    assert {"EB402", "EB403", "EB404"} <= codes
