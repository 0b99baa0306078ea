"""What holds packages back in the data stack with Python 3.9, over real metadata."""

import time

import pytest

from envbench.engine.why.counterfactual import Counterfactuals
from envbench.model.version import compare_versions
from tests.engine.solver.asking import make_request
from tests.engine.why.asking import blamed, look

STACK = ("python=3.9", "pip", "jupyterlab", "numpy=1.23.*", "pandas", "matplotlib", "scikit-learn")


@pytest.fixture
def request_of_stack(real_channels):
    channels = {name: f"file://{real_channels}/{name}" for name in ("pytorch", "conda-forge")}
    return make_request(STACK, channels)


def test_numpy_is_held_by_its_own_line(shared_solver, request_of_stack):
    held = look(shared_solver, request_of_stack, "numpy").held_back
    assert blamed(held) == ["numpy=1.23.*"] and held.chosen.startswith("1.23.")
    assert compare_versions("1.24", held.jumps_to) == 1
    # Python 3.9 keeps a newer 1.23 out, which would be newer, too.
    (other,) = held.alternatives
    assert [line.text for line in other.lines] == ["python=3.9"] and other.jumps_to == "1.23.5"


@pytest.mark.parametrize("name", ["pandas", "scipy"])
def test_python_holds_what_is_built_for_newer_ones_only(shared_solver, request_of_stack, name):
    held = look(shared_solver, request_of_stack, name).held_back
    assert blamed(held) == ["python=3.9"]
    assert held.jumps_to and compare_versions(held.chosen, held.jumps_to) == 1


def test_what_holds_it_is_proved_by_a_fresh_solve(shared_solver, request_of_stack):
    held = look(shared_solver, request_of_stack, "numpy").held_back
    facts = Counterfactuals(shared_solver, request_of_stack, time.monotonic() + 60)
    own = STACK.index("numpy=1.23.*")
    kept = tuple(index for index in facts.everything if index != own)
    picks = {pick.name: pick.version for pick in facts.try_with(kept, ("numpy",)).picks}
    assert picks["numpy"] == held.jumps_to
