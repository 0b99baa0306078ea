"""conda-lock files: their shape, their consumers' own code, and all that must be refused in them."""

import hashlib
from dataclasses import replace

import pytest
import yaml

from envbench.formats.lock_formats import export_lock
from envbench.formats.locks.conda_lock import compute_content_hash, write_conda_lock
from envbench.formats.locks.conda_lock_reading import read_conda_lock
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Lock, PipPackage
from envbench.model.locked_set import LockAspect
from tests.formats.lock_values import WHOLE, digest, record
from tests.formats.rattler_judge import judge

HASHED = tuple(replace(each, pip=tuple(p for p in each.pip if p.sha256)) for each in WHOLE)


def write(*locks: Lock, **options: str) -> str:
    (file,) = write_conda_lock(locks, ExportOptions(**options))
    assert file.path == "conda-lock.yml"
    return file.text


def lock(*packages, pip=(), **more):
    return Lock(
        name="x", platform="linux-64", channels=("conda-forge",), packages=packages, pip=pip, **more
    )


def test_the_shape_of_the_file():
    package = record(
        "numpy", "1.10", "py_0", depends=("python >=3.9", "libblas", "python_abi 3 *_cp")
    )
    text = write(lock(package, source="env/gpu.yml"), created_at="2026-11-22T16:23:18Z")
    line = f"{package.url}#{package.md5}\n"
    assert text == (
        "version: 1\nmetadata:\n  content_hash:\n"
        f"    linux-64: {hashlib.sha256(line.encode()).hexdigest()}\n"
        "  channels:\n  - url: conda-forge\n    used_env_vars: []\n"
        "  platforms:\n  - linux-64\n  sources:\n  - env/gpu.yml\n"
        "  time_metadata:\n    created_at: '2026-11-22T16:23:18Z'\n"
        "  custom_metadata:\n    created_by: envbench\n"
        "package:\n- name: numpy\n  version: '1.10'\n  manager: conda\n  platform: linux-64\n"
        "  dependencies:\n    libblas: ''\n    python: '>=3.9'\n    python_abi: 3 *_cp\n"
        f"  url: {package.url}\n  hash:\n    md5: {package.md5}\n    sha256: {package.sha256}\n"
        "  build: py_0\n  category: main\n  optional: false\n"
    )


def test_without_an_instant_there_is_no_time_and_a_source_is_always_named():
    metadata = yaml.safe_load(write(*WHOLE))["metadata"]
    assert "time_metadata" not in metadata
    assert metadata["sources"] == ["environment.yml"]
    assert set(metadata["content_hash"]) == set(metadata["platforms"]) == {"linux-64", "osx-arm64"}
    assert all(entry["used_env_vars"] == [] for entry in metadata["channels"])


def test_the_content_hash_is_that_of_the_sorted_addresses_with_md5():
    packages = (record("b"), record("a"))
    lines = sorted(f"{p.url}#{p.md5}\n" for p in packages)
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert compute_content_hash(lock(*packages)) == expected
    assert compute_content_hash(lock(*packages[::-1])) == expected
    assert compute_content_hash(lock(packages[0])) != expected


def test_noarch_packages_stand_once_for_each_platform():
    entries = yaml.safe_load(write(*WHOLE))["package"]
    tzdata = [entry for entry in entries if entry["name"] == "tzdata"]
    assert [entry["platform"] for entry in tzdata] == ["linux-64", "osx-arm64"]
    assert len({entry["url"] for entry in tzdata}) == 1
    keys = [(e["manager"], e["name"], e["platform"]) for e in entries]
    assert keys == sorted(set(keys))


def test_direct_references_are_urls_of_a_source_with_their_hash():
    entries = {e["name"]: e for e in yaml.safe_load(write(*WHOLE))["package"]}
    zipped, git = entries["zipped"], entries["fromgit"]
    assert zipped["url"] == "https://files.example/zipped-1.0.zip"
    assert zipped["source"]["url"] == f"{zipped['url']}#sha256={digest('zipped', 64)}"
    assert git["source"] == {"type": "url", "url": git["url"]}
    assert git["url"].endswith("@" + "0a" * 20)
    assert git["hash"] == {"sha256": "0a" * 20}, "as conda-lock itself writes it"
    assert "source" not in entries["torchaudio"]


def test_requirements_of_pip_packages_are_those_that_are_there():
    wanted = ("numpy>=1.2", "Rich[x]", "absent", "extra-only; extra == 'dev'", "odd odd")
    rich = PipPackage(name="rich", version="1", url="https://h.example/rich-1-py3-none-any.whl")
    lib = replace(rich, name="lib", requires_dist=wanted)
    entries = yaml.safe_load(write(lock(record("numpy"), pip=(lib, rich))))["package"]
    found = {entry["name"]: entry["dependencies"] for entry in entries}
    assert found["lib"] == {"numpy": ">=1.2", "rich": "*"}


def test_packages_without_an_address_are_refused_by_name():
    with pytest.raises(UsageError, match="foreign"):
        write(lock(pip=(PipPackage(name="foreign", version="1"),)))
    with pytest.raises(UsageError, match="numpy"):
        write(lock(replace(record("numpy"), url="")))
    no_pip = lock(record("numpy"), pip=(PipPackage(name="foreign", version="1"),))
    exported = export_lock(no_pip, "conda-lock-no-pip")
    assert exported.file_name == "conda-lock.yml"
    assert "foreign" not in exported.text
    assert ("pip packages", ("foreign",)) in {(x.what, x.packages) for x in exported.lost}


def test_md5_that_is_not_known_is_told_and_not_invented():
    exported = export_lock(lock(record("numpy", md5=None), record("other")), "conda-lock")
    assert ("packages without md5", ("numpy",)) in {(x.what, x.packages) for x in exported.lost}
    hashes = {e["name"]: e["hash"] for e in yaml.safe_load(exported.text)["package"]}
    assert set(hashes["numpy"]) == {"sha256"}


@pytest.mark.parametrize("locks", [WHOLE, HASHED, (WHOLE[0],), (lock(),)])
@pytest.mark.parametrize("pip", [True, False])
def test_the_models_of_conda_lock_accept_it(locks, pip):
    models = pytest.importorskip("conda_lock.lockfile.v1.models")
    (file,) = write_conda_lock(locks, ExportOptions(created_at="2026-01-01T00:00:00Z"), pip=pip)
    parsed = models.Lockfile.model_validate(yaml.safe_load(file.text))
    assert len(parsed.package) == sum(len(e.packages) + (len(e.pip) if pip else 0) for e in locks)
    untimed = write_conda_lock(locks, ExportOptions(), pip=pip)[0].text
    assert models.Lockfile.model_validate(yaml.safe_load(untimed)).metadata.time_metadata is None


def test_conda_lock_refuses_what_is_told_as_a_loss():
    models = pytest.importorskip("conda_lock.lockfile.v1.models")
    text = write(lock(record("numpy", md5=None)))
    with pytest.raises(ValueError, match="MD5"):
        models.Lockfile.model_validate(yaml.safe_load(text))


def test_rattler_reads_it_as_it_is_meant(tmp_path):
    pytest.importorskip("rattler")
    found = judge(write(*HASHED), "conda-lock.yml", tmp_path)
    packages = found["platforms"]["linux-64"]["packages"]
    assert {(p["name"], p["version"], p["sha256"]) for p in packages} == {
        (p.name, p.version, p.sha256) for p in (*HASHED[0].packages, *HASHED[0].pip)
    }
    refused = judge(write(*WHOLE), "conda-lock.yml", tmp_path)
    assert refused["error"], "the loss `py-rattler as a consumer` says so"


def wheel(name: str, **more) -> PipPackage:
    url = f"https://h.example/{name}-1-py3-none-any.whl"
    return PipPackage(
        **({"name": name, "version": "1", "url": url, "sha256": digest(name, 64)} | more)
    )


def test_who_refuses_the_file_because_of_which_pip_packages_is_told():
    commit = "0a" * 20
    pip = (
        wheel("plain"),
        wheel("sdist", url="https://h.example/sdist-1.tar.gz"),
        wheel("unhashed", sha256=None),
        wheel("zipped", url="https://h.example/zipped-1.zip"),
        wheel("https", direct_url=f"git+https://h.example/x@{commit}#subdirectory=a", sha256=None),
        wheel("ssh", direct_url=f"git+ssh://git@h.example/x@{commit}", sha256=None),
        wheel("local", direct_url="file:///home/me/local", sha256=None),
    )
    lost = {x.what: x.packages for x in export_lock(lock(pip=pip), "conda-lock").lost}
    assert lost["conda as a consumer"] == tuple(p.name for p in pip)
    assert lost["micromamba as a consumer"] == ("unhashed", "zipped", "ssh", "local")
    assert lost["py-rattler as a consumer"] == ("unhashed", "https", "ssh", "local")
    none = export_lock(lock(record("numpy"), pip=pip), "conda-lock-no-pip").lost
    assert not any("consumer" in loss.what for loss in none)


@pytest.mark.parametrize("name", ["unhashed", "https", "ssh", "local", "zipped"])
def test_rattler_refuses_each_package_that_the_loss_names_and_no_other(tmp_path, name):
    pytest.importorskip("rattler")
    commit = "0a" * 20
    package = {
        "unhashed": wheel("unhashed", sha256=None),
        "https": wheel("https", direct_url=f"git+https://h.example/x@{commit}", sha256=None),
        "ssh": wheel("ssh", direct_url=f"git+ssh://git@h.example/x@{commit}", sha256=None),
        "local": wheel("local", direct_url="file:///home/me/local", sha256=None),
        "zipped": wheel("zipped", direct_url="https://h.example/zipped-1.zip"),
    }[name]
    exported = export_lock(lock(record("numpy"), pip=(package,)), "conda-lock")
    told = {x.what: x.packages for x in exported.lost}.get("py-rattler as a consumer", ())
    refused = bool(judge(exported.text, "conda-lock.yml", tmp_path).get("error"))
    assert (name in told) == refused


def test_the_commit_of_a_repository_stands_where_its_hash_would():
    """As conda-lock writes it; micromamba takes no file in which a package has no hash at all."""
    packages = {p["name"]: p for p in yaml.safe_load(write(*WHOLE))["package"]}
    for package in WHOLE[0].pip:
        if (package.direct_url or "").startswith("git+"):
            commit = package.direct_url.partition("#")[0].rpartition("@")[2]
            assert packages[package.name]["hash"] == {"sha256": commit}


PACKAGE = (
    "- {name: numpy, version: '1.26.4', manager: conda, platform: linux-64, dependencies: {},"
    " url: 'https://h.example/c/linux-64/numpy-1.26.4-py_0.conda', hash: {md5: " + "ab" * 16 + "},"
    " category: main, optional: false}\n"
)
HEAD = "version: 1\nmetadata:\n  platforms: [linux-64]\n  channels: [conda-forge]\npackage:\n"  # a channel may be a text, too


def test_what_conda_lock_itself_writes_is_read():
    reading = read_conda_lock(HEAD + PACKAGE)
    assert reading.problems == ()
    (package,) = reading.locked.packages
    assert (package.build, package.line) == ("py_0", 6)
    assert package.record.channel_url == "https://h.example/c"
    assert reading.locked.channels == ("conda-forge",)
    assert LockAspect.PIP not in reading.locked.kept


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name: numpy", "name: other"), "none of other"),
        (("url: 'https", "url: '', x: 'https"), "no address"),
        (("h.example/c", "h.example/$TOKEN"), "not expanded"),
        (("manager: conda", "manager: npm"), "unknown manager"),
        (("platform: linux-64", "platform: win-64"), "does not list"),
        (("version: '1.26.4',", ""), "needs name, version and platform"),
        ((PACKAGE, PACKAGE + PACKAGE), "locked twice, first in line 6"),
        (("package:\n", "packages:\n"), "there is no `package:`"),
        (("numpy-1.26.4-py_0.conda", "numpy.zip"), "none of numpy"),
    ],
)
def test_hostile_row_21_what_cannot_be_relied_on_is_a_problem_with_its_line(change, message):
    reading = read_conda_lock((HEAD + PACKAGE).replace(*change))
    assert not reading.is_sound
    assert [message in problem.message for problem in reading.problems] == [True]


def test_secrets_and_missing_hashes_are_warnings_and_never_shown():
    text = (HEAD + PACKAGE).replace("h.example", "user:planted-1@h.example")
    text = text.replace("hash: {md5: " + "ab" * 16 + "}", "hash: {}")
    reading = read_conda_lock(text)
    assert reading.is_sound
    assert len(reading.problems) == 2
    assert "planted" not in repr(reading)


def test_other_categories_are_told_and_other_versions_refused():
    other = PACKAGE.replace("category: main", "category: dev").replace("numpy", "black")
    reading = read_conda_lock(HEAD + PACKAGE + other)
    assert [p.name for p in reading.locked.packages] == ["numpy"]
    assert ["category dev" in p.message for p in reading.problems] == [True]
    with pytest.raises(UsageError, match="version 2"):
        read_conda_lock("version: 2\npackage: []\n")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("version: 1\nmetadata: {}\npackage:\n  numpy: {version: '1'}\n", 1, "`package` has to be"),
        ("version: 1\nmetadata: {}\npackage: numpy\n", 1, "`package` has to be a list"),
        ("version: 1\nmetadata: {}\npackage:\n", 1, "there is no `package:`"),
        ("version: 1\nmetadata: 3\npackage: []\n", 1, "`metadata` has to be a mapping"),
        ("version: 1\nmetadata:\n  platforms: linux-64\npackage: []\n", 3, "`platforms` has"),
        ("version: 1\nmetadata: {}\npackage: [numpy]\n", 1, "`package` has to be"),
        (HEAD + PACKAGE.replace("{md5: " + "ab" * 16 + "}", "[x]"), 6, "`hash` has to be"),
        (HEAD + PACKAGE.replace("ab" * 16, "[x]"), 6, "`md5` has to be a text"),
        (HEAD + PACKAGE.replace("ab" * 16, "abc"), 6, "the md5 of numpy is none: abc"),
    ],
)
def test_what_has_the_wrong_shape_is_no_empty_lock(text, line, message):
    """conda makes an empty environment of such a file, and says nothing."""
    reading = read_conda_lock(text)
    assert not reading.is_sound
    assert any(message in p.message and p.line == line for p in reading.problems), reading.problems


def test_digests_in_capitals_are_digests():
    (package,) = read_conda_lock(HEAD + PACKAGE.replace("ab" * 16, "AB" * 16)).locked.packages
    assert package.md5 == package.record.md5 == "ab" * 16


def test_a_pip_package_that_could_not_be_checked_is_refused():
    text = write(lock(pip=(wheel("a"),))).replace("    sha256:", "    md5:")
    (problem,) = read_conda_lock(text).problems
    assert "a has no sha256, only md5" in problem.message
