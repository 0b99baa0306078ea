"""What holds packages back in the data stack with Python 3.9, over real metadata."""

from dataclasses import replace

import pytest

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
    # Proved once more by a solve that knows nothing of all this.
    rest = replace(
        request_of_stack,
        specs=tuple(spec for spec in request_of_stack.specs if spec.text != "numpy=1.23.*"),
    )
    plan = shared_solver.solve(rest)
    assert {p.name: p.version for p in plan.packages}["numpy"] == held.jumps_to


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pandas", "scipy", "matplotlib", "scikit-learn"])
def test_python_holds_what_is_built_for_newer_ones_only(shared_solver, request_of_stack, name):
    held = look(shared_solver, request_of_stack, name).held_back
    assert blamed(held) == ["python=3.9"]
    assert held.jumps_to and compare_versions(held.chosen, held.jumps_to) == 1
