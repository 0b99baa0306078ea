"""Failures in words that no rule was written from: the cause is told all the same."""

import pytest

from envbench.model.probe import ProbeError, ProbeResult, ProbeStatus
from envbench.probes.diagnosis import diagnose
from tests.probes.diagnosis.held_out import CASES, SITE, HeldOut


def result_of(case: HeldOut) -> ProbeResult:
    chain = [part.partition(": ") for part in case.error.split("||") if part]
    return ProbeResult(
        probe=case.probe,
        prefix="",
        status=ProbeStatus(case.status),
        stage="import",
        python="3.11.7",
        exit_code=1 if case.status == "exited" else None,
        signal=case.signal,
        errors=tuple(ProbeError(type=kind, message=text) for kind, _, text in chain),
        frames=(f"{SITE}/{case.user}/__init__.py:3 in <module>",) if case.user else (),
        log_tail=case.log,
    )


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_cause_is_told(case):
    told = diagnose(result_of(case))
    assert [diagnosis.code for diagnosis in told][:1] == [case.code]
