import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.local_channel.prefix import (
    PLACEHOLDER,
    is_distinctive,
    restore_placeholder,
    rewrite_shebang,
    substitute_prefix,
)

PYTHON_LINE = b"#!" + PLACEHOLDER.encode() + b"/bin/python"
TRAMPOLINES = [
    b"#!/bin/sh\n'''exec' \"/a b/bin/python3.11\" \"$0\" \"$@\"\n' '''\n",
    b"#!/bin/sh\n'''exec' '/a b/bin/python' \"$0\" \"$@\"\n' '''\n",
    b"#!/bin/sh\n'''exec' \"/a b/bin/python\" \"$0\" \"$@\" #'''\n",
]

prefixes = st.lists(
    st.text("abcXYZ019-_.", min_size=1, max_size=8).filter(lambda part: part.strip(".")),
    min_size=2, max_size=5,
).map(lambda parts: "/" + "/".join(parts))  # fmt: skip
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def test_the_placeholder_has_room_for_usual_prefixes() -> None:
    assert 240 <= len(PLACEHOLDER) <= 255


@pytest.mark.parametrize(
    ("text", "is_replaced"),
    [
        ("/opt/py", True),
        ("/opt/py/bin/x", True),
        ("'/opt/py'", True),
        ("prefix=/opt/py\n", True),
        ("-Wl,-rpath,/opt/py/lib", True),
        ("gcc -L/opt/py/lib", True),
        ("gcc -I/opt/py/include", True),
        ("a:/opt/py/bin:b", True),
        ("/opt/python", False),
        ("/opt/py.d", False),
        ("/opt/py-3", False),
        ("/srv/opt/py", False),
        ("./opt/py", False),
        ("${ROOT}/opt/py", False),
    ],
)
def test_only_the_prefix_itself_is_replaced(text: str, is_replaced: bool) -> None:
    found = substitute_prefix(text.encode(), "/opt/py")
    assert (PLACEHOLDER.encode() in found) is is_replaced
    assert is_replaced or found == text.encode()


@given(texts, prefixes, texts)
def test_replacing_the_placeholder_gives_the_text_back(head: str, prefix: str, tail: str) -> None:
    text = f"{head}{prefix}{tail}".encode()
    if PLACEHOLDER.encode() not in text:
        found = substitute_prefix(text, prefix)
        assert found.replace(PLACEHOLDER.encode(), prefix.encode()) == text


@given(texts, prefixes)
def test_quoted_prefixes_are_always_found(head: str, prefix: str) -> None:
    found = substitute_prefix(f'{head} "{prefix}"'.encode(), prefix)
    assert found.endswith(b'"' + PLACEHOLDER.encode() + b'"')


@pytest.mark.parametrize("prefix", ["/", "/usr", "/usr/", "/usr/local", "/opt", "", "/env"])
def test_prefixes_of_the_system_mark_nothing(prefix: str) -> None:
    assert not is_distinctive(prefix)


@given(
    st.binary(max_size=40).map(lambda raw: raw.replace(b"/", b"") + b"\0"),
    prefixes.filter(lambda prefix: len(prefix) < 100),
    st.text("abc/._", max_size=20),
    st.binary(max_size=40),
)
def test_a_linked_binary_gets_its_placeholder_back(
    head: bytes, prefix: str, rest: str, tail: bytes
) -> None:
    built = PLACEHOLDER.encode() + b"/" + rest.encode() + b"\0"
    linked = built.replace(PLACEHOLDER.encode(), prefix.encode()).ljust(len(built), b"\0")
    tail = b"\1" + tail.replace(b"/", b"")
    assert restore_placeholder(head + linked + tail, prefix) == head + built + tail


def test_a_binary_without_room_keeps_its_prefix() -> None:
    assert restore_placeholder(b"\x7fELF\0/opt/py/lib\0\1", "/opt/py") is None
    assert restore_placeholder(b"\x7fELF\0/opt/py/lib", "/opt/py") is None
    assert restore_placeholder(b"\x7fELF\0", "/opt/py") is None


@pytest.mark.parametrize(
    "first",
    [
        b"#!python\n",
        b"#!pythonw\r\n",
        b"#!/opt/venv/bin/python\n",
        b"#!/usr/bin/python3\n",
        b"#! /x/bin/python3.11\n",
        b"#!/usr/bin/env python3\n",
        *TRAMPOLINES,
    ],
)
def test_scripts_run_the_python_of_their_prefix(first: bytes) -> None:
    assert rewrite_shebang(first + b"print(1)\n") == PYTHON_LINE + b"\nprint(1)\n"


def test_options_of_a_script_stay() -> None:
    assert rewrite_shebang(b"#!/x/bin/python3 -sE\nx\n") == PYTHON_LINE + b" -sE\nx\n"


@pytest.mark.parametrize(
    "text", [b"#!/bin/sh\necho\n", b"#!/usr/bin/env bash\n", b"", b"\x7fELF", b"#!/x/pythonista\n"]
)
def test_other_scripts_stay_as_they_are(text: bytes) -> None:
    assert rewrite_shebang(text) == text
