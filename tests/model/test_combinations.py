"""Frameworks beside Pythons: warned of where the whole constraint is known to be in vain."""

import pytest

from envbench.formats.environment_yml import check_text
from envbench.model.checks import CheckContext
from envbench.model.spec import SpecText


def find(*lines: str) -> list[str]:
    text = "name: x\nchannels: [conda-forge]\ndependencies:\n" + "\n".join(lines) + "\n"
    problems = check_text(SpecText(text), CheckContext()).problems
    return [problem.message for problem in problems if problem.code == "EB216"]


@pytest.mark.parametrize(
    ("python", "framework"),
    [
        ("python=3.12", "tensorflow=2.13"),
        ("python 3.12.*", "tensorflow >=2.14,<2.16"),
        ("python=3.9", "tensorflow==2.21.0"),
        ("python>=3.14", "tensorflow=2.20"),
        ("python=3.9", "pytorch=2.13.*"),
        ("python=3.9", "pytorch=2.14.1"),
        ("python=3.10", "jax=0.10.2"),
    ],
)
def test_what_no_release_was_made_for_is_told(python, framework):
    [message] = find(f"- {python}", f"- {framework}")
    assert framework in message
    assert python in message


def test_the_pip_section_is_looked_at_too():
    assert find("- python=3.12", "- pip:", "  - tensorflow==2.13.1")


@pytest.mark.parametrize(
    ("python", "framework"),
    [
        ("python=3.11", "tensorflow=2.13"),
        ("python>=3.9", "tensorflow=2.13"),
        ("python=3.12", "tensorflow"),
        ("python=3.12", "tensorflow>=2.13"),
        ("python=3.12", "tensorflow>=2.13,<2.17"),
        ("python", "tensorflow=2.13"),
        ("python=3.12", "tensorflow=2.5"),
        ("python=3.15", "pytorch=2.14"),
        ("python=3.12", "jax=0.10.2"),
        ("python=3.8", "jax=0.4"),
        ("python=3.12", "numpy=1.20"),
    ],
)
def test_what_may_work_or_is_not_known_is_left_alone(python, framework):
    assert find(f"- {python}", f"- {framework}") == []


def test_the_source_and_its_date_are_named():
    text = "name: x\nchannels: [c]\ndependencies:\n- python=3.12\n- tensorflow=2.13\n"
    [problem] = [
        p for p in check_text(SpecText(text), CheckContext()).problems if p.code == "EB216"
    ]
    assert "tensorflow/docs@" in problem.hint
    assert "2026-11-22" in problem.hint
