"""Failures and noise that no rule was written from: each is run for real, and told right."""

import pytest

from tests.probes.held_out.cases import Case, find_faults, load

EVERY = 3
"""Of the cases that need no compiler, one in so many runs in the default lane."""


def _list(name: str, every: int = 1) -> list:
    return [
        pytest.param(
            case, id=case.name, marks=[pytest.mark.slow] if case.slow or number % every else []
        )
        for number, case in enumerate(load(name))
    ]


def _check(case: Case, run_case) -> None:
    result = run_case(case)
    faults = find_faults(case, result)
    assert not faults, "; ".join(faults)


@pytest.mark.parametrize("case", _list("failures.toml", EVERY))
def test_a_failure_is_told_for_what_it_is(case, run_case):
    _check(case, run_case)


@pytest.mark.parametrize(
    "case", [*_list("fresh_failures.toml", EVERY), *_list("late_failures.toml", EVERY)]
)
def test_a_later_set_is_told_as_well(case, run_case):
    _check(case, run_case)


@pytest.mark.parametrize("case", _list("noisy_failures.toml"))
def test_noise_does_not_hide_the_cause(case, run_case):
    _check(case, run_case)


@pytest.mark.parametrize("case", _list("healthy.toml"))
def test_noise_is_not_taken_for_a_failure(case, run_case):
    _check(case, run_case)
