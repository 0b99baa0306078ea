"""What the frame around a log says, and what is looked for."""

import pytest

from envbench.model.job_states import JobState
from envbench.ui.flows.logs import find_neighbour, read_query, show_pattern
from envbench.ui.ink import plain
from envbench.ui.panels.log_words import describe_title
from envbench.ui.widgets.log_view.status import Status
from envbench.workbench.logs import LogQuery
from tests.ui.panels.job_examples import at_work, job, screen

QUERY = LogQuery("nccl")


@pytest.mark.parametrize(
    ("status", "query", "text"),
    [
        (Status(lines=4211), None, "build llm_serving  FOLLOW  4,211 lines"),
        (Status(lines=1), None, "build llm_serving  FOLLOW  1 line"),
        (
            Status(follow=False, lines=9, new_lines=412),
            None,
            "build llm_serving  paused, 412 new: End  9 lines",
        ),
        (
            Status(follow=False, percent=40, matches=12, match=3),
            QUERY,
            "build llm_serving  paused at 40%: End  /nccl  match 3 of 12",
        ),
        (Status(matches=1), QUERY, "build llm_serving  FOLLOW  /nccl  1 match"),
        (Status(searching=True), QUERY, "build llm_serving  FOLLOW  /nccl  searching"),
        (Status(), QUERY, "build llm_serving  FOLLOW  /nccl  no match"),
        (
            Status(matches=5, capped=True, filtered=True),
            LogQuery("", levels=("error",)),
            "build llm_serving  FOLLOW  only error  5+ matches, only these",
        ),
    ],
)
def test_titles(status: Status, query: LogQuery | None, text: str):
    assert plain(describe_title(at_work(), status, query, 60)) == text


def test_a_log_of_a_job_that_is_over_is_not_followed():
    title = plain(describe_title(job(JobState.DONE), Status(lines=3), None, 60))
    assert title == "build llm_serving  END  3 lines"
    assert plain(describe_title(None, Status(), None, 60)) == "Log"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("nccl", LogQuery("nccl")),
        ("NCCL", LogQuery("NCCL", ignore_case=False)),
        ("re:a+b", LogQuery("a+b", regex=True)),
    ],
)
def test_what_is_written_becomes_a_query(text: str, query: LogQuery):
    assert read_query(text) == query
    assert show_pattern(query) == text


def test_other_logs():
    state = screen(job(JobState.DONE, 3), at_work(2), job(JobState.DONE, 1))
    assert state.shown_log.id == at_work(2).id
    assert find_neighbour(state, 1) == job(number=3).id
    assert find_neighbour(state, -1) == job(number=1).id
    assert find_neighbour(screen(at_work()), 1) == ""
    assert find_neighbour(screen(), 1) == ""
