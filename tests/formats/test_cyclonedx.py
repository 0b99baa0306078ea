"""The bill of materials: valid by the standard's own strict schema, and what stands in it."""

import builtins
import json
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("cyclonedx")

from cyclonedx.schema import SchemaVersion
from packageurl import PackageURL

from envbench.formats.exports import cyclonedx
from envbench.formats.exports.dependency_graph import Manager, Node, find_edges, find_roots
from envbench.formats.lock_formats import export_lock
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Lock, PipPackage
from tests.formats.lock_strategies import locks
from tests.formats.lock_values import EVERYTHING, record

LICENCES = {
    # What metadata says: what becomes of it.
    "MIT": {"license": {"id": "MIT"}},
    "apache-2.0": {"license": {"id": "Apache-2.0"}},
    "GPL-2.0": {"license": {"id": "GPL-2.0"}},
    "BSD": {"license": {"name": "BSD"}},
    "BSD License": {"license": {"name": "BSD License"}},
    "Apache License, Version 2.0": {"license": {"name": "Apache License, Version 2.0"}},
    "MIT AND Apache-2.0": {"expression": "MIT AND Apache-2.0"},
    "(MIT OR Apache-2.0) AND BSD-3-Clause": {"expression": "(MIT OR Apache-2.0) AND BSD-3-Clause"},
    "GPL-3.0-only WITH GCC-exception-3.1": {"expression": "GPL-3.0-only WITH GCC-exception-3.1"},
    "GPL-3.0-only WITH my-exception": {"license": {"name": "GPL-3.0-only WITH my-exception"}},
    "mit or apache-2.0": {"expression": "MIT OR Apache-2.0"},
    "GPL-2.0 AND": {"license": {"name": "GPL-2.0 AND"}},
    "LicenseRef-NVIDIA-End-User-License-Agreement": {
        "expression": "LicenseRef-NVIDIA-End-User-License-Agreement"
    },
    "mit and LicenseRef-x.1": {"expression": "MIT AND LicenseRef-x.1"},
    "DocumentRef-a:LicenseRef-b OR MIT": {"expression": "DocumentRef-a:LicenseRef-b OR MIT"},
    "LicenseRef-": {"license": {"name": "LicenseRef-"}},
    "XLicenseRef-x": {"license": {"name": "XLicenseRef-x"}},
    "None": None,
    "UNKNOWN": None,
    "MIT/X11": {"license": {"name": "MIT/X11"}},
    "BSD 3-Clause, see (LICENSE": {"license": {"name": "BSD 3-Clause, see (LICENSE"}},
    "A licence\nof many lines": {"license": {"name": "A licence"}},
    "Nörd \x1b[31mred": {"license": {"name": "Nörd red"}},
    " ": None,
    "": None,
}


@cache
def judge() -> Any:
    """The strict validator; it brings grammars that take over a second to import."""
    validation = pytest.importorskip("cyclonedx.validation.json")
    return validation.JsonStrictValidator(SchemaVersion.V1_6)


def make(lock: Lock, **options: str) -> dict:
    return json.loads(cyclonedx.write([lock], ExportOptions(**options))[0].text)


def write(lock: Lock, **options: str) -> dict:
    """Write it, and let the strict schema judge it: this takes half a second each time."""
    document = make(lock, **options)
    assert judge().validate_str(json.dumps(document)) is None
    return document


def component(document: dict, name: str) -> dict:
    return next(each for each in document["components"] if each["name"] == name)


def lock_of(*packages, pip: tuple[PipPackage, ...] = (), **more) -> Lock:
    values = {"name": "x", "platform": "linux-64", "channels": ()}
    return Lock(packages=packages, pip=pip, **(values | more))


@pytest.fixture(scope="module")
def licensed() -> dict:
    """One document in which each shape of a licence stands, of both managers."""
    numbered = list(enumerate(LICENCES))
    return write(
        lock_of(
            *(record(f"conda{number}", license=words) for number, words in numbered),
            pip=tuple(
                PipPackage(name=f"pip{number}", version="1", license=words)
                for number, words in numbered
            ),
        )
    )


@pytest.mark.parametrize("words", LICENCES)
@pytest.mark.parametrize("manager", ["conda", "pip"])
def test_every_shape_of_a_licence_is_said_as_exactly_as_it_can_be(licensed, words, manager):
    said = component(licensed, f"{manager}{list(LICENCES).index(words)}").get("licenses")
    if LICENCES[words] is None:
        assert said is None
        return
    ((kind, value),) = LICENCES[words].items()
    assert len(said) == 1
    if kind == "expression":
        assert said[0] == {"expression": value, "acknowledgement": "declared"}
    else:
        assert said[0]["license"] == {**value, "acknowledgement": "declared"}


def test_licences_that_say_too_little_are_losses_by_name():
    lock = lock_of(
        record("b", license="MIT"), record("c", license="BSD"), record("d"),
        pip=(PipPackage(name="e", version="1", license="LicenseRef-x"), PipPackage(name="f", version="1", license="None")),
    )  # fmt: skip
    lost = {loss.what: loss.packages for loss in cyclonedx.find_losses(lock)}
    assert lost == {"licences unknown": ("d", "f"), "licences unclear": ("c",)}
    assert cyclonedx.find_losses(lock_of(record("b", license="MIT"))) == ()


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    lock=locks(),
    licences=st.lists(
        st.sampled_from(sorted(LICENCES)) | st.text(max_size=30), min_size=10, max_size=10
    ),
)
def test_any_lock_gives_a_valid_document_and_the_same_one_again(lock, licences):
    packages = tuple(
        replace(p, license=words) for p, words in zip(lock.packages, licences, strict=False)
    )
    pip = tuple(replace(p, license=words) for p, words in zip(lock.pip, licences[6:], strict=False))
    lock = replace(lock, packages=packages, pip=pip)
    document = write(lock)
    assert len(document.get("components", ())) == len(packages) + len(pip)
    turned = replace(lock, packages=packages[::-1], pip=pip[::-1])
    assert make(turned) == document


def test_the_document_is_the_same_each_time_and_another_for_another_lock():
    once, again = make(EVERYTHING), make(EVERYTHING)
    assert once == again
    assert "timestamp" not in once["metadata"]
    other = make(replace(EVERYTHING, packages=EVERYTHING.packages[1:]))
    assert other["serialNumber"] != once["serialNumber"]


def test_a_time_is_written_only_when_asked_and_leaves_the_serial_number():
    timed = write(EVERYTHING, created_at="2026-11-22T16:23:18Z")
    assert timed["metadata"]["timestamp"].startswith("2026-11-22T16:23:18")
    assert timed["serialNumber"] == make(EVERYTHING)["serialNumber"]


def test_package_addresses_name_build_channel_commit_and_index():
    document = make(EVERYTHING)
    numpy = PackageURL.from_string(component(document, "numpy")["purl"])
    assert (numpy.type, numpy.version) == ("conda", "1.26.4")
    assert numpy.qualifiers == {
        "build": "py311h64a7726_0", "channel": "conda-forge", "subdir": "linux-64", "type": "conda",
    }  # fmt: skip
    assert (
        PackageURL.from_string(component(document, "old")["purl"]).qualifiers["type"] == "tar.bz2"
    )
    git = PackageURL.from_string(component(document, "fromgit")["purl"])
    assert git.qualifiers["vcs_url"] == "git+https://github.com/x/fromgit@" + "0a" * 20
    audio = PackageURL.from_string(component(document, "torchaudio")["purl"])
    assert (audio.type, audio.version) == ("pypi", "2.3.1+cu118")
    assert {h["alg"] for h in component(document, "numpy")["hashes"]} == {"MD5", "SHA-256"}


def test_no_path_of_this_box_and_no_secret_gets_in():
    lock = lock_of(
        record("a", base="https://user:planted-1@h.example/t/planted-2/c"),
        pip=(
            PipPackage(name="here", version="1", direct_url="file:///home/me/here", editable=True),
            PipPackage(name="b", version="1", direct_url="git+https://planted-tok-3@h.example/b@" + "0a" * 20),
        ),
    )  # fmt: skip
    text = export_lock(lock, "cyclonedx").text
    assert judge().validate_str(text) is None
    assert "planted" not in text
    assert "/home/me" not in text


# Who requires whom.

GRAPH = lock_of(
    record("python", "3.11.7"),
    record("numpy", depends=("python >=3.11,<3.12.0a0", "libblas >=3.9", "__glibc >=2.17")),
    record("libblas"),
    record("pytorch", depends=("python", "numpy"), extra={"purls": ["pkg:pypi/torch"]}),
    record("ring-a", depends=("ring-b",)),
    record("ring-b", depends=("ring-a",)),
    pip=(
        PipPackage(
            name="trainer", version="1",
            requires_dist=(
                "torch>=2", "helper[fast]", "Other-Thing; extra == 'dev'",
                "colorama; sys_platform == 'win32'", "tomli; python_version < '3.11'",
                "not a requirement!!",
            ),
        ),
        PipPackage(name="helper", version="1", requires_dist=("speed; extra == 'fast'", "numpy")),
        PipPackage(name="speed", version="1"),
        PipPackage(name="other-thing", version="1"),
        PipPackage(name="colorama", version="1"),
        PipPackage(name="tomli", version="1", requires_dist=()),
    ),
)  # fmt: skip


def names(nodes) -> list[str]:
    return sorted(f"{node.manager}:{node.name}" for node in nodes)


def test_edges_lead_across_managers_by_what_applies_on_the_platform():
    edges = find_edges(GRAPH)
    assert names(edges[Node(Manager.CONDA, "numpy")]) == ["conda:libblas", "conda:python"]
    assert names(edges[Node(Manager.PIP, "trainer")]) == [
        "conda:python",
        "conda:pytorch",
        "pip:helper",
    ]
    assert names(edges[Node(Manager.PIP, "helper")]) == ["conda:numpy", "conda:python", "pip:speed"]


def test_everything_is_reached_from_the_environment_rings_too():
    edges = find_edges(GRAPH)
    roots = find_roots(edges)
    assert names(roots) == [
        "conda:ring-a", "pip:colorama", "pip:other-thing", "pip:tomli", "pip:trainer",
    ]  # fmt: skip
    reached, waiting = set(), list(roots)
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += edges[node]
    assert reached == set(edges)


def test_the_document_has_the_graph():
    document = make(GRAPH)
    ref = {each["name"]: each["bom-ref"] for each in document["components"]}
    required = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    assert ref["pytorch"] in required[ref["trainer"]]
    assert ref["trainer"] in required[document["metadata"]["component"]["bom-ref"]]


def test_the_python_of_a_virtual_environment_is_a_component_and_required():
    pip = (PipPackage(name="a", version="1", requires_dist=()),)
    lock = lock_of(pip=pip, python_version="3.12.4")
    document = write(lock)
    python = component(document, "python")
    assert (python["version"], python["type"]) == ("3.12.4", "platform")
    required = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    assert required["pkg:pypi/a@1"] == [python["bom-ref"]]
    assert "python" not in {loss.what for loss in export_lock(lock, "cyclonedx").lost}


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    for name in [
        name for name in sys.modules if "cyclonedx_" in name or name.startswith("cyclonedx")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("envbench.formats.exports.cyclonedx_document", raising=False)
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("cyclonedx"):
            raise ModuleNotFoundError(name, name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError) as caught:
        cyclonedx.write([EVERYTHING], ExportOptions())
    assert "pip install 'envbench[sbom]'" in caught.value.hint
