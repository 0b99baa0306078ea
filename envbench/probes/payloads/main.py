"""The part of a probe that runs inside the environment: standard library only, Python >= 3.8.

Usage: python main.py PROBE --fd N --timeout SECONDS

One JSON line per event goes to descriptor N, because frameworks write what they like to
stdout and stderr. The stage that is open when this process dies owns the crash or the hang.
"""

import sys

# Nothing on the user's path may stand in for the standard library while this file loads its own
# needs: a `random.py` in PYTHONPATH would otherwise break the very first stage. The folder of this
# file goes for good: nothing in it is meant to be imported by name.
_USER_PATH = [entry for entry in sys.path if not __file__.startswith(entry + "/")]
sys.path[:] = [
    entry
    for entry in _USER_PATH
    if entry.startswith((sys.base_prefix, sys.prefix)) and "site-packages" not in entry
]

import argparse  # noqa: E402
import contextlib  # noqa: E402
import faulthandler  # noqa: E402
import importlib  # noqa: E402
import importlib.metadata  # noqa: E402
import importlib.util  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import time  # noqa: E402
import traceback  # noqa: E402

sys.path[:] = _USER_PATH

_START = time.monotonic()
_HERE = os.path.dirname(os.path.abspath(__file__))


class Events:
    """Writes events, each as one line by one write."""

    def __init__(self, descriptor):
        self._descriptor = descriptor

    def write(self, kind, **fields):
        """Write one event with its time and the largest resident size so far."""
        fields["k"] = kind
        fields["t"] = round(time.monotonic() - _START, 6)
        fields["memory_peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        line = json.dumps(fields, default=str, separators=(",", ":")) + "\n"
        os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))


class StageFailedError(Exception):
    """A stage ended with an exception that has been reported."""


class Stage:
    """Reports begin, end and exception of one stage."""

    def __init__(self, events, name):
        self._events = events
        self._name = name
        self.data = {}

    def __enter__(self):
        self._events.write("stage_start", stage=self._name)
        self._began = time.monotonic()
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(error, Exception):
            return False  # SystemExit and KeyboardInterrupt end the process: `exited`
        fields = {"stage": self._name, "ok": error is None, "sec": time.monotonic() - self._began}
        if error is None:
            fields["data"] = self.data
        else:
            fields["error"] = describe_chain(error)
            fields["frames"] = describe_frames(error)
        self._events.write("stage_end", **fields)
        if error is not None:
            raise StageFailedError(self._name) from error
        return False


def describe_chain(error):
    """List an exception and those behind it, outermost first."""
    chain = []
    while error is not None and len(chain) < 12:
        chain.append({"type": type(error).__name__, "message": str(error)[:4000]})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def describe_frames(error):
    """Name the last frames of the innermost exception."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return ["%s:%s in %s" % (frame.filename, frame.lineno, frame.name) for frame in frames]


def load_payload(name):
    """Load `probe_NAME.py` from beside this file, whatever the import path says."""
    path = os.path.join(_HERE, "probe_%s.py" % name)
    spec = importlib.util.spec_from_file_location("envbench_probe_" + name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def describe_distribution(name):
    """Read the metadata of an installed distribution, or None."""
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    origin = str(getattr(found, "_path", ""))
    return {
        "version": found.version,
        "installer": (found.read_text("INSTALLER") or "").strip(),
        "origin": origin,
        "in_prefix": str(
            os.path.realpath(origin).startswith(os.path.realpath(sys.prefix) + os.sep)
        ).lower(),
    }


def find_conda_record(name):
    """Find conda's record of a package by its file name: version and build, or None."""
    folder = os.path.join(sys.prefix, "conda-meta")
    for entry in os.listdir(folder) if os.path.isdir(folder) else ():
        parts = entry[:-5].rsplit("-", 2) if entry.endswith(".json") else ()
        if len(parts) == 3 and parts[0] == name:
            return {"version": parts[1], "build": parts[2]}
    return None


def find_distributions(payload):
    """Describe every distribution of interest that is installed."""
    found = {}
    for name in payload.DISTRIBUTIONS:
        described = describe_distribution(name)
        if described:
            found[name] = described
    for name in payload.CONDA_NAMES:
        record = find_conda_record(name)
        if record:
            entry = found.setdefault(name, {"version": record["version"], "installer": "conda"})
            entry["build"] = record["build"]
    return found


def run_checks(events, payload, modules):
    """Run each check as a stage of its own and report its number."""
    for name, device, tolerance, compute in payload.checks(modules):
        try:
            with Stage(events, "check:" + name) as stage:
                error = float(compute())
                # NaN compares false with everything: it must not pass.
                stage.data = {
                    "error": repr(error),
                    "tolerance": tolerance,
                    "device": device,
                    "ok": error <= tolerance,
                }
        except StageFailedError:
            continue


def run(events, payload):
    """Go through all stages; what fails is reported and ends the run."""
    with Stage(events, "static") as stage:
        distributions = find_distributions(payload)
        stage.data = {
            "distributions": distributions,
            "python": sys.version.split()[0],
            "executable": sys.executable,
        }
    if not distributions and payload.DISTRIBUTIONS:
        events.write("not_installed", names=list(payload.DISTRIBUTIONS))
        return
    modules = {}
    with Stage(events, "import") as stage:
        for name in payload.MODULES:
            modules[name] = importlib.import_module(name)
        stage.data = {
            name: str(getattr(module, "__file__", "built-in")) for name, module in modules.items()
        }
    with Stage(events, "facts") as stage:
        stage.data = payload.facts(modules)
    run_checks(events, payload, modules)


def main():
    """Parse the arguments, arm the watchdog, run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--timeout", type=float, required=True)
    arguments = parser.parse_args()
    faulthandler.enable()
    # The stack of a hang must be in the log before the parent kills this process.
    faulthandler.dump_traceback_later(max(arguments.timeout - 2, arguments.timeout / 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    events = Events(arguments.fd)
    with contextlib.suppress(StageFailedError):
        run(events, load_payload(arguments.probe))
    events.write("done")
    sys.stdout.flush()
    sys.stderr.flush()
    # Destructors of GPU libraries crash at interpreter exit; the verdict is already written.
    os._exit(0)


if __name__ == "__main__":
    main()
