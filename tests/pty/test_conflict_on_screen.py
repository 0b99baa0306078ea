"""A conflict as a person settles it: keys only, on a real terminal; the files must bear it out."""

from pathlib import Path

import pytest

from tests.channels import index_channel, make_package
from tests.pty.bench_box import PATIENCE_S, BenchBox

pytestmark = pytest.mark.pty

SPEC = """\
# of the lab
name: lab
channels:
  - {channel}
  - nodefaults
dependencies:
  - "tool=1.0"      # the lab's own\t
  - app=2.*
"""


def publish(channel: Path) -> None:
    """Publish `app` and `tool`, whose newest need different versions of `lib`."""
    for version in ("1.0", "2.0"):
        make_package(channel, "lib", version)
    make_package(channel, "app", "2.0", depends=["lib >=2"])
    make_package(channel, "tool", "1.0", depends=["lib <2"])
    make_package(channel, "tool", "2.0", depends=["lib >=2"])
    index_channel(channel)


def test_a_conflict_is_settled_by_a_fix_and_the_fix_is_taken_back(bench_box: BenchBox):
    bench_box.environ["ENVBENCH_OFFLINE"] = "1"  # no well-known channel is asked
    bench_box.folder.mkdir(parents=True)
    publish(bench_box.home / "channel")
    spec = bench_box.folder / "environment.yml"
    before = SPEC.format(channel=(bench_box.home / "channel").as_uri()).encode()
    spec.write_bytes(before)
    with bench_box.open() as screen:
        screen.wait_text(r"env lab")
        screen.press("s")
        screen.wait_text(r"NO SOLUTION", PATIENCE_S)
        screen.wait_text(r"Your 2 lines cannot both hold")
        screen.wait_text(r"line 7 +tool=1\.0 .*line 8 +app=2\.\*")
        screen.wait_text(r"└ lib <2 .*clash.*└ lib >=2")
        screen.wait_text(r"1 line 7 +tool=1\.0 → =2\.0 +solved", PATIENCE_S)
        screen.wait_text(r"fixes? (is|are) proved in", PATIENCE_S)
        screen.wait_text(r"Enter apply fix 1 and solve")
        screen.wait_quiet(1.0)
        assert screen.count_bytes(3.0) == 0, "when the search is over, nothing is written any more"

        screen.press("enter")
        screen.wait_text(r"SAFE TO BUILD", PATIENCE_S)
        screen.wait_text(r"tool +2\.0")
        assert spec.read_bytes() == before.replace(b"tool=1.0", b"tool=2.0")

        screen.press("U")
        screen.wait_text(r"SPEC CHANGED")
        screen.press("ctrl+s")
        screen.wait_text(r"Saved environment\.yml")
        assert spec.read_bytes() == before
        screen.press("q")
        assert screen.wait_exit() == 0
        assert screen.is_restored
