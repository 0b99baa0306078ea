"""Every code of the catalogue: an example that yields it, at the line that is meant."""

import re

import pytest

from envbench.formats.environment_yml import check_text
from envbench.model.checks import CATALOGUE, CHECKS, CheckContext, make_problem
from envbench.model.problem import Severity
from envbench.model.spec import SpecText

TOP = "name: x\nchannels: [conda-forge]\n"
DEPS = TOP + "dependencies:\n  - python=3.12\n  - pip\n"
PIP = DEPS + "  - pip:\n"

# Code, text, line of the problem (None: the file as a whole).
EXAMPLES = [
    ("EB101", "name: x\n\tchannels: []\n", 2),
    ("EB102", TOP + "x: " + "[" * 40, 3),
    ("EB103", TOP + "dependencies: &a []\n", 3),
    ("EB103", TOP + "dependencies: []\n<<: {}\n", 4),
    ("EB104", TOP + "dependencies:\n- !!python/name:os.system x\n", 4),
    ("EB105", TOP + "dependencies: [a]\nname: y\n", 4),
    ("EB106", TOP + 'dependencies:\n- "nu\\e[31mmpy"\n', 4),
    ("EB107", "- numpy\n", 1),
    ("EB107", "", 1),
    ("EB107", "a: b\n---\nc: d\n", 2),
    ("EB108", "channels: conda-forge\ndependencies: [a]\n", 1),
    ("EB109", TOP + "dependencies: [a]\nchanels: [x]\n", 4),
    ("EB110", TOP + "dependencies:\n- npm: [left-pad]\n", 4),
    ("EB111", TOP, 1),
    ("EB112", TOP + "dependencies: []\n", 3),
    ("EB113", "name: 3.10\nchannels: [c]\ndependencies: [a]\n", 1),
    ("EB114", TOP + "dependencies:\n- a\n-\n", 5),
    ("EB115", TOP + "dependencies: [a]  # envbench: ignore EB999\n", 3),
    ("EB116", TOP + "dependencies:\n- cudf={{ version }}\n", 4),
    ("EB116", TOP + "dependencies:\n- {{ package }}\n", 4),
    ("EB201", DEPS + "  - rust =>1.65\n", 6),
    ("EB202", DEPS + "  - pyth\u043en-dateutil\n", 6),
    ("EB203", DEPS + "  - python>=3.11\n", 6),
    ("EB204", DEPS + "  - -c conda-forge\n", 6),
    ("EB205", DEPS + "  - num py 3 x y\n", 6),
    ("EB205", DEPS + "  - numpy >=1.2 <2\n", 6),
    ("EB206", DEPS + "  - numpy=latest\n", 6),
    ("EB207", DEPS + "  - numpy=1.23 py39_0\n", 6),
    ("EB208", TOP + "dependencies:\n- python\n", 4),
    ("EB209", DEPS + "  - numpy\n", 6),
    ("EB210", DEPS + "  - pytorch::torch=2\n", 6),
    ("EB211", DEPS + "  - sel(win): pywin32=3\n", 6),
    ("EB212", DEPS + "  - foo=1  # [osx]\n", 6),
    ("EB213", DEPS + "  - https://x.org/c/noarch/foo-1-0.conda\n", 6),
    ("EB214", DEPS + "  - conda-forge:numpy=1\n", 6),
    ("EB215", DEPS + "  - zlib>=1,==1.*\n", 6),
    ("EB216", DEPS + "  - tensorflow=2.13\n", 6),
    ("EB301", TOP + "dependencies:\n- python=3.12\n- pip: [rich==1]\n", 5),
    ("EB302", PIP + "    - rich=1.2\n", 7),
    ("EB303", DEPS + "  - pytorch=2\n  - pip:\n    - torch==2.0\n", 8),
    ("EB304", PIP + "    - -e .\n", 7),
    ("EB305", PIP + "    - --index-url https://x.org/simple\n", 7),
    ("EB306", PIP + "    - https://x.org/${TOKEN}/x.whl\n", 7),
    ("EB307", PIP + "    - git+https://x.org/a@main\n", 7),
    ("EB308", PIP + "    - https://x.org/a.whl\n", 7),
    ("EB309", PIP + "    - rich==1\n    - Rich==1\n", 8),
    ("EB310", PIP + "    - rich\n", 7),
    ("EB311", PIP + f"    - rich --hash=sha256:{'a' * 64}\n", 7),
    ("EB312", PIP + "    - x==1\n" * 3001, 6),
    ("EB401", "name: x\ndependencies: [a=1]\n", None),
    ("EB402", "name: x\nchannels:\n- defaults\ndependencies: [a=1]\n", 3),
    ("EB403", "channels:\n- defaults\n- conda-forge\ndependencies: [a=1]\n", 2),
    ("EB404", DEPS + "  - nvidia::cuda-nvcc=12\n", 6),
    ("EB405", "channels:\n- a\n- b\n- a\ndependencies: [a=1]\n", 4),
    ("EB406", "channels:\n- https://u:secretword@x.org/c\ndependencies: [a=1]\n", 2),
    ("EB407", "channels:\n- http://x.org/c\ndependencies: [a=1]\n", 2),
    ("EB408", "channels:\n- https://x.org/$TOKEN/c\ndependencies: [a=1]\n", 2),
    ("EB409", "channels:\n- file:///srv/channel\ndependencies: [a=1]\n", 2),
    ("EB410", "channels:\n- http://169.254.169.254/latest\ndependencies: [a=1]\n", 2),
    ("EB411", "channels:\n- https://x.org/c\ndependencies: [a=1]\n", 2),
    ("EB412", "channels:\n- a, b\ndependencies: [a=1]\n", 2),
    ("EB413", "channels:\n- pytorch\ndependencies: [a=1]\n", 2),
    ("EB501", "name: ../x\nchannels: [a]\ndependencies: [a=1]\n", 1),
    ("EB502", "name: base\nchannels: [a]\ndependencies: [a=1]\n", 1),
    ("EB503", DEPS + "prefix: /home/someone/envs/x\n", 6),
    ("EB504", "channels: [a]\ndependencies: [a=1]\n", None),
    ("EB505", DEPS + "variables:\n  A-B: x\n", 7),
    ("EB506", DEPS + "variables:\n  LD_PRELOAD: x.so\n", 7),
    ("EB507", DEPS + 'variables:\n  A: "x\\ny"\n', 7),
    ("EB508", DEPS + "variables:\n  HF_TOKEN: hunter2hunter2\n", 7),
    ("EB509", DEPS + "platforms: [osx-64]\n", 6),
]


@pytest.mark.parametrize(("code", "text", "line"), EXAMPLES, ids=lambda value: str(value)[:12])
def test_an_example_of_each_code(code, text, line):
    problems = [p for p in check_text(SpecText(text), CheckContext()).problems if p.code == code]
    assert problems, f"{code} is not found"
    assert [p.span.line if p.span else None for p in problems[:1]] == [line]
    assert problems[0].severity is CATALOGUE[code].severity
    assert problems[0].message.isprintable()
    assert problems[0].message


def test_every_code_has_an_example():
    assert {code for code, _, _ in EXAMPLES} == set(CATALOGUE)


def test_the_catalogue_is_well_formed():
    assert list(CATALOGUE) == sorted(CATALOGUE)
    for entry in CATALOGUE.values():
        assert re.fullmatch(r"EB[1-5][0-9]{2}", entry.code)
        assert isinstance(entry.severity, Severity)
        assert entry.title[:1].islower() or entry.title.startswith("YAML")
        assert entry.explanation.endswith(".")


def test_checks_are_listed_once():
    assert len(set(CHECKS)) == len(CHECKS)


def test_messages_are_cleaned_and_redacted():
    problem = make_problem(
        "EB101", "a\x1b[31mb\nhttps://u:secretword@h/x\u202e", None, hint="token=abcdefgh\x9b"
    )
    assert "secretword" not in problem.message
    assert "abcdefgh" not in problem.hint
    assert problem.message.isprintable()
    assert problem.hint.isprintable()


def test_unknown_codes_are_a_mistake_of_the_programmer():
    with pytest.raises(KeyError):
        make_problem("EB999", "x", None)
