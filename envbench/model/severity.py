"""How bad something is that is wrong."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad a problem is; only `ERROR` keeps a spec from being solved or built."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
