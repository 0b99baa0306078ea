from hypothesis import given
from hypothesis import strategies as st

from envbench.probes.stack_dump import DumpedFrame, find_culprit, read_dump

HANG = """some output
Timeout (0:00:03)!
Thread 0x00007f0000000001 [worker] (most recent call first):
  File "/e/lib/python3.11/threading.py", line 324 in wait
  File "/e/lib/python3.11/threading.py", line 1038 in _bootstrap

Thread 0x00007f0000000000 (most recent call first):
  File "/e/lib/python3.11/threading.py", line 10 in acquire
  File "/e/lib/python3.11/site-packages/slow/core.py", line 7 in connect
  File "/e/lib/python3.11/site-packages/numpy/__init__.py", line 3 in <module>
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed
  File "/x/envbench/probes/payloads/main.py", line 200 in run
"""
CRASH = """Fatal Python error: Segmentation fault

Thread 0x00007f0000000002 (most recent call first):
  File "/e/lib/python3.11/site-packages/other.py", line 1 in idle

Current thread 0x00007f0000000000 (most recent call first):
  <no Python frame>

Current thread 0x00007f0000000000 (most recent call first):
  Garbage-collecting
  File "/e/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "/e/lib/python3.11/site-packages/numpy/__init__.py", line 2 in <module>

Extension modules: numpy._core (total: 1)
"""


def test_of_a_hang_the_main_thread_matters_which_is_written_last():
    frames = read_dump(HANG)
    assert frames[0] == DumpedFrame("/e/lib/python3.11/threading.py", "10", "acquire")
    assert str(find_culprit(frames)).endswith("site-packages/slow/core.py:7 in connect")


def test_of_a_crash_the_thread_that_crashed_matters():
    frames = read_dump(CRASH)
    assert [frame.line for frame in frames] == ["519", "2"]
    assert "numpy/__init__.py" in str(find_culprit(frames))


def test_a_stack_of_the_standard_library_alone_names_its_nearest_frame():
    text = 'Thread 0x00 (most recent call first):\n  File "/e/lib/python3.11/socket.py", line 5 in accept\n'
    assert str(find_culprit(read_dump(text))) == "/e/lib/python3.11/socket.py:5 in accept"
    assert find_culprit(()) is None


@given(st.text(max_size=400))
def test_any_log_is_read(text):
    assert isinstance(read_dump(text + "\nThread 0x1 (most recent call first):\n" + text), tuple)
