"""Changes that a diagnosis proposes, made in texts as people write them."""

import pytest

from envbench.formats.spec_changes import apply_changes, fit_changes
from envbench.model.diagnosis import SpecChange
from envbench.model.errors import UsageError
from envbench.model.spec import SpecText

TEXT = """name: x
channels: [conda-forge]
dependencies:
  - python=3.11
  - conda-forge::numpy=1.26.*   # keep below 2
  - pip
  - pip:
      - rich>=12   # colours
      - Flask_Login==0.6
"""


def require(text: str, section: str = "conda") -> SpecChange:
    return SpecChange(kind="require", requirement=text, section=section)


def remove(name: str, section: str = "conda") -> SpecChange:
    return SpecChange(kind="remove", requirement=name, section=section)


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (require("numpy <2"), "numpy=1.26.* ", "numpy<2 "),
        (require("numpy 2.2.6"), "numpy=1.26.* ", "numpy==2.2.6 "),
        (require("numpy"), "numpy=1.26.* ", "numpy "),
        (require("numpy * *openblas"), "numpy=1.26.* ", "numpy=*=*openblas "),
        (require("numpy ==1.26.4 py*"), "numpy=1.26.* ", "numpy==1.26.4=py* "),
        (require("numpy >=1,<2 py*"), "numpy=1.26.* ", "numpy>=1,<2 py* "),
        (require("scipy >=1.13"), "  - pip\n", "  - pip\n  - scipy >=1.13\n"),
        (require("rich>=13,<14", "pip"), "rich>=12 ", "rich<14,>=13 "),
        (require("flask-login", "pip"), "Flask_Login==0.6", "Flask_Login"),
        (require("six", "pip"), "Flask_Login==0.6\n", "Flask_Login==0.6\n      - six\n"),
        (remove("pip"), "  - pip\n", ""),
        (remove("rich", "pip"), "      - rich>=12   # colours\n", ""),
    ],
)
def test_one_change_touches_one_place(change: SpecChange, old: str, new: str):
    assert TEXT.count(old) == 1
    assert apply_changes(SpecText(TEXT), (change,)).text == TEXT.replace(old, new)


def test_changes_are_made_one_after_the_other():
    changes = (remove("rich", "pip"), require("rich >=13"), require("numpy <2"))
    text = apply_changes(SpecText(TEXT), changes).text
    assert "rich>=12" not in text
    assert "  - rich >=13\n" in text
    assert "conda-forge::numpy<2   # keep below 2\n" in text


@pytest.mark.parametrize(
    "change",
    [
        remove("absent"),
        remove("absent", "pip"),
        require("=>1"),
        require("not a requirement at all", "pip"),
    ],
)
def test_what_does_not_fit_is_refused(change: SpecChange):
    with pytest.raises(UsageError):
        apply_changes(SpecText(TEXT), (change,))


@pytest.mark.parametrize(
    ("change", "fitted"),
    [
        (require("numpy<2", "pip"), (require("numpy <2"),)),
        (require("numpy==1.26.*", "pip"), (require("numpy 1.26.*"),)),
        (require("rich<14", "pip"), (require("rich<14", "pip"),)),
        (require("six<2", "pip"), (require("six<2", "pip"),)),
        (require("numpy <2"), (require("numpy <2"),)),
        (remove("absent", "pip"), ()),
        (remove("absent"), ()),
        (remove("Rich", "pip"), (remove("Rich", "pip"),)),
        (remove("numpy"), (remove("numpy"),)),
    ],
)
def test_changes_go_where_the_user_lists_the_package(change: SpecChange, fitted):
    assert fit_changes(SpecText(TEXT), (change, change)) == fitted
