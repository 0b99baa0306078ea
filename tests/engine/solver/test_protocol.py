"""The line protocol alone: whatever the pieces, the same messages; rubbish is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.errors import ChannelFaultError, FaultKind, SolveTimeoutError
from envbench.engine.solver.failures import to_error, to_failed
from envbench.engine.solver.protocol import (
    Configure,
    Failed,
    LineReader,
    ProtocolError,
    Ready,
    Refused,
    Solve,
    Waiting,
    encode_message,
    read_answers,
    read_requests,
)
from envbench.model.channel import ChannelGroup
from envbench.model.conflict import Conflict, ConflictCause, CoreKind
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile
from envbench.model.plan import PackageRecord, RequestedSpec, SolveRequest

RECORD = PackageRecord(
    name="a",
    version="1",
    build="0",
    build_number=0,
    subdir="noarch",
    file_name="a-1-0.conda",
    url="https://h/c/noarch/a-1-0.conda",
    channel="c",
    extra={"purls": ["pkg:pypi/a"], "track_features": "x"},
)
REQUEST = SolveRequest(
    specs=(RequestedSpec("numpy=1.2", 4), RequestedSpec("ü [x]", None)),
    channels=(ChannelGroup("defaults", ("https://h/main", "https://h/r")),),
    host=HostProfile(platform="linux-64", glibc="2.31"),
    installed=(RECORD,),
)
ANSWERS = [
    Ready(pid=1, library="x"),
    Waiting(id=1, channels=("a\nb", "c")),
    Refused(
        id=2, conflict=Conflict("no", (ConflictCause(CoreKind.INCOMPATIBLE, "a", 3, "b"),), "t")
    ),
    Failed(id=3, error="usage", what="\u2028 line"),
]


@given(st.lists(st.sampled_from(ANSWERS)), st.data())
def test_messages_survive_any_cutting(messages, data):
    raw = b"".join(map(encode_message, messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=12)))
    reader, found = read_answers(), []
    for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
        found += reader.feed(raw[start:end])
    assert found == messages


def test_requests_survive_with_every_field():
    settings = EngineSettings(pkgs_dir="/a", repodata_dir="/b", proxies={"http": "http://u:p@x"})
    messages = [Configure(settings=settings), Solve(id=7, request=REQUEST)]
    reader = read_requests()
    assert reader.feed(b"".join(map(encode_message, messages))) == messages


def test_settings_show_no_proxy():
    assert "p@x" not in repr(
        EngineSettings(pkgs_dir="/a", repodata_dir="/b", proxies={"http": "u:p@x"})
    )


@given(st.binary(max_size=200))
def test_rubbish_is_refused_or_nothing(raw):
    reader = read_requests()
    try:
        found = reader.feed(raw + b"\n")
    except ProtocolError:
        return
    assert all(isinstance(message, Configure | Solve) for message in found)


def test_a_line_without_end_is_refused():
    reader = LineReader(read_requests()._decoder, limit=10)
    with pytest.raises(ProtocolError):
        reader.feed(b"x" * 11)


@pytest.mark.parametrize(
    "error",
    [
        UsageError("a", where="b", why="c", hint="d"),
        SolveTimeoutError("late"),
        ChannelFaultError("x", channel="c", fault=FaultKind.TLS, where="u", why="w", hint="h"),
    ],
)
def test_errors_come_back_as_they_were(error):
    back = to_error(to_failed(3, error))
    assert type(back) is type(error)
    assert (back.what, back.where, back.why, back.hint) == (
        error.what,
        error.where,
        error.why,
        error.hint,
    )
    assert getattr(back, "fault", None) == getattr(error, "fault", None)


def test_errors_lose_secrets_and_escapes_on_the_way():
    failed = to_failed(
        1, UsageError("at https://me:hunter22@h/c\x1b[2J", why="\x9b1m/t/abc-token/x")
    )
    assert "hunter22" not in repr(failed)
    assert "abc-token" not in repr(failed)
    assert "\x1b" not in repr(failed) and "\x9b" not in failed.why
