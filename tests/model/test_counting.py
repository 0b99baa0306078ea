import pytest

from envbench.model.counting import count_of


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 packages"), (1, "1 package"), (2, "2 packages")]
)
def test_things_are_counted_in_words(number, words):
    assert count_of(number, "package") == words
