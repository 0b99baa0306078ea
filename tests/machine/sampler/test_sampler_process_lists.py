"""Entries of process lists, in every shape that a driver wrote, and in none."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.machine.sampler.process_lists import _cut, tell_entry_bytes

ROOM = 64


def pack(entries: list[bytes]) -> tuple[int, bytes]:
    raw = b"".join(entries)
    return len(entries), raw.ljust((2 * len(entries) + 8) * ROOM, b"\0")


@pytest.mark.parametrize(
    ("driver", "size"),
    [
        ("535.43.02", 32),
        ("535.54.03", 32),
        ("535.86.10", 32),
        ("535.98", 24),
        ("535.129.03", 24),
        ("470.256.02", 24),
        ("580.95.05", 24),
        (None, 24),
        ("", 24),
        ("odd", 24),
    ],
)
def test_only_some_drivers_wrote_longer_entries(driver, size):
    assert tell_entry_bytes("_v3", driver) == size
    assert tell_entry_bytes("_v2", driver) == 24
    assert tell_entry_bytes("", driver) == 16


none = 0xFFFFFFFF
processes = st.lists(
    st.tuples(
        st.integers(1, 1 << 22),
        st.one_of(st.none(), st.integers(0, 1 << 40)),
        st.one_of(st.none(), st.integers(0, 14)),
    ),
    max_size=20,
)


@given(processes, st.sampled_from([16, 24, 32]))
def test_what_was_written_is_read(listed, size):
    entries = []
    for pid, memory, instance in listed:
        wide = struct.pack(
            "=I4xQII",
            pid,
            (1 << 64) - 1 if memory is None else memory,
            none if instance is None else instance,
            none if instance is None else 0,
        )
        entries.append(wide[:size].ljust(size, b"\0"))
    found = list(_cut(pack(entries), size))
    places = [(None, None) if i is None or size == 16 else (i, 0) for _, _, i in listed]
    assert found == [
        ((pid, *place), memory) for (pid, memory, _), place in zip(listed, places, strict=True)
    ]


@given(st.binary(max_size=2000), st.sampled_from([16, 24, 32]))
def test_bytes_that_mean_nothing_break_nothing(rubbish, size):
    count = len(rubbish) // ROOM
    for (pid, _, _), memory in _cut((count, rubbish.ljust(count * ROOM + ROOM, b"\0")), size):
        assert 0 < pid <= 1 << 22
        assert memory is None or memory >= 0
