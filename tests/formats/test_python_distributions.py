"""Which conda packages PyPI has, and under which name."""

import gzip
import json
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from envbench.formats.exports.python_distributions import distributions_of
from tests.formats.lock_values import record

NEEDS = {"depends": ("python >=3.11,<3.12.0a0",)}


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (record("numpy", **NEEDS), [("numpy", False)]),
        (record("huggingface_hub", noarch="python"), [("huggingface-hub", False)]),
        # The table of names knows it, whatever it depends on.
        (record("pytorch"), [("torch", True)]),
        (record("qtconsole-base", noarch="python"), [("qtconsole", False)]),
        (record("any", extra={"purls": ["pkg:pypi/Some_Thing"]}), [("some-thing", True)]),
        (record("any", noarch="python", extra={"purls": []}), []),
        (record("any", noarch="python", extra={"purls": None}), [("any", False)]),
        (record("any", noarch="python", extra={"purls": ["pkg:generic/any"]}), []),
        (record("python", **NEEDS), []),
        (record("libboost-python", **NEEDS), []),
        (record("libpysal", noarch="python"), [("libpysal", False)]),
        (record("openssl"), []),
        (record("tzdata", noarch="generic"), []),
        # It would be an option in a requirements file.
        (record("_ipython_minor_entry_point", noarch="python"), []),
    ],
)
def test_names_are_those_of_pypi(package, expected):
    assert [(each.name, each.is_certain) for each in distributions_of(package)] == expected


DATA = Path(__file__).parents[3] / "shared" / "data" / "channels" / "conda-forge" / "noarch"


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the real metadata of channels")
def test_every_name_in_a_real_channel_becomes_a_requirement_or_nothing():
    with gzip.open(DATA / "repodata.json.gz", "rt") as file:
        document = json.load(file)
    records = (document.get("packages", {}) | document.get("packages.conda", {})).values()
    names = {found["name"] for found in records}
    assert len(names) > 1_000
    for name in names:
        for each in distributions_of(record(name, noarch="python")):
            assert Requirement(f"{each.name}==1").name == each.name
