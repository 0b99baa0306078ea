"""The document itself, through the standard's own library; loaded only when it is asked for.

Source: CycloneDX 1.6; package URLs (types `conda` and `pypi`); SPDX licence list.
"""

import json
import uuid
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6

from envbench.formats.exports.cyclonedx_components import (
    describe_conda,
    describe_pip,
    describe_python,
)
from envbench.formats.exports.cyclonedx_licences import is_declared, is_spdx
from envbench.formats.exports.dependency_graph import (
    FOREIGN_PYTHON,
    Manager,
    Node,
    find_edges,
    find_roots,
)
from envbench.model.cleaning import clean
from envbench.model.lock import Lock

__all__ = ["is_declared", "is_spdx", "write_document"]

_ORDER = (
    *("$schema", "bomFormat", "specVersion", "serialNumber", "type", "bom-ref", "ref", "name"),
    *("id", "alg", "version", "purl", "metadata", "components", "dependencies"),
)
_FIRST = {key: place for place, key in enumerate(_ORDER)}
_HOME = uuid.uuid5(uuid.NAMESPACE_URL, "envbench:bill-of-materials")


def write_document(lock: Lock, created_at: str | None) -> str:
    """Write a lock as CycloneDX 1.6.

    Args:
        lock: One environment on one platform.
        created_at: ISO 8601 instant, or None to write none. The serial number follows from the
            content alone, so that the same environment has the same one.
    """
    bom = _describe(lock)
    document: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    # The library sets both to something that is new each time.
    del document["serialNumber"], document["metadata"]["timestamp"]
    content = json.dumps(document, sort_keys=True)
    document["serialNumber"] = uuid.uuid5(_HOME, sha256(content.encode()).hexdigest()).urn
    if created_at:
        document["metadata"]["timestamp"] = created_at
    return json.dumps(_in_reading_order(document), indent=2, ensure_ascii=False) + "\n"


def _in_reading_order(value: Any) -> Any:
    """Put first what a reader looks for first; the library sorts keys by the alphabet."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (_FIRST.get(key, len(_FIRST)), key))
        return {key: _in_reading_order(value[key]) for key in keys}
    return [_in_reading_order(each) for each in value] if isinstance(value, list) else value


def _describe(lock: Lock) -> Bom:
    components = {Node(Manager.CONDA, p.name): describe_conda(p) for p in lock.packages}
    components |= {Node(Manager.PIP, p.name): describe_pip(p) for p in lock.pip}
    edges = find_edges(lock)
    if FOREIGN_PYTHON in edges:
        components[FOREIGN_PYTHON] = describe_python(lock.python_version)
    environment = Component(
        name=clean(lock.name) or "environment", type=ComponentType.PLATFORM, bom_ref="environment"
    )
    dependencies = [
        _describe_dependency(components[node], (components[each] for each in required))
        for node, required in edges.items()
    ]
    roots = (components[node] for node in find_roots(edges))
    return Bom(
        components=components.values(),
        dependencies=[_describe_dependency(environment, roots), *dependencies],
        metadata=BomMetaData(
            component=environment,
            tools=ToolRepository(components=[_describe_writer()]),
            properties=_describe_properties(lock),
        ),
    )


def _describe_dependency(component: Component, required: Iterable[Component]) -> Dependency:
    return Dependency(component.bom_ref, [Dependency(each.bom_ref) for each in required])


def _describe_properties(lock: Lock) -> list[Property]:
    values = {
        "envbench:platform": lock.platform,
        "envbench:channels": " ".join(lock.channels),
        "envbench:spec": lock.source,
    }
    return [Property(name=name, value=clean(value)) for name, value in values.items() if value]


def _describe_writer() -> Component:
    # Without its version: the same environment gives the same bytes.
    return Component(name="envbench", type=ComponentType.APPLICATION)
