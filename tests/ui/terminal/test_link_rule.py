"""From answers to rates, without a clock and without a terminal."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.ui.terminal.link_rule import LinkRule

ORDER = ("fast", "slow", "strip")
ANSWERS = st.lists(
    st.tuples(st.floats(0, 30, allow_nan=False), st.integers(0, 200_000), st.floats(0.001, 60)),
    max_size=60,
)


def link(rule, bytes_per_s, *, base_s=0.02, page_bytes=6000, seconds=60, now_s=0.0):
    """Play a link: a page whenever the rule allows, a key between."""
    end = now_s + seconds
    while now_s < end:
        state = rule.state
        count = 300 if state.mode == "strip" else page_bytes
        for sent in (count, 200):
            latency = base_s + sent / bytes_per_s
            rule.observe(latency, sent, now_s + latency)
        now_s += max(state.log_interval_s, latency)
    return now_s


def test_a_fast_link_stays_fast():
    rule = LinkRule()
    link(rule, 5_000_000)
    assert rule.state.mode == "fast"
    assert rule.state.log_interval_s <= 0.5
    assert rule.state.latency_ms < 50


def test_a_far_link_is_not_a_slow_one():
    rule = LinkRule()
    link(rule, 5_000_000, base_s=0.6)
    assert rule.state.mode == "fast"
    assert rule.state.latency_ms == 600


def test_a_fast_link_gets_no_more_than_its_budget():
    rule = LinkRule()
    link(rule, 5_000_000, page_bytes=20_000)
    assert rule.state.mode == "fast"
    assert rule.state.log_interval_s >= 0.5


@pytest.mark.parametrize(
    ("bytes_per_s", "mode"),
    [(200_000, "fast"), (20_000, "slow"), (10_000, "slow"), (4_000, "strip")],
)
def test_the_mode_follows_the_rate(bytes_per_s, mode):
    rule = LinkRule()
    rule.observe(0.02, 100, 0.0)
    link(rule, bytes_per_s)
    assert rule.state.mode == mode
    if mode != "fast":
        assert "kB/s" in rule.state.reason
        assert rule.state.log_interval_s >= 2
        assert rule.state.gpu_interval_s >= 5


@pytest.mark.parametrize("before", [20_000, 3_000])
def test_a_link_that_recovers_is_fast_again(before):
    rule = LinkRule()
    rule.observe(0.02, 100, 0.0)
    now_s = link(rule, before)
    assert rule.state.mode != "fast"
    link(rule, 2_000_000, now_s=now_s, seconds=120)
    assert rule.state.mode == "fast"


def test_a_bad_link_is_not_tried_again_and_again():
    rule = LinkRule()
    rule.observe(0.02, 100, 0.0)
    now_s, worse = 0.0, 0
    for _ in range(60):
        mode = rule.state.mode
        now_s = link(rule, 3_000, now_s=now_s, seconds=10)
        worse += ORDER.index(rule.state.mode) > ORDER.index(mode)
    assert worse <= 8


def test_an_open_answer_makes_the_link_slow_before_it_comes():
    rule = LinkRule()
    rule.observe(0.02, 100, 0.0)
    assert rule.wait(0.5, 20_000, 1.0).mode == "fast"
    assert rule.wait(1.5, 20_000, 2.0).mode == "slow"
    assert rule.wait(5.0, 20_000, 5.0).mode == "strip"


def test_the_users_choice_counts_more():
    rule = LinkRule("fast")
    link(rule, 3_000)
    assert rule.state.mode == "fast"
    rule.wish = "slow"
    assert rule.state.log_interval_s == 2
    rule.wish = "auto"
    assert rule.state.mode == "strip"


def test_what_cannot_be_measured_gets_modest_rates():
    state = LinkRule(cannot_measure="inside tmux").state
    assert (state.mode, state.reason, state.log_interval_s) == ("fast", "inside tmux", 0.5)


@given(ANSWERS)
def test_rates_are_bounded_whatever_comes(answers):
    rule = LinkRule()
    now_s = 0.0
    for latency_s, count, gap_s in answers:
        now_s += gap_s
        state = rule.observe(latency_s, count, now_s)
        assert 0.25 <= state.log_interval_s <= 8
        assert 1 <= state.gpu_interval_s <= 10
        assert state.mode in ORDER
        assert 1024 <= rule.window_bytes <= 65_536
        assert len(rule._bases) <= 200


@given(ANSWERS, st.floats(0, 10), st.floats(0, 10), st.integers(0, 50_000))
def test_a_later_answer_never_makes_it_faster(answers, latency_s, more_s, count):
    rule = LinkRule()
    now_s = 0.0
    for past_s, past_count, gap_s in answers:
        now_s += gap_s
        rule.observe(past_s, past_count, now_s)
    other = copy.deepcopy(rule)
    sooner = rule.observe(latency_s, count, now_s + 1)
    later = other.observe(latency_s + more_s, count, now_s + 1)
    assert ORDER.index(later.mode) >= ORDER.index(sooner.mode)
    assert later.log_interval_s >= sooner.log_interval_s or later.mode == "strip"


@settings(max_examples=40)
@given(ANSWERS)
def test_it_recovers_from_anything(answers):
    rule = LinkRule()
    now_s = 0.0
    for latency_s, count, gap_s in answers:
        now_s += gap_s
        rule.observe(latency_s, count, now_s)
    for _ in range(1000):
        now_s += 1.0
        rule.observe(0.01, 200, now_s)
    assert rule.state.mode == "fast"
    assert rule.state.log_interval_s == 0.25


@given(st.lists(st.floats(0.001, 0.0012), min_size=20, max_size=40))
def test_a_steady_link_is_told_once(latencies):
    rule = LinkRule()
    states = {rule.observe(latency, 100, float(n)) for n, latency in enumerate(latencies)}
    assert len(states) == 1
