"""What reaches in from outside: the user's packages, PYTHONPATH, LD_LIBRARY_PATH, files of the same name."""

import ensurepip
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from envbench.model.probe import ProbeStatus
from envbench.model.problem import Severity
from tests.probes.provoked.workshop import build


def put_pip(site: Path) -> None:
    """Unpack the pip that Python brings."""
    wheels = [*Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")]
    if not wheels:
        pytest.skip("this Python brings no pip")
    site.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheels[0]) as wheel:
        wheel.extractall(site)
    [info] = site.glob("pip-*.dist-info")
    (info / "INSTALLER").write_text("pip\n")


def user_site(home: Path, prefix: Path) -> Path:
    [library] = prefix.glob("lib/python3*")
    return home / ".local" / "lib" / library.name / "site-packages"


def test_a_broken_package_of_the_users_own(plain_interpreter, workshop, provoke, tmp_path):
    put_pip(next(plain_interpreter.glob("lib/python3*/site-packages")))
    site = user_site(tmp_path, plain_interpreter)
    workshop.package("pip", "raise RuntimeError('left over from last year')", at=site)
    result = provoke(plain_interpreter, probe="pip")
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert result.isolated.status is ProbeStatus.OK
    assert result.diagnoses[0].code == "leak.usersite"
    assert str(site) in result.diagnoses[0].title
    assert result.diagnoses[0].remedies[0].command == "export PYTHONNOUSERSITE=1"


def test_another_version_of_the_users_own_is_told_though_all_is_well(
    plain_interpreter, provoke, tmp_path
):
    put_pip(next(plain_interpreter.glob("lib/python3*/site-packages")))
    put_pip(user_site(tmp_path, plain_interpreter))
    result = provoke(plain_interpreter, probe="pip")
    assert result.status is ProbeStatus.OK
    assert [told.code for told in result.diagnoses] == ["leak.usersite"]
    assert result.diagnoses[0].severity is Severity.WARNING


def test_nothing_is_told_of_an_environment_that_is_fine(plain_interpreter, provoke, tmp_path):
    put_pip(next(plain_interpreter.glob("lib/python3*/site-packages")))
    (user_site(tmp_path, plain_interpreter) / "harmless").mkdir(parents=True)
    for probe in ("python", "pip"):
        result = provoke(plain_interpreter, probe=probe, PYTHONPATH=str(tmp_path / "empty"))
        assert (result.status, result.diagnoses) == (ProbeStatus.OK, ())


def test_pythonpath_brings_another_package(workshop, provoke, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "sqlite3.py").write_text("raise RuntimeError('the foreign one')")
    result = provoke(workshop.prefix, probe="python", PYTHONPATH=str(tmp_path / "lib"))
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert result.isolated.status is ProbeStatus.OK
    assert result.diagnoses[0].code == "leak.pythonpath"
    assert str(tmp_path / "lib") in result.diagnoses[0].title


def test_what_is_known_of_a_package_on_pythonpath_leads(
    plain_interpreter, workshop, provoke, tmp_path
):
    """The cause by itself first, where it comes from behind, and no change of a spec that is right."""
    put_pip(next(plain_interpreter.glob("lib/python3*/site-packages")))
    source = "raise ImportError('Numba needs NumPy 2.0 or less. Got NumPy 2.4.')"
    workshop.package("pip", source, at=tmp_path / "overlay")
    result = provoke(plain_interpreter, probe="pip", PYTHONPATH=str(tmp_path / "overlay"))
    codes = [told.code for told in result.diagnoses]
    assert codes == ["abi.numpy.too_new", "leak.pythonpath"]
    assert result.diagnoses[0].remedies[0].command == "unset PYTHONPATH"
    assert not any(remedy.changes for remedy in result.diagnoses[0].remedies)


def test_a_file_named_like_a_module(workshop, provoke, tmp_path):
    (tmp_path / "secrets.py").write_text("print('my script')\nimport numpy\n")
    workshop.numpy("from secrets import token_hex")
    result = provoke(workshop.prefix, PYTHONPATH=str(tmp_path))
    assert result.status is ProbeStatus.FAILED
    assert result.diagnoses[0].code == "shadow.module"
    assert str(tmp_path / "secrets.py") in result.diagnoses[0].cause


def test_a_file_named_like_a_module_that_the_probe_itself_has_loaded(workshop, provoke, tmp_path):
    """`random` is loaded before the user's path counts; it is met all the same."""
    (tmp_path / "random.py").write_text("print('my script')\nimport numpy\n")
    workshop.numpy("from random import SystemRandom")
    result = provoke(workshop.prefix, PYTHONPATH=str(tmp_path))
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert result.diagnoses[0].code == "shadow.module"
    assert "my script" in result.log_tail


def test_a_library_of_ones_own_comes_first(plain_interpreter, provoke, tmp_path):
    """The interpreter's own libbz2 is whole; LD_LIBRARY_PATH puts one without its calls first."""
    [extension] = plain_interpreter.glob("lib/python3*/lib-dynload/_bz2.*.so") or [None]
    needed = (
        extension
        and subprocess.run(["ldd", extension], capture_output=True, text=True, check=False).stdout
    )
    found = re.search(r"(libbz2\.so\S*)", needed or "")
    if not found:
        pytest.skip("this Python is not linked to a libbz2")
    outside = tmp_path / "cuda" / "lib64"
    outside.mkdir(parents=True)
    build(outside / found[1], "int other(void) { return 7; }\n", f"-Wl,-soname,{found[1]}")
    result = provoke(plain_interpreter, probe="python", LD_LIBRARY_PATH=str(outside))
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    if result.isolated.status is not ProbeStatus.OK:
        pytest.skip("this Python finds its libbz2 only through LD_LIBRARY_PATH")
    assert result.diagnoses[0].code == "leak.ld_library_path"
    assert str(outside) in result.diagnoses[0].title
    assert result.diagnoses[0].remedies[0].command == "unset LD_LIBRARY_PATH"
    assert not any(remedy.changes for told in result.diagnoses for remedy in told.remedies)
