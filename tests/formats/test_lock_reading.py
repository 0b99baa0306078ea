"""Which format a lock file has; the pip part as TOML."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.formats.lock_formats import LOCK_FORMATS, export_lock
from envbench.formats.lock_reading import detect_lock_format, read_lock_text, require_sound
from envbench.formats.pylock_part import choose_wheel, read_pylock, write_pylock
from envbench.formats.toml_text import write_toml
from envbench.model.errors import NotFineError, UsageError
from tests.formats.lock_values import EVERYTHING

CONDA_LOCK = "version: 1\nmetadata:\n  content_hash: {}\npackage:\n- name: numpy\n"
PIXI = "version: 6\nenvironments:\n  default:\n    channels: []\npackages: []\n"


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("name: x\ndependencies: []\n", "environment.lock.yml", "environment-lock"),
        ("# c\n@EXPLICIT\n", "anything.txt", "explicit"),
        ("# c\r\n@EXPLICIT\r\n", "a.lock", "explicit"),
        ('lock-version = "1.0"\n', "pylock.toml", "pylock"),
        ('lock-version = "1.0"\n', "odd.name", "pylock"),
    ],
)
def test_formats_are_told_apart(text, name, form):
    assert detect_lock_format(text, name) == form


def test_recipes_of_our_own_are_no_locks():
    """Else a second export over them would be taken for that of another format."""
    for form in LOCK_FORMATS:
        exported = export_lock(EVERYTHING, form.name)
        if not form.is_lock and form.name != "mlflow":
            with pytest.raises(UsageError, match="no lock file"):
                detect_lock_format(exported.text, exported.file_name)


@pytest.mark.parametrize("line", ["-r other.txt", "leaf>=1", "${X}==1"])
def test_requirements_that_are_no_lock_are_told_what_one_has(line):
    with pytest.raises(UsageError) as caught:
        detect_lock_format(f"{line}\n", "requirements.txt")
    assert "`name==version`" in caught.value.why


@pytest.mark.parametrize("name", ["conda-lock.yml", "environment.yml", "x-lock.yml", "pixi.lock"])
@pytest.mark.parametrize(("text", "form"), [(CONDA_LOCK, "conda-lock"), (PIXI, "pixi")])
def test_hostile_row_21_a_lock_of_another_tool_is_known_under_any_name(text, form, name):
    """conda takes `x-lock.yml` for an environment file, and plans an empty environment."""
    assert detect_lock_format(text, name) == form


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: x\n", "job.yaml"),
        ("name: environment\non:\n  push:\njobs: {}\n", "environment.yml"),
        ('[workspace]\nname = "x"\nchannels = ["conda-forge"]\n', "pixi.toml"),
        ("package:\n  name: x\nrequirements: {}\n", "meta.yaml"),
    ],
)
def test_files_of_other_tools_are_no_locks(text, name):
    with pytest.raises(UsageError, match="no lock file"):
        detect_lock_format(text, name)


@pytest.mark.parametrize("text", ["", "hello\n", "<html>", "[1]"])
def test_what_is_no_lock_is_refused(text):
    with pytest.raises(UsageError):
        detect_lock_format(text, "some.file")


def test_an_unsound_lock_names_its_lines():
    _, reading = read_lock_text("@EXPLICIT\nnumpy\nrich\n", "e.txt")
    with pytest.raises(NotFineError) as caught:
        require_sound(reading, "e.txt")
    assert "e.txt:2: " in caught.value.why
    assert "e.txt:3: " in caught.value.why


HASHES = 'hashes = { sha256 = "' + "ab" * 32 + '" }'


@pytest.mark.parametrize(
    "text",
    [
        "lock-version = 2",
        'lock-version = "2.0"',
        "",
        'lock-version = "1.0"\n[[packages]]\nversion = "1"',
        'lock-version = "1.0"\n[[packages]]\nname = "a"\n[[packages]]\nname = "A"',
        'lock-version = "1.0"\npackages = [1]',
        'lock-version = "1.0"\n[[packages]]\nname = "a"\nwheels = [{ size = 1 }]',
        "lock-version = ",
    ],
)
def test_hostile_row_21_a_pylock_that_is_none_is_refused(text):
    with pytest.raises(UsageError):
        read_pylock(text)


def test_a_pylock_is_scrubbed_and_valid():
    packages = read_pylock(
        'lock-version = "1.0"\ncreated-by = "uv"\n[[packages]]\nname = "Lib_A"\nversion = "1.0"\n'
        'wheels = [{ url = "https://u:planted-x@h.example/lib_a-1.0-py3-none-any.whl", '
        f"{HASHES} }}]\n"
    )
    text = write_pylock(packages, requires_python=">=3.9")
    assert "planted" not in text
    assert tomllib.loads(text)["requires-python"] == ">=3.9"
    assert packages[0].name == "lib-a"
    assert packages[0].hashes == ("sha256:" + "ab" * 32,)


def test_the_installed_wheel_is_known_by_its_tags():
    wheels = ", ".join(
        f'{{ url = "https://h.example/a-1-{tag}.whl", {HASHES} }}'
        for tag in ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", "py3-none-any")
    )
    (package,) = read_pylock(
        f'lock-version = "1.0"\n[[packages]]\nname = "a"\nversion = "1"\nwheels = [{wheels}]\n'
    )
    many = ("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux2014_x86_64")
    assert choose_wheel(package, many).name.startswith("a-1-cp311")
    assert choose_wheel(package, ("py3-none-any",)).name == "a-1-py3-none-any.whl"
    assert choose_wheel(package, ("cp312-none-any",)) is None


_plain = (
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
    | st.integers(-(2**60), 2**60)
    | st.booleans()
)
_tables = st.dictionaries(st.text(max_size=6), _plain | st.lists(_plain, max_size=3), max_size=3)


@given(
    st.dictionaries(
        st.text(max_size=6),
        _plain | st.lists(_plain, max_size=3) | _tables | st.lists(_tables, min_size=1, max_size=2),
        max_size=4,
    )
)
def test_toml_is_read_back(document):
    assert tomllib.loads(write_toml(document)) == document
