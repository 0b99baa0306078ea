"""The table: conflicts over the real metadata, each of which was seen before it was written down.

Every core was found by brute force with the bare library (`oracle.py`); `test_cores.py` finds
them again. The cases lie in four files, by what they are about.
"""

from tests.conflicts.cases_between import BETWEEN
from tests.conflicts.cases_boxes import BOXES
from tests.conflicts.cases_gpu import GPU
from tests.conflicts.cases_missing import MISSING

CASES = (*MISSING, *BOXES, *GPU, *BETWEEN)
BY_NAME = {case.name: case for case in CASES}
DAILY = tuple(case for case in CASES if case.daily)

assert len(BY_NAME) == len(CASES)
