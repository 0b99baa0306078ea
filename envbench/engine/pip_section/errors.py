"""What can go wrong with a pip section, by whose fault it is."""

from envbench.model.errors import NotFineError, PreventedError, UsageError


class PipItemError(UsageError):
    """An item of the pip section is not accepted."""


class PipNoSolutionError(NotFineError):
    """No set of packages satisfies the items together with what conda owns."""


class PipNotFoundError(PipNoSolutionError):
    """No index has a package of that name."""


class PipRunsCodeError(NotFineError):
    """Only a source distribution exists; building it would run code of the package."""


class PipGuardError(NotFineError):
    """The pip section would replace, or has replaced, what conda installed."""


class PipHashError(PreventedError):
    """An artefact is not the one that was locked."""


class PipBrokenError(PreventedError):
    """The installation is incomplete on disk."""


class PipOfflineError(PreventedError):
    """The cache does not hold what is needed, and the network is switched off."""


class PipNetworkError(PreventedError):
    """The index did not answer as it should."""


class UvError(PreventedError):
    """uv is missing, too old, or said something unknown."""


class PipTimeUpError(PreventedError):
    """The time that was set for trying variants is over; nothing is wrong with them."""
