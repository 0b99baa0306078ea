"""Every probe is one row and one file, and the file can be read by old Pythons without any package."""

import ast
import sys

import pytest

from envbench.model.errors import UsageError
from envbench.probes.catalog import PAYLOADS, PROBES, find_probe

FILES = sorted(PAYLOADS.glob("*.py"))
SHARED = {"main", "checking", "surroundings", "torch_devices", "triton_kernel"}


def test_each_row_has_its_payload_and_each_payload_its_row():
    rows = [probe.payload.stem for probe in PROBES]
    assert len(set(rows)) == len(rows)
    assert {path.stem for path in FILES} - SHARED == set(rows)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_payload_says_what_it_is_about(probe):
    assert probe.title
    assert probe.timeout_s >= 120
    assert probe.modules
    assert probe.conda_names
    assert probe.distributions or probe.name == "python"
    defined = {
        node.name: [argument.arg for argument in node.args.args]
        for node in ast.parse(probe.payload.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    assert defined["facts"] == ["probing"]
    assert defined["checks"] == ["probing"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_payload_runs_on_old_pythons(path):
    ast.parse(path.read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_but_the_standard_library_is_needed_to_load_a_payload(path):
    tree = ast.parse(path.read_text())
    names = {
        alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    if path.stem == "triton_kernel":  # loaded only after Triton
        names -= {"triton", "triton.language"}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_what_is_imported_goes_by_the_name_of_the_probe():
    modules = {probe.name: probe.module for probe in PROBES}
    odd = {name: module for name, module in modules.items() if module != name}
    assert odd == {"python": "sys", "opencv": "cv2", "langchain": "langchain_core"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sklearn", "sklearn"),
        ("scikit-learn", "sklearn"),
        ("Scikit_Learn", "sklearn"),
        ("pytorch", "torch"),
        ("cv2", "opencv"),
        ("opencv-python-headless", "opencv"),
        ("py-xgboost-gpu", "xgboost"),
        ("tf", "tensorflow"),
        ("flash-attn", "flash_attn"),
        ("langchain_core", "langchain"),
        ("cupy-cuda13x", "cupy"),
    ],
)
def test_a_probe_is_found_by_what_people_call_it(asked, found):
    assert find_probe(asked).name == found


def test_no_name_means_two_probes():
    owners: dict[str, set[str]] = {}
    for probe in PROBES:
        for name in (probe.name, *probe.aliases, *probe.distributions, *probe.conda_names):
            owners.setdefault(name.lower().replace("_", "-"), set()).add(probe.name)
    assert {name: owner for name, owner in owners.items() if len(owner) > 1} == {}


def test_an_unknown_probe_is_answered_with_those_there_are():
    with pytest.raises(UsageError) as raised:
        find_probe("nonsense")
    assert "numpy, scipy" in raised.value.hint
