"""The form for one item of a spec."""

import msgspec
import pytest

from envbench.model.errors import UsageError
from envbench.workbench.dependency_form import (
    DependencyForm,
    ItemKind,
    describe_dependency,
    write_dependency,
)

TEXT = """\
name: x   # keep
channels: [conda-forge, https://u:hunter22@mirror.example/private]
dependencies:
    # why python
  - python=3.11  # py
  - 'numpy >=1.20,<2'
  - pytorch::pytorch=2.0=cuda*  # gpu
  - openmc=0.15.0[md5=0123456789abcdef0123456789abcdef]
  - sel(linux): gxx
  - pip
  - pip:
      - rich  # pretty
      - "torch-geometric[full]==2.4; sys_platform == 'linux'"
      - git+https://github.com/a/b
variables:
  TOKEN: "hunter33"
"""


def at(line, text=TEXT) -> DependencyForm:
    form = describe_dependency(text, line)
    assert msgspec.json.decode(msgspec.json.encode(form), type=DependencyForm) == form
    return form


def conda(name, version="", build="", channel=""):
    return DependencyForm(
        kind=ItemKind.CONDA, name=name, version=version, build=build, channel=channel
    )


def pip(name, version="", extras="", marker=""):
    return DependencyForm(
        kind=ItemKind.PIP, name=name, version=version, extras=extras, marker=marker
    )


def written(form, line=None, text=TEXT):
    return write_dependency(text, "environment.yml", form, line).apply(text)


def swap(old, new):
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("line", "kind", "fields"),
    [
        (1, "name", ("x", "", "", "", "", "")),
        (2, "channel", ("conda-forge", "", "", "", "", "")),
        (3, "other", ("", "", "", "", "", "")),
        (4, "other", ("", "", "", "", "", "")),
        (5, "conda", ("python", "3.11.*", "", "", "", "")),
        (6, "conda", ("numpy", ">=1.20,<2", "", "", "", "")),
        (7, "conda", ("pytorch", "==2.0", "cuda*", "pytorch", "", "")),
        (9, "conda", ("gxx", "", "", "", "", "")),
        (12, "pip", ("rich", "", "", "", "", "")),
        (13, "pip", ("torch-geometric", "==2.4", "", "", "full", 'sys_platform == "linux"')),
        (16, "variable", ("TOKEN", "", "", "", "", "")),
        (99, "other", ("", "", "", "", "", "")),
    ],
)
def test_describe(line, kind, fields):
    form = at(line)
    assert form.kind == kind
    found = (form.name, form.version, form.build, form.channel, form.extras, form.marker)
    assert found == fields


def test_meanings_are_words():
    assert at(7).meaning == "pytorch: version ==2.0, builds cuda* only, channel pytorch only"
    assert at(12).meaning == "rich: any version, from the package index"


@pytest.mark.parametrize("line", [3, 8, 14, 16])
def test_what_a_form_cannot_say_is_locked(line):
    form = at(line)
    assert form.locked
    with pytest.raises(UsageError):
        written(form, line)


def test_secrets_stay_out_of_forms():
    text = TEXT.replace("conda-forge, ", "").replace("- pip\n", "- https://u:hunter22@h/t::zlib\n")
    assert "hunter22" not in repr(at(2, text)) + repr(at(10, text))
    assert at(2, text).locked
    assert at(10, text).locked
    assert "hunter33" not in repr(at(16))


@pytest.mark.parametrize(
    ("form", "line", "old", "new"),
    [
        (conda("python", "3.12"), 5, "python=3.11 ", "python=3.12 "),
        (conda("python", "==3.12.1"), 5, "python=3.11 ", "python==3.12.1 "),
        (conda("python", "*"), 5, "python=3.11 ", "python "),
        (conda("python", "", "*_cpython"), 5, "python=3.11 ", "python=*=*_cpython "),
        (conda("python", ">=3.10,<3.13"), 5, "python=3.11 ", "python>=3.10,<3.13 "),
        (conda("numpy", ">=1.26", "py*"), 6, "numpy >=1.20,<2", "numpy >=1.26 py*"),
        (conda("numpy", "(>=1,<2)|3"), 6, "numpy >=1.20,<2", "numpy (>=1,<2)|3"),
        (conda("pytorch-gpu", "2.6.*"), 7, "pytorch::pytorch=2.0=cuda*", "pytorch-gpu=2.6.*"),
        (
            conda("pytorch", "==2.1", "cuda*", "conda-forge"),
            7,
            "pytorch::pytorch=2.0=cuda*",
            "conda-forge::pytorch=2.1=cuda*",
        ),
        (conda("gcc", "13"), 9, "gxx", "gcc=13"),
        (pip("rich", ">=14"), 12, "rich ", "rich>=14 "),
        (pip("typer", "0.15", "all , x"), 12, "- rich ", "- typer[all,x]==0.15 "),
        (DependencyForm(kind=ItemKind.CHANNEL, name="nvidia"), 2, "[conda-forge", "[nvidia"),
        (DependencyForm(kind=ItemKind.NAME, name="y-2"), 1, "name: x ", "name: y-2 "),
    ],
)
def test_write_over_a_line(form, line, old, new):
    assert written(form, line) == swap(old, new)


@pytest.mark.parametrize("line", [1, 2, 5, 6, 7, 9, 12, 13])
def test_what_was_not_changed_is_not_written(line):
    assert write_dependency(TEXT, "x", at(line), line).replacements == ()


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        (conda("scipy", "1.14"), "  - pip\n", "  - pip\n  - scipy=1.14\n"),
        (pip("einops"), "a/b\n", "a/b\n      - einops\n"),
        (DependencyForm(kind=ItemKind.CHANNEL, name="nvidia"), "/private]", "/private, nvidia]"),
    ],
)
def test_add(form, old, new):
    assert written(form) == swap(old, new)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (conda(""), "name"),
        (conda("num py"), "name"),
        (conda("numpy=1"), "name"),
        (conda("a::b"), "name"),
        (conda("-c"), "name"),
        (conda("numpy # x"), "name"),
        (conda("numpy", "=>1"), "version"),
        (conda("numpy", "1.2 py39"), "version"),
        (conda("numpy", "1.2=py39"), "version"),
        (conda("numpy", "1.2 # x"), "version"),
        (conda("numpy", "", "a b"), "build"),
        (conda("numpy", "", "a]"), "build"),
        (conda("numpy", "", "", "a b"), "channel"),
        (conda("numpy", "", "", "https://u:pw12345@h/c"), "channel"),
        (conda("numpy", "", "", "../x\n- y"), "channel"),
        (pip(""), "name"),
        (pip("a @ https://x/y.whl"), "name"),
        (pip("-e ."), "name"),
        (pip("a", "=1"), "version"),
        (pip("a", "==1; x"), "version"),
        (pip("a", "", "b]"), "extras"),
        (pip("a", "", "", "sys_platform ="), "marker"),
        (pip("a", "", "", "(" * 99), "marker"),
        (DependencyForm(kind=ItemKind.CHANNEL, name="https://u:pw12345@h/c"), "channel"),
        (DependencyForm(kind=ItemKind.CHANNEL, name=""), "channel"),
        (DependencyForm(kind=ItemKind.VARIABLE, name="x"), "kind"),
        (DependencyForm(kind=ItemKind.NAME, name="x"), "kind"),
    ],
)
def test_a_wrong_field_is_named(form, field):
    with pytest.raises(UsageError) as caught:
        written(form)
    assert caught.value.where == field
    assert caught.value.what


def test_what_is_listed_already_is_not_added():
    with pytest.raises(UsageError, match="listed already"):
        written(conda("numpy"))


def test_a_line_that_holds_something_else_now_is_left_alone():
    with pytest.raises(UsageError, match="no pip item stands on this line any more"):
        written(pip("rich"), 5)


def test_a_text_that_is_no_yaml_has_no_forms():
    with pytest.raises(UsageError, match="cannot be edited"):
        describe_dependency("a: [", 1)
