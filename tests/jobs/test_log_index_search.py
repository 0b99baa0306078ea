"""The fast search finds just what a search of the shown lines finds."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.jobs.log_index import LogIndex
from envbench.jobs.log_index_lines import Level
from envbench.jobs.log_index_search import LogQuery, search_index
from envbench.model.errors import UsageError

LINES = (
    *(b"INFO all is well", b"ERROR: no such package", b"error: again", b"warning: old", b""),
    *(b"\x1b[31merr\x1b[0mor: coloured", b"10%\r20%\rerror at last", "é Ünïcode".encode(), b"a\tb"),
    *(
        b"password=hunter22 used",
        b"https://u:pw123456@host/x",
        b"x" * 9000 + b"needle",
        b"\0" * 600,
    ),
    *(b"crlf\r", b"needle", b"Needle here", b"0 errors", b"binary \x01\x02", b"long " * 14_000),
)


def found_by(directory: Path, query: LogQuery, first_line: int = 0) -> list[tuple[int, int, int]]:
    with LogIndex(str(directory)) as index:
        batches = list(search_index(index, query, first_line))
    assert batches[-1].done
    assert [batch.done for batch in batches[:-1]] == [False] * (len(batches) - 1)
    hits = [
        hit
        for batch in batches
        for hit in zip(batch.lines, batch.starts, batch.lengths, strict=True)
    ]
    assert batches[-1].total == len(hits)
    return hits


def search_naively(directory: Path, query: LogQuery, first: int) -> list[tuple[int, int, int]]:
    text = query.pattern if query.regex else re.escape(query.pattern)
    pattern = re.compile(text, re.IGNORECASE if query.ignore_case else 0)
    with LogIndex(str(directory)) as index:
        while index.advance():
            pass
        lines = index.read_lines(first, index.line_count)
    return [
        (line.number, found.start(), found.end() - found.start())
        for line in lines
        if (found := pattern.search(line.text)) and (not query.levels or line.level in query.levels)
    ]


def write_log(directory: Path, data: bytes) -> Path:
    directory.mkdir(mode=0o700)
    path = directory / "log"
    path.write_bytes(data)
    path.chmod(0o600)
    return directory


queries = st.builds(
    LogQuery,
    st.sampled_from(
        ["", "needle", "error", "NEEDLE", "***", "hunter", "é", "\t", "e", "x (+", "k"]
    ),
    st.just(False),
    st.booleans(),
    st.sampled_from([(), ("error",), ("warning", "error"), ("plain",), ("cut",), ("info",)]),
) | st.builds(
    LogQuery,
    st.sampled_from([r"err|need", r"^\w+$", r"password=[^h]", r"\d+%$", r"(?m)^a", r"$", r"n\b"]),
    st.just(True),
    st.booleans(),
    st.sampled_from([(), ("error",)]),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=40), queries, st.integers(0, 5), st.booleans())
def test_what_is_found_is_what_is_shown(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[bytes],
    query: LogQuery,
    first: int,
    ended: bool,
) -> None:
    directory = write_log(tmp_path_factory.mktemp("log") / "job", b"\n".join(lines) + b"\n" * ended)
    assert found_by(directory, query, first) == search_naively(directory, query, first)


@pytest.mark.parametrize("levels", [("plain",), ("cut",), ("plain", "error")])
def test_a_level_without_words_of_its_own_is_searched_to_the_end(
    tmp_path: Path, levels: tuple[Level, ...]
) -> None:
    directory = write_log(tmp_path / "job", b"plain one\nerror: two\nplain three\n")
    query = LogQuery("", False, True, levels)
    assert found_by(directory, query, 0) == search_naively(directory, query, 0)


@pytest.mark.parametrize("level", ["error", "warning", "info", "debug"])
def test_the_words_of_a_level_leave_no_line_of_it_out(tmp_path: Path, level: Level) -> None:
    from tests.jobs.test_log_index_lines import test_levels

    marks = {m.name: m for m in test_levels.pytestmark}
    texts = [text for text, _ in marks["parametrize"].args[1]]
    directory = write_log(tmp_path / "job", "\n".join(texts).encode())
    query = LogQuery("", levels=(level,))
    assert found_by(directory, query) == search_naively(directory, query, 0)


def test_hits_are_capped_and_say_so(tmp_path: Path) -> None:
    directory = write_log(tmp_path / "job", b"needle\n" * 5000)
    with LogIndex(str(directory)) as index:
        (last,) = search_index(index, LogQuery("needle", limit=700))
    assert (len(last.lines), last.total, last.scanned) == (700, 700, 700)
    assert last.capped
    assert last.done


def test_a_search_goes_on_where_one_ended(tmp_path: Path) -> None:
    directory = write_log(tmp_path / "job", b"needle\nhay\nneed")
    with LogIndex(str(directory)) as index:
        (before,) = search_index(index, LogQuery("needle"))
    assert (before.lines, before.scanned) == ((0,), 2)
    with (directory / "log").open("ab") as stream:
        stream.write(b"le\nneedle\n")
    assert [hit[0] for hit in found_by(directory, LogQuery("needle"), before.scanned)] == [2, 3]


@pytest.mark.parametrize("pattern", ["(", "*", "a{99999999999999}", "x" * 2000])
def test_what_is_no_pattern_is_said(tmp_path: Path, pattern: str) -> None:
    directory = write_log(tmp_path / "job", b"x\n")
    with pytest.raises(UsageError, match=r"pattern|regular expression"):
        found_by(directory, LogQuery(pattern, regex=True))
