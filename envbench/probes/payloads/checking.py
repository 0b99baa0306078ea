"""What every payload checks with: comparison of numbers, a way to skip, a limit for one check.

Loaded by path by `main.py`, standard library only, Python >= 3.8.
"""

import signal


class Skipped(Exception):  # noqa: N818 - no error: a check that says why it is not run
    """A check, or a whole probe, that cannot be done here; its text says why."""


class OutOfTimeError(BaseException):
    """The limit of one check is over; no `except Exception` of a framework may swallow it."""


class Limit:
    """Ends what runs inside of it after some seconds, and has it count as skipped."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._over = False

    def __enter__(self):
        self._before = signal.signal(signal.SIGALRM, self._end)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        return self

    def __exit__(self, kind, error, trace):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)
        if self._over and error is not None:
            raise Skipped("not done within %g s" % self._seconds) from None
        return False

    def _end(self, _number, _frame):
        self._over = True
        raise OutOfTimeError


class Probing:
    """What a payload gets: the modules of its import stage, the GPU, and the means to check."""

    def __init__(self, gpu, surroundings, load_beside):
        self.modules = {}
        self.gpu = gpu
        self.surroundings = surroundings
        self.load_beside = load_beside
        self._unchecked = []

    def leave_unchecked(self, line):
        """Say what this probe cannot check here, and why."""
        self._unchecked.append(" ".join(line.split()))

    def take_unchecked(self):
        """Give what was said since the last time."""
        lines, self._unchecked = self._unchecked, []
        return lines

    @staticmethod
    def skip(reason):
        """End this check as skipped."""
        raise Skipped(reason)

    @staticmethod
    def limit(seconds):
        """Give a check some seconds; it counts as skipped when they are over."""
        return Limit(seconds)

    @staticmethod
    def relative_error(computed, reference):
        """Give the largest deviation, relative to the largest reference value.

        The interpreter compares, not the library under test: its own `max` may be what is broken.
        """
        mine, theirs = _flatten(reference), _flatten(computed)
        if len(mine) != len(theirs):
            raise ValueError("%d numbers came back, not %d" % (len(theirs), len(mine)))
        scale = max(map(abs, mine)) or 1.0
        deviations = [abs(a - b) for a, b in zip(theirs, mine)]
        if any(deviation != deviation for deviation in deviations):
            return float("nan")
        return max(deviations) / scale

    @staticmethod
    def differ(computed, expected):
        """Give 0.0 for what is equal and 1.0 for what is not: for checks without any rounding."""
        return 0.0 if computed == expected else 1.0

    def check_version(self, module, distributions):
        """Give 0.0 when a module says the version that its distribution is installed with.

        For what cannot compute here: module and metadata of different releases are a torn install.
        """
        said = str(getattr(module, "__version__", "")).split("+")[0]
        installed = [version.split("+")[0] for version in self._list_versions(distributions)]
        if not said or not installed:
            self.skip("no version is told by %s" % ("its metadata" if said else "the module"))
        if said not in installed:
            raise RuntimeError(
                "the module says version %s, its metadata %s" % (said, ", ".join(installed))
            )
        return 0.0

    def _list_versions(self, distributions):
        found = (self.surroundings.describe_distribution(name) for name in distributions)
        return [described["version"] for described in found if described]


def _flatten(values):
    """List the numbers of an array of any framework, or of nested sequences."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if not isinstance(values, (list, tuple)):
        return [values]
    if values and isinstance(values[0], (list, tuple)):
        return [number for row in values for number in _flatten(row)]
    return list(values)
