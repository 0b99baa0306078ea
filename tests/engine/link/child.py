"""Fetches or links in a process of its own, as a build worker does; ends with `os._exit`.

    python child.py ROOT < order.json

Prints one JSON line: the reports, or the error, and the events that came.
"""

import os
import sys

ROOT = sys.argv[1]
sys.path.insert(0, ROOT)

import msgspec  # noqa: E402

from envbench.engine.backends.rattler.backend import RattlerBackend  # noqa: E402
from envbench.model.errors import EnvbenchError  # noqa: E402
from tests.engine.link.order import Order, Outcome, make_plan  # noqa: E402


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    events: list = []
    outcome = Outcome()
    try:
        backend = RattlerBackend(order.settings, None)
        plan = make_plan(order.packages)
        for step in order.steps:
            if step == "fetch":
                outcome.fetched = backend.fetch(plan, events.append)
            elif step == "link":
                outcome.linked = backend.link(
                    plan, order.prefix, order.target_prefix, events.append,
                    requested=order.requested, run_link_scripts=order.run_link_scripts,
                )  # fmt: skip
            else:
                # Damages something between two steps: `python:CODE`.
                exec(step.removeprefix("python:"), {})
    except EnvbenchError as error:
        outcome.take(error)
    outcome.events = [msgspec.to_builtins(event) for event in events]
    os.write(1, msgspec.json.encode(outcome))
    os._exit(0)


main()
