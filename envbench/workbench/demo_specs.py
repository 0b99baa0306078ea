"""The three specs of the demo folder: a good one, one with problems, one with a conflict."""

from collections.abc import Mapping

GOOD = "demo.yml"
PROBLEMS = "demo-problems.yml"
CONFLICT = "demo-conflict.yml"

_GOOD = """\
# A spec without problems. s solves it, b builds it; no network is needed.
#
# The channel is a folder beside this file, made on this box out of the Python that runs envbench;
# the next line says that you know that it is a local one.
# envbench: ignore EB409
name: envbench-demo
channels:
  - ./channel
dependencies:
  - python={python}
  - pip
  - pyyaml={pyyaml}.*
  - msgspec={msgspec}.*
  - rich={rich}.*
  - hello-envbench=1.0
variables:
  ENVBENCH_DEMO: "1"
"""

_PROBLEMS = """\
# A spec with problems. Each is marked at its line, and ^O takes the offered fix.
# envbench: ignore EB409
name: envbench-demo-problems
channels:
  - ./channel
dependencies:
  - python={python}
  - pyyaml=>{pyyaml}
  - msgspec={msgspec}.*
  - rich={rich}.*
  - msgspec={msgspec}.*
  - pip:
      - rich
variable:
  ENVBENCH_DEMO: yes
prefix: /home/somebody/miniconda3/envs/envbench-demo-problems
"""

_CONFLICT = """\
# A spec that is written well and has no solution: two of its lines cannot both hold.
# envbench: ignore EB409
name: envbench-demo-conflict
channels:
  - ./channel
dependencies:
  - python={python}
  - pyyaml={pyyaml}.*
  - rich={rich}.*
  - hello-maps=2.*
  - hello-report=1.4
"""


def write_demo_specs(python: str, versions: Mapping[str, str]) -> dict[str, str]:
    """Give the texts of the specs by file name, in the order to show them.

    Args:
        python: Version of the channel's Python, `3.11.7`.
        versions: Versions of the channel's packages by name; `pyyaml`, `msgspec` and `rich` must
            be among them.
    """
    majors = {name: version.partition(".")[0] for name, version in versions.items()}
    values = {
        "python": ".".join(python.split(".")[:2]),
        **{name: majors[name] for name in ("pyyaml", "msgspec", "rich")},
    }
    return {
        name: text.format_map(values)
        for name, text in ((GOOD, _GOOD), (PROBLEMS, _PROBLEMS), (CONFLICT, _CONFLICT))
    }
