"""NVLink: an error that passes leaves neither a hole in the list nor a reason behind."""

import json
import subprocess
import sys
from pathlib import Path

from envbench.model.gpu import Unread
from tests.gpu_driver import StubBox, error, gpu

ROOT = Path(__file__).parents[3]
CALL = "nvmlDeviceGetNvLinkState"
SCRIPT = """
import json, sys
from envbench.machine.sampler.asking import Asker
from envbench.machine.sampler.breadcrumb import BreadcrumbWriter
from envbench.machine.sampler.driver import Driver
from envbench.machine.sampler.links import Links

driver = Driver(BreadcrumbWriter(None))
driver.load()
asker = Asker(driver, 0, driver.call(0, "nvmlDeviceGetHandleByIndex", 0))
links = Links(asker)
for _ in sys.stdin:
    found = [link.index for link in links.read()]
    print(json.dumps([found, asker.unread, asker.codes]), flush=True)
"""


def test_an_error_that_passes_leaves_no_reason_behind(box: StubBox):
    link, fault = gpu(nvlink="AAIA"), error(CALL, 0, 10)
    all_is_well = [[0, 1, 2, 3], {}, {}]
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=box(link), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with child:
        for lines, told in (
            ([link], all_is_well),
            ([link, fault], [[], {"nvlinks": Unread.DRIVER_ERROR}, {"nvlinks": 10}]),
            ([link], all_is_well),
        ):
            box.rewrite(*lines)
            child.stdin.write(b"\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline()) == told
