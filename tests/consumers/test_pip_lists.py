"""The pip part of environment files, read by pip's own parser as conda and micromamba hand it on.

Both write the items of the list into a file, line by line, and give it to pip.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from envbench.formats.lock_formats import export_lock
from envbench.model.lock import Lock
from tests.consumers.samples import CU118, GPU_BOX, PLAIN_PIP, PYPI

pytest.importorskip("pip")


def read_as_pip(path: Path) -> tuple[list[str], dict[str, Any]]:
    """Give the indexes that pip would ask, and its requirements by name."""
    from pip._internal.index.collector import LinkCollector
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.models.search_scope import SearchScope
    from pip._internal.models.selection_prefs import SelectionPreferences
    from pip._internal.network.session import PipSession
    from pip._internal.req.constructors import install_req_from_parsed_requirement
    from pip._internal.req.req_file import parse_requirements

    session = PipSession()
    scope = SearchScope.create(find_links=[], index_urls=[PYPI], no_index=False)
    finder = PackageFinder.create(
        link_collector=LinkCollector(session=session, search_scope=scope),
        selection_prefs=SelectionPreferences(allow_yanked=True),
    )
    parsed = parse_requirements(str(path), session=session, finder=finder)
    found = [install_req_from_parsed_requirement(requirement) for requirement in parsed]
    return finder.search_scope.index_urls, {requirement.name: requirement for requirement in found}


def pip_list(text: str) -> list[str]:
    items = yaml.safe_load(text)["dependencies"]
    (lines,) = (item["pip"] for item in items if isinstance(item, dict))
    return list(lines)


@pytest.mark.parametrize("lock", [GPU_BOX, PLAIN_PIP], ids=["gpu", "pip"])
@pytest.mark.parametrize("name", ["environment-yml", "environment-yml-builds", "mlflow"])
def test_pip_is_asked_for_exactly_what_is_locked(tmp_path: Path, name: str, lock: Lock):
    path = tmp_path / "requirements.txt"
    path.write_text("\n".join(pip_list(export_lock(lock, name).text)))
    indexes, found = read_as_pip(path)
    assert indexes == [PYPI, CU118]
    for package in lock.pip:
        read = found[package.name]
        if package.direct_url:
            assert read.link.url_without_fragment == package.direct_url
            is_hashed = package.sha256 is not None and name != "mlflow"
            assert read.link.hash == (package.sha256 if is_hashed else None)
        else:
            assert str(read.req.specifier) == f"=={package.version}"
    assert name == "mlflow" or set(found) == {package.name for package in lock.pip}


def test_requirements_of_files_with_hashes_are_checked_by_pip(tmp_path: Path):
    export = export_lock(PLAIN_PIP, "requirements")
    path = tmp_path / export.file_name
    path.write_text(export.text)
    indexes, found = read_as_pip(path)
    assert indexes == [PYPI, CU118]
    assert {name: read.hash_options for name, read in found.items()} == {
        package.name: {"sha256": [package.sha256]} for package in PLAIN_PIP.pip
    }
