"""What is read beside the driver: whatever fails there costs no other reading."""

from queue import SimpleQueue

import msgspec
import pytest

from envbench.machine.box_reading import BoxReader
from envbench.machine.sampler.orders import DRIVER, Orders
from envbench.machine.sampler.ticking import Ticker
from envbench.machine.sysfs_gpus import SysfsReader
from envbench.model.gpu import Sample


class Kept:
    """A pipe whose lines stay here."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def send(self, line: bytes) -> None:
        self.lines.append(line)

    @property
    def last(self) -> Sample:
        return msgspec.json.decode(self.lines[-1], type=Sample)


@pytest.mark.parametrize("fault", [KeyError("\x1b[31mcard"), OSError(5, "it broke")])
def test_what_fails_is_noted_and_costs_nothing_else(monkeypatch: pytest.MonkeyPatch, fault):
    pipe = Kept()
    ticker = Ticker(pipe, SimpleQueue(), Orders(skip=((DRIVER, ""),)))

    def fail(*_: object) -> None:
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(SysfsReader, "read", fail)
        ticker.tick()
    (note,) = pipe.last.notes
    assert note.startswith(f"the box: read_sysfs failed: {type(fault).__name__}: ")
    assert note.isprintable()
    assert pipe.last.box.memory_total_bytes
    with monkeypatch.context() as broken:
        broken.setattr(BoxReader, "read", fail)
        ticker.tick()
    (note,) = pipe.last.notes
    assert "read_box failed" in note
    assert pipe.last.box.memory_total_bytes is None
    ticker.tick()
    assert pipe.last.number == 2
