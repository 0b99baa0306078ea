"""Where installed wheels came from, found again: real uv, real servers, real installations."""

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.engine.pip_section import (
    IndexCredential,
    SourceSearch,
    install_pip_section,
    search_sources,
)
from envbench.engine.pip_section.uv_binary import find_uv
from envbench.model.build import PipSettings
from envbench.model.lock import PipPackage
from tests.wheel_index import PASSWORD, Index, serve


@pytest.fixture
def index(bench) -> Iterator[Index]:
    yield from serve(bench.wheels)


@pytest.fixture
def elsewhere(bench) -> Iterator[Index]:
    yield from serve(bench.wheels)


def install(prefix: Path, *wheels: Path, tool: str = "uv") -> Path:
    """Install by name from a folder, as from an index: no direct reference is left."""
    names = [wheel.name.split("-")[0] + "==" + wheel.name.split("-")[1] for wheel in wheels]
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(prefix.parent), "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(prefix.parent / "installer-cache"), "PIP_CONFIG_FILE": "/dev/null",
    }  # fmt: skip
    options = ["--no-index", "--no-deps", "--find-links", str(wheels[0].parent), *names]
    if tool == "uv":
        argv = [str(find_uv()), "pip", "install", "-q", "--python", str(prefix / "bin/python")]
    else:
        argv = [
            sys.executable,
            "-m",
            "pip",
            "-q",
            "--python",
            str(prefix / "bin/python"),
            "install",
        ]
    subprocess.run([*argv, *options], check=True, env=environ, timeout=120)
    return prefix


def package(name: str, version: str = "1.0") -> PipPackage:
    return PipPackage(name=name, version=version, installer="uv")


def search(bench, prefix: Path, *packages: PipPackage, **task: object) -> SourceSearch:
    return search_sources(prefix, packages, bench.task(**task))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def big(bench, name: str, version: str = "1.0", **more: object) -> Path:
    """A wheel that nobody wants to fetch for the sake of its RECORD."""
    files = {f"{name}/data.txt": base64.b85encode(os.urandom(700_000)).decode()}
    files[f"{name}/__init__.py"] = "def main(): pass\n"
    return bench.wheel(name, version, files=files, **more)


@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_wheels_of_a_server_are_proven_by_a_part_of_them(bench, index, tool):
    wheels = [
        big(bench, "app", script="app-run = app:main"),
        bench.wheel("local", "2.1.0+cu118"),
    ]
    prefix = install(bench.prefix(), *wheels, tool=tool)
    asked = (package("app"), package("local", "2.1.0+cu118"))
    result = search(bench, prefix, *asked, settings=PipSettings(index_url=index.url))
    assert result.unknown == ()
    app, local = result.found
    assert (app.sha256, app.size_bytes) == (sha256(wheels[0]), wheels[0].stat().st_size)
    assert app.url == f"{index.root}/files/{wheels[0].name}"
    assert (local.version, local.index_url) == ("2.1.0+cu118", index.url)
    assert local.sha256 == sha256(wheels[1])
    assert index.sent[wheels[0].name] < wheels[0].stat().st_size / 2


def test_of_several_indexes_the_one_that_served_it_is_named(bench, index, elsewhere):
    other = bench.directory / "other"
    other.mkdir()
    wheels = [bench.wheel("app", "1.0"), bench.wheel("torch", "2.1.0+cu118")]
    prefix = install(bench.prefix(), *wheels)
    moved = wheels[1].rename(other / wheels[1].name)
    elsewhere.wheels = other
    settings = PipSettings(index_url=index.url, extra_index_urls=(elsewhere.url,))
    asked = (package("app"), package("torch", "2.1.0+cu118"))
    found = {p.name: p for p in search(bench, prefix, *asked, settings=settings).found}
    assert found["app"].index_url == index.url
    assert found["torch"].index_url == elsewhere.url
    assert found["torch"].sha256 == sha256(moved)


def test_a_rebuilt_wheel_of_the_same_name_is_not_taken_for_the_installed_one(bench, index):
    wheel = bench.wheel("app", "1.0", files={"app/__init__.py": "x = 1\n"})
    prefix = install(bench.prefix(), wheel)
    bench.wheel("app", "1.0", files={"app/__init__.py": "x = 2\n"})
    result = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    assert result.found == ()
    ((name, why),) = result.unknown
    assert name == "app"
    assert "app/__init__.py is another one" in why


@pytest.mark.parametrize("change", ["more", "fewer"])
def test_a_wheel_with_other_files_is_not_taken(bench, index, change):
    both = {"app/__init__.py": "x = 1\n", "app/more.py": "y = 1\n"}
    one = {"app/__init__.py": "x = 1\n"}
    before, after = (one, both) if change == "more" else (both, one)
    prefix = install(bench.prefix(), bench.wheel("app", "1.0", files=before))
    bench.wheel("app", "1.0", files=after)
    result = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    assert result.found == ()
    assert "more.py" in result.unknown[0][1] or "METADATA" in result.unknown[0][1]


def test_of_two_wheels_the_one_that_was_installed_is_found(bench, index):
    """A rebuilt one with a build number stands beside it."""
    wheel = bench.wheel("app", "1.0", files={"app/__init__.py": "x = 2\n"})
    rebuilt = wheel.rename(wheel.with_name("app-1.0-7-py3-none-any.whl"))
    wheel = bench.wheel("app", "1.0", files={"app/__init__.py": "x = 1\n"})
    alone = bench.directory / "alone"
    alone.mkdir()
    (alone / wheel.name).write_bytes(wheel.read_bytes())
    prefix = install(bench.prefix(), alone / wheel.name)
    result = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    assert [p.sha256 for p in result.found] == [sha256(wheel)]
    assert sha256(rebuilt) != sha256(wheel)


def test_what_no_index_has_spoils_nothing_else(bench, index):
    wheels = [bench.wheel(f"p{number}", "1.0") for number in range(5)]
    prefix = install(bench.prefix(), *wheels)
    for gone in ("p1", "p4"):
        (bench.wheels / f"{gone}-1.0-py3-none-any.whl").unlink()
    result = search(
        bench, prefix, *(package(f"p{number}") for number in range(5)),
        settings=PipSettings(index_url=index.url),
    )  # fmt: skip
    assert [p.name for p in result.found] == ["p0", "p2", "p3"]
    assert [name for name, _ in result.unknown] == ["p1", "p4"]
    assert "no configured index has p1 1.0" in result.unknown[0][1]


def test_a_local_version_that_no_index_has_is_told_which_index_is_missing(bench, index):
    prefix = install(bench.prefix(), bench.wheel("torch", "2.1.0+cu118"))
    (bench.wheels / "torch-2.1.0+cu118-py3-none-any.whl").unlink()
    bench.wheel("torch", "2.1.0")
    asked = package("torch", "2.1.0+cu118")
    result = search(bench, prefix, asked, settings=PipSettings(index_url=index.url))
    assert "add the index of +cu118 builds" in result.unknown[0][1]


def test_the_password_of_an_index_reaches_its_files_and_nothing_else(bench, index, elsewhere):
    wheel = bench.wheel("app", "1.0")
    prefix = install(bench.prefix(), wheel)
    index.needs_password = True
    index.redirect_to = elsewhere.root
    given = {
        "settings": PipSettings(index_url=index.url),
        "credentials": (IndexCredential(index.url, "user", PASSWORD),),
    }
    result = search(bench, prefix, package("app"), **given)
    assert [p.sha256 for p in result.found] == [sha256(wheel)], result.unknown
    assert PASSWORD not in repr(result)
    assert index.authorised and all(index.authorised)
    assert elsewhere.authorised and not any(elsewhere.authorised)


def test_without_the_password_it_stays_unknown(bench, index):
    prefix = install(bench.prefix(), bench.wheel("app", "1.0"))
    index.needs_password = True
    result = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    assert result.found == ()
    assert "401" in result.unknown[0][1] or "refused" in result.unknown[0][1]


def test_a_server_without_ranges_sends_small_wheels_whole(bench, index, monkeypatch):
    wheels = [bench.wheel("small", "1.0"), big(bench, "large")]
    prefix = install(bench.prefix(), *wheels)
    index.ranges = False
    module = "envbench.engine.pip_section.provenance.remote_archive.MOST_BYTES"
    monkeypatch.setattr(module, wheels[1].stat().st_size - 1)
    result = search(
        bench, prefix, package("small"), package("large"),
        settings=PipSettings(index_url=index.url),
    )  # fmt: skip
    assert [(p.name, p.sha256) for p in result.found] == [("small", sha256(wheels[0]))]
    assert "all of it would have to be fetched" in result.unknown[0][1]


def test_the_wheel_at_the_address_of_a_direct_reference_is_digested_if_it_is_still_the_same(
    bench, index
):
    wheel = bench.wheel("app", "1.0")
    prefix = install(bench.prefix(), wheel)
    url = f"{index.root}/files/{wheel.name}"
    asked = PipPackage(name="app", version="1.0", installer="uv", direct_url=url, url=url)
    result = search(bench, prefix, asked, settings=PipSettings(index_url="http://127.0.0.1:9/"))
    assert [(p.sha256, p.direct_url) for p in result.found] == [(sha256(wheel), url)]
    bench.wheel("app", "1.0", files={"app/__init__.py": "x = 2\n"})
    result = search(bench, prefix, asked, settings=PipSettings(index_url="http://127.0.0.1:9/"))
    assert result.found == ()
    assert "another wheel lies at its address by now" in result.unknown[0][1]


def test_an_index_that_is_down_fails_at_once_and_says_so(bench):
    prefix = install(bench.prefix(), bench.wheel("app", "1.0"), bench.wheel("lib", "1.0"))
    environ = {"PATH": os.environ["PATH"], "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "3"}
    settings = PipSettings(index_url="http://127.0.0.1:9/simple")
    asked = (package("app"), package("lib"))
    result = search(bench, prefix, *asked, settings=settings, environ=environ)
    assert result.found == ()
    assert [name for name, _ in result.unknown] == ["app", "lib"]
    assert all("cannot be reached" in why for _, why in result.unknown)


def test_a_folder_of_wheels_is_proven_offline(bench):
    wheel = bench.wheel("app", "1.0")
    prefix = install(bench.prefix(), wheel)
    settings = PipSettings(no_index=True, find_links=(str(bench.wheels),), offline=True)
    result = search(bench, prefix, package("app"), settings=settings)
    assert [(p.sha256, p.url) for p in result.found] == [(sha256(wheel), wheel.as_uri())]


def test_an_installation_tells_index_size_and_requirements(bench, index, elsewhere):
    other = bench.directory / "other"
    other.mkdir()
    bench.wheel("app", "1.0", requires=["torch"], python=">=3.8")
    torch = bench.wheel("torch", "2.1.0+cu118")
    torch.rename(other / torch.name)
    elsewhere.wheels = other
    settings = PipSettings(index_url=index.url, extra_index_urls=(elsewhere.url,))
    task = bench.task("app", settings=settings)
    result = install_pip_section(bench.request(task, bench.prefix()))
    app, found = result.packages
    assert (app.index_url, app.requires_dist, app.requires_python) == (
        index.url, ("torch",), ">=3.8",
    )  # fmt: skip
    assert (found.index_url, found.sha256) == (elsewhere.url, sha256(other / torch.name))
    assert f'index = "{elsewhere.url}"' in result.pylock_text


def test_what_was_built_from_source_stays_unknown(bench, index):
    prefix = install(bench.prefix(), bench.wheel("app", "1.0"))
    (bench.wheels / "app-1.0-py3-none-any.whl").unlink()
    result = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    assert result.found == ()


@pytest.mark.parametrize(
    "damage",
    [b"", b"no zip at all", b"PK\x05\x06" + b"\xff" * 18, b"PK\x05\x06" + b"\0" * 18],
)
def test_a_damaged_archive_is_told_and_nothing_breaks(bench, index, damage):
    wheel = bench.wheel("app", "1.0")
    prefix = install(bench.prefix(), wheel)
    page = wheel.read_bytes()
    # uv reads the metadata from the good one; it is damaged only for whoever looks afterwards.
    offers = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    assert offers.unknown == ()
    wheel.write_bytes(damage)
    try:
        result = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    finally:
        wheel.write_bytes(page)
    assert result.found == ()
    assert result.unknown[0][0] == "app"


def test_a_record_of_ten_megabytes_and_of_hostile_lines_is_read(bench, index):
    wheel = bench.wheel("app", "1.0")
    prefix = install(bench.prefix(), wheel)
    record = next(prefix.glob("lib/python3*/site-packages/app-1.0.dist-info/RECORD"))
    lines = "".join(
        f"app/{number:06}/{'x' * 60}.py,sha256={'a' * 43},1\n" for number in range(90_000)
    )
    record.write_text(record.read_text() + lines + "/etc/passwd,,\n../../../../../x,,\n\x1b[2J,,\n")
    result = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    assert result.found == ()
    assert "was installed, which it does not bring" in result.unknown[0][1]


def test_a_record_that_lies_about_the_wheel_does_not_pass(bench, index):
    """Two RECORDs in one archive: which is meant is not for us to choose."""
    wheel = bench.wheel("app", "1.0")
    prefix = install(bench.prefix(), wheel)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("other-1.0.dist-info/RECORD", "")
    result = search(bench, prefix, package("app"), settings=PipSettings(index_url=index.url))
    assert result.found == ()
