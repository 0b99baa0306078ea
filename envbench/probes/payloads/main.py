"""The part of a probe that runs inside the environment: standard library only, Python >= 3.8.

Usage: python main.py PROBE --fd N --timeout SECONDS [--gpu UUID]

One JSON line per event goes to descriptor N, because frameworks write what they like to
stdout and stderr. The stage that is open when this process dies owns the crash or the hang.
"""

import sys

_AT_START = frozenset(sys.modules)

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
import faulthandler  # noqa: E402
import importlib  # noqa: E402
import importlib.machinery  # noqa: E402
import importlib.util  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import time  # noqa: E402
import traceback  # noqa: E402

_START = time.monotonic()
_HERE = os.path.dirname(os.path.abspath(__file__))


def load_beside(name):
    """Load `NAME.py` from beside this file, whatever the import path says."""
    path = os.path.join(_HERE, name + ".py")
    spec = importlib.util.spec_from_file_location("envbench_probe_" + name, path)
    module = importlib.util.module_from_spec(spec)
    # What inspects its own source, as compilers of kernels do, looks here for it.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


checking = load_beside("checking")
surroundings = load_beside("surroundings")


class Events:
    """Writes events, each as one line by one write."""

    def __init__(self, descriptor):
        self._descriptor = descriptor

    def write(self, kind, **fields):
        """Write one event with its time and the largest resident size so far."""
        fields["k"] = kind
        fields["t"] = round(time.monotonic() - _START, 6)
        fields["memory_peak_bytes"] = surroundings.read_memory_peak()
        line = json.dumps(fields, default=str, separators=(",", ":")) + "\n"
        os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))


class StageFailedError(Exception):
    """A stage ended with an exception that has been reported."""


class Stage:
    """Reports begin, end and exception of one stage; what was skipped ends well, with a reason."""

    def __init__(self, events, name, **data):
        self._events = events
        self._name = name
        self.data = data
        self.skipped = ""

    def __enter__(self):
        self._events.write("stage_start", stage=self._name)
        self._began = time.monotonic()
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(error, Exception):
            return False  # SystemExit and KeyboardInterrupt end the process: `exited`
        if isinstance(error, checking.Skipped):
            self.skipped, error = str(error), None
            self.data["skipped"] = self.skipped
        fields = {"stage": self._name, "ok": error is None, "sec": time.monotonic() - self._began}
        fields["data"] = self.data
        if error is not None:
            fields["error"] = describe_chain(error)
            fields["frames"] = describe_frames(error)
        self._events.write("stage_end", **fields)
        if error is not None:
            raise StageFailedError(self._name) from error
        return True


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


def find_distributions(payload):
    """Describe every distribution of interest that is installed.

    Returns:
        Those of the framework itself, and those that it works with.
    """
    own = _describe_all(payload.DISTRIBUTIONS, payload.CONDA_NAMES)
    related = getattr(payload, "RELATED", ())
    return own, _describe_all(related, (*related, *(n.replace("-", "_") for n in related)))


def _describe_all(names, conda_names):
    found = {}
    for name in names:
        described = surroundings.describe_distribution(name)
        if described:
            found[name] = described
    for name in conda_names:
        record = surroundings.find_conda_record(name)
        if record:
            known = name.replace("_", "-") if name.replace("_", "-") in found else name
            entry = found.setdefault(known, {"version": record["version"], "installer": "conda"})
            entry["build"] = record["build"]
    return found


def forget_shadowed():
    """Unload what this file has loaded of the standard library, where the user's path comes first.

    The framework then meets a `random.py` of the user's as it would without this file.
    """
    standard = getattr(sys, "stdlib_module_names", ())  # from Python 3.10 on
    for name in [name for name in sys.modules if name in standard and name not in _AT_START]:
        loaded = getattr(sys.modules[name], "__spec__", None)
        if loaded is None or not loaded.has_location:
            continue  # what is built in comes before every path
        found = importlib.machinery.PathFinder.find_spec(name, sys.path)
        if found is None or not found.has_location or found.origin == loaded.origin:
            continue
        for part in [part for part in sys.modules if part == name or part.startswith(name + ".")]:
            del sys.modules[part]


def run_checks(events, payload, probing):
    """Run each check as a stage of its own and report its number."""
    with Stage(events, "inputs") as stage:
        # All of it at once: what a payload does between two checks has no stage to fail in.
        checks = list(payload.checks(probing))
    if stage.skipped:
        events.write("skipped", reason=stage.skipped)
        return
    for name, device, tolerance, compute in checks:
        try:
            with Stage(events, "check:" + name, device=device, tolerance=tolerance) as stage:
                error = float(compute())
                # NaN compares false with everything: it must not pass.
                stage.data.update(error=repr(error), ok=error <= tolerance)
            if stage.skipped:
                probing.leave_unchecked("%s: %s" % (name, stage.skipped))
        except StageFailedError:
            continue


def prepare(events, payload, probing):
    """Go through the stages before the checks.

    Returns:
        Whether there is anything to check.
    """
    with Stage(events, "static") as stage:
        own, related = find_distributions(payload)
        stage.data = {
            "distributions": dict(own, **{name: related[name] for name in related}),
            "python": sys.version.split()[0],
            "executable": sys.executable,
        }
    if not own and payload.DISTRIBUTIONS:
        events.write("not_installed", names=list(payload.DISTRIBUTIONS))
        return False
    forget_shadowed()
    with Stage(events, "import") as stage:
        if hasattr(payload, "prepare"):
            payload.prepare()
        for name in payload.MODULES:
            probing.modules[name] = importlib.import_module(name)
        stage.data = {
            name: str(getattr(module, "__file__", "built-in"))
            for name, module in probing.modules.items()
        }
    if not stage.skipped:
        with Stage(events, "facts") as stage:
            facts = payload.facts(probing)
            facts.update(surroundings.describe(payload.MODULES))
            stage.data = facts
            count = len(facts.get("devices") or ())
            if count > 1 and not getattr(payload, "EVERY_GPU", False):
                probing.leave_unchecked(
                    "%d of %d GPUs: only the first one is used" % (count - 1, count)
                )
    if stage.skipped:
        events.write("skipped", reason=stage.skipped)
    return not stage.skipped


def run(events, payload, probing):
    """Go through all stages; what fails before the checks is reported and ends the run."""
    try:
        if prepare(events, payload, probing):
            tell_unchecked(events, probing)
            run_checks(events, payload, probing)
    except StageFailedError:
        pass
    tell_unchecked(events, probing)


def tell_unchecked(events, probing):
    """Tell what this probe cannot check here, as far as it has not been told yet."""
    lines = probing.take_unchecked()
    if lines:
        events.write("unchecked", what=lines)


def main():
    """Parse the arguments, arm the watchdog, run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--timeout", type=float, required=True)
    parser.add_argument("--gpu", default="")
    arguments = parser.parse_args()
    faulthandler.enable()
    # The stack of a hang must be in the log before the parent kills this process.
    faulthandler.dump_traceback_later(max(arguments.timeout - 2, arguments.timeout / 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    events = Events(arguments.fd)
    probing = checking.Probing(arguments.gpu, surroundings, load_beside)
    payload = load_beside("probe_" + arguments.probe)
    # From here on the user's own path counts: this is what is to be judged.
    sys.path[:] = _USER_PATH
    run(events, payload, probing)
    events.write("done")
    sys.stdout.flush()
    sys.stderr.flush()
    # Destructors of GPU libraries crash at interpreter exit; the verdict is already written.
    os._exit(0)


if __name__ == "__main__":
    main()
