"""Laws: what is written is read back but for what is reported lost; no secret survives."""

import subprocess
import sys
import tomllib
from dataclasses import replace

import pytest
from packaging.pylock import Pylock

from envbench.formats.lock_formats import LOCK_FORMATS, export_lock, find_lock_format
from envbench.model.errors import PreventedError, UsageError
from envbench.model.lock import Lock, PipPackage
from envbench.model.locked_set import EVERY_ASPECT
from envbench.model.redaction import register_secret
from tests.formats.lock_values import EVERYTHING, WHOLE, record

NAMES = [form.name for form in LOCK_FORMATS if form.is_lock]


NAMES_ONLY = {"addresses", "hashes", "pip addresses", "pip hashes", "platform"}
BY_NAME = {"pip itself", "variables in micromamba"}
LOST = {
    "environment-yml": NAMES_ONLY | BY_NAME | {"builds", "index per package"},
    "environment-yml-builds": NAMES_ONLY | BY_NAME | {"index per package"},
    "environment-lock": NAMES_ONLY | BY_NAME | {
        "exact versions", "builds", "channel per package", "index of local versions", "index per package",
        "pip indexes", "pip direct references", "editable packages",
    },
    "environment-lock-builds": NAMES_ONLY | BY_NAME | {
        "exact versions",
        "channel per package", "index of local versions", "index per package", "pip indexes",
        "pip direct references", "editable packages",
    },
    "explicit": {"name", "channel order", "sha256", "pip packages", "variables"},
    "explicit-sha256": {"name", "channel order", "md5", "pip packages", "variables"},
    "conda-lock": {
        "name", "variables", "pip indexes", "index per package", "editable packages", "portability",
        "conda as a consumer", "micromamba as a consumer", "py-rattler as a consumer",
    },
    "conda-lock-no-pip": {"name", "pip packages", "variables"},
    "pixi-v6": {"name", "variables", "index per package", "portability", "pip requirements", "conda as a consumer"},
    "pixi-v7": {"name", "variables", "editable packages", "portability", "pip requirements"},
    "pylock": {"conda packages", "portability", "pip as a consumer"},
    "requirements": {
        "name", "conda packages", "channel order", "variables", "pip addresses",
        "hashes that pip checks",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_losses_of_a_lock_that_holds_everything(name):
    form = find_lock_format(name)
    exported = export_lock(WHOLE if form.many_platforms else WHOLE[0], name)
    assert {loss.what for loss in exported.lost} == LOST[name]
    assert all(loss.why.endswith(".") for loss in exported.lost)


def test_losses_name_whom_they_concern():
    lost = {loss.what: loss.packages for loss in export_lock(EVERYTHING, "environment-lock").lost}
    assert lost["channel per package"] == ("python", "tzdata", "old", "numpy")
    assert lost["index of local versions"] == ("torchaudio",)
    assert lost["pip direct references"] == ("fromgit",)
    assert lost["platform"] == ()


def test_files_of_this_box_are_no_portable_addresses():
    lock = Lock(
        name="x", platform="linux-64", channels=("file:///disk/channel",),
        packages=(record("numpy", base="file:///disk/channel"),),
    )  # fmt: skip
    for name in ("explicit", "pylock", "requirements"):
        # The last two have an explicit file beside them.
        lost = {loss.what: loss.packages for loss in export_lock(lock, name).lost}
        assert lost["portability"] == ("numpy",)
    for name in ("kubernetes", "vscode"):
        assert "portability" not in {loss.what for loss in export_lock(lock, name).lost}
    assert "portability" not in {loss.what for loss in export_lock(lock, "environment-lock").lost}


def test_what_the_lock_itself_does_not_know_is_told():
    lock = Lock(
        name="x", platform="linux-64", channels=(),
        packages=(record("numpy", md5=None, sha256=None),),
        pip=(PipPackage(name="torch", version="2.1.0+cu118"),),
    )  # fmt: skip
    for name, what, package in (
        ("explicit", "unknown hashes", "numpy"),
        ("environment-lock", "index of local versions", "torch"),
    ):
        assert (what, (package,)) in {(x.what, x.packages) for x in export_lock(lock, name).lost}


def test_the_pip_part_is_a_valid_pylock():
    text = export_lock(EVERYTHING, "pylock").text
    parsed = Pylock.from_dict(tomllib.loads(text))
    assert [str(package.name) for package in parsed.packages] == [
        "fromgit",
        "tabulate",
        "torchaudio",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_no_planted_secret_survives(name):
    url = "https://user:planted-pass-1@h.example/t/planted-token-2/chan"
    lock = replace(
        EVERYTHING,
        channels=(url, "https://planted-token-3@h.example/x"),
        packages=(record("numpy", base=url, channel=url),),
        pip=(
            PipPackage(
                name="lib", version="1.0", sha256="ab" * 32,
                url="https://user:planted-pass-4@h.example/lib-1.0-py3-none-any.whl?token=planted-5",
            ),
            PipPackage(
                name="git", version="1.0",
                direct_url="git+https://user:planted-pass-6@h.example/git@" + "0c" * 20,
            ),
        ),
    )  # fmt: skip
    exported = export_lock(lock, name)
    assert "planted" not in exported.text
    assert "planted" not in repr(exported.lost)


def test_a_known_secret_in_a_variable_stops_the_export():
    register_secret("planted-in-a-variable-9")
    lock = replace(EVERYTHING, variables=(("TOKEN", "planted-in-a-variable-9"),))
    with pytest.raises(PreventedError) as caught:
        export_lock(lock, "environment-lock")
    assert "planted" not in str(caught.value)
    assert export_lock(lock, "explicit").text


def test_an_unknown_format_lists_those_that_exist():
    with pytest.raises(UsageError, match="environment-lock, environment-lock-builds, pylock"):
        export_lock(EVERYTHING, "zip")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pixi", "pixi-v6 or pixi-v7"),
        ("conda_lock", "conda-lock or conda-lock-no-pip"),
        ("conda-lok", "conda-lock"),
        ("docker", "dockerfile"),
        ("gitlab", "gitlab-ci"),
    ],
)
def test_a_mistyped_format_is_guessed(typed, meant):
    with pytest.raises(UsageError) as caught:
        find_lock_format(typed)
    assert caught.value.hint.startswith(f"Did you mean {meant}")


@pytest.mark.parametrize("form", LOCK_FORMATS, ids=lambda form: form.name)
def test_the_catalogue_says_what_the_modules_do(form):
    """Names in the catalogue are looked up when they are used: each has to be there."""
    exported = export_lock(EVERYTHING, form.name)
    assert exported.file_name == form.file_name
    assert form.kept <= EVERY_ASPECT
    assert exported.format == form.name


def test_the_catalogue_loads_no_writer():
    program = (
        "import sys, envbench.formats.lock_formats, envbench.formats.lock_reading;"
        "print([m for m in sys.modules if m.startswith(('envbench.formats.exports',"
        " 'envbench.formats.locks.pixi', 'envbench.formats.guarded', 'envbench.model.checks'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def losses(lock: Lock, name: str) -> dict[str, tuple[str, ...]]:
    return {loss.what: loss.packages for loss in export_lock(lock, name).lost}


def test_plain_conda_has_no_installer_for_the_pip_part_of_a_pixi_lock():
    names = tuple(package.name for package in EVERYTHING.pip)
    assert losses(EVERYTHING, "pixi-v6")["conda as a consumer"] == names
    assert "conda as a consumer" not in losses(EVERYTHING, "pixi-v7")
    assert "conda as a consumer" not in losses(replace(EVERYTHING, pip=()), "pixi-v6")


def test_who_checks_no_sha256_of_an_explicit_file_is_told():
    (loss,) = (x for x in export_lock(EVERYTHING, "explicit-sha256").lost if x.what == "md5")
    assert "conda before 24.9 refuses" in loss.why
    assert "micromamba before 2.1" in loss.why


def test_packages_with_md5_only_are_told_where_both_have_room():
    lock = replace(EVERYTHING, packages=(record("numpy", sha256=None), record("other")))
    for name in ("pixi-v6", "pixi-v7", "conda-lock"):
        assert losses(lock, name)["unknown sha256"] == ("numpy",)
    assert "unknown sha256" not in losses(lock, "environment-yml")
    assert "unknown sha256" not in losses(EVERYTHING, "pixi-v7")


def test_a_python_that_is_no_package_is_told_by_conda_formats():
    lock = replace(EVERYTHING, packages=(), python_version="3.11.7")
    for name in ("environment-yml", "explicit", "conda-lock", "pixi-v7"):
        assert losses(lock, name)["python"] == ()
    assert "python" not in losses(lock, "pylock")


def test_editable_packages_are_of_this_box_and_copies_elsewhere():
    whole = WHOLE[0]
    assert losses(whole, "pixi-v6")["portability"] == ("mine",)
    assert "editable packages" not in losses(whole, "pixi-v6")
    assert losses(whole, "pixi-v7")["editable packages"] == ("mine",)
    assert losses(whole, "conda-lock")["editable packages"] == ("mine",)


def test_the_losses_of_several_platforms_are_told_once_with_all_names():
    linux, osx = WHOLE
    more = replace(osx, pip=(*osx.pip, replace(osx.pip[0], name="only-osx", requires_dist=None)))
    lost = export_lock((linux, more), "pixi-v7").lost
    assert len({(loss.what, loss.why) for loss in lost}) == len(lost)
    names = next(loss.packages for loss in lost if loss.what == "pip requirements")
    assert "only-osx" in names
    assert len(names) == len(set(names))


def test_formats_of_one_platform_refuse_several():
    with pytest.raises(UsageError, match="one platform only") as caught:
        export_lock(WHOLE, "explicit")
    assert "pixi-v7" in caught.value.hint
