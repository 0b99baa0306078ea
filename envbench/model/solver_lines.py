"""The kinds of lines that the solver's explanation is made of, read and written.

Source: resolvo's `DisplayUnsat`, as rattler prints it.
"""

import re
from dataclasses import dataclass, replace
from functools import cmp_to_key

from envbench.model.version import compare_versions
from envbench.model.version_ranges import join_ranges

MAX_RANGES = 6
"""Alternatives that are written out in one line."""
MAX_RANGES_WIDTH = 90
"""Characters of them; of more, only the ends are shown."""
_ELLIPSIS = "..."
_NUMBER = re.compile(r"\d[\w.]*")
_PACKAGE = re.compile(
    r"(?P<name>[^\s,|]+) (?P<versions>[^\s,|]+(?: \| [^\s,|]+)*)"
    r"(?P<tail> would require| would constrain|, which conflicts with .*| is excluded because .*|)"
)
_DEMAND = re.compile(
    r"(?P<name>[^\s,|]+) (?P<range>.+?)"
    r"(?P<tail>,? (?:which )?can(?:not)? be installed .*:|, for which no candidates were found\.?)"
)


@dataclass(frozen=True, slots=True)
class Package:
    """`pandas 2.2.0 | 2.2.1 would require`: versions of a package, and what is the matter."""

    name: str
    versions: tuple[str, ...]
    """Ascending."""
    has_more: bool
    """The solver left some out between the first and the last."""
    tail: str

    def write(self) -> str:
        """Give the line."""
        return f"{self.name} {self.write_versions()}{self.tail}"

    def write_versions(self, *, is_counted: bool = True) -> str:
        """Give the versions: all of a few, the ends of many, with their number where it is known."""
        if not self.has_more and len(self.versions) <= 3:
            return " | ".join(self.versions)
        count = f" ({len(self.versions)} versions)" if is_counted and not self.has_more else ""
        return f"{self.versions[0]} {_ELLIPSIS} {self.versions[-1]}{count}"


@dataclass(frozen=True, slots=True)
class Demand:
    """`python >=3.9,<3.10.0a0, for which no candidates were found.`: what something asks for."""

    name: str
    ranges: tuple[str, ...]
    """More than one when alternatives were joined."""
    tail: str
    option: Package | None = None
    """The only package there is for it, when told in the same line; its tail is that of the line."""

    def write(self) -> str:
        """Give the line."""
        option = self.option.write_versions(is_counted=False) if self.option is not None else ""
        only = f" (only {option})" if option else ""
        return f"{self.name} {self._write_ranges()}{only}{self.tail}"

    def _write_ranges(self) -> str:
        whole, count = " or ".join(self.ranges), len(self.ranges)
        if count <= 2 or (count <= MAX_RANGES and len(whole) <= MAX_RANGES_WIDTH):
            return whole
        return f"{self.ranges[0]} {_ELLIPSIS} {self.ranges[-1]} ({count} ranges)"

    @property
    def has_options(self) -> bool:
        """Whether what could satisfy it stands below, whatever comes of it."""
        return self.tail.endswith(":")


@dataclass(frozen=True, slots=True)
class Other:
    """Any other line, kept as it is."""

    text: str

    def write(self) -> str:
        """Give the line."""
        return self.text


SolverLine = Package | Demand | Other


def read_line(text: str) -> SolverLine:
    """Tell what kind of line a text is; any text is one."""
    demand = _DEMAND.fullmatch(text)
    if demand is not None:
        return Demand(demand["name"], (demand["range"],), demand["tail"])
    package = _PACKAGE.fullmatch(text)
    if package is None:
        return Other(text)
    versions = package["versions"].split(" | ")
    known = tuple(version for version in versions if version != _ELLIPSIS)
    line = Package(package["name"], known, _ELLIPSIS in versions, package["tail"])
    return line if known else Other(text)


def join_packages(one: Package, two: Package) -> Package:
    """Put the versions of two lines into one."""
    versions = sorted({*one.versions, *two.versions}, key=cmp_to_key(_compare))
    return replace(one, versions=tuple(versions), has_more=one.has_more or two.has_more)


def _compare(one: str, two: str) -> int:
    return compare_versions(two, one) or (one > two) - (one < two)


def join_demands(one: Demand, two: Demand) -> Demand:
    """Make alternatives of two demands for the same package."""
    ranges = sorted({*one.ranges, *two.ranges}, key=cmp_to_key(_compare_ranges))
    option = one.option
    if option is not None and two.option is not None:
        option = join_packages(option, two.option)
    return replace(one, ranges=join_ranges(ranges), option=option)


def _compare_ranges(one: str, two: str) -> int:
    first, second = (_NUMBER.search(text) for text in (one, two))
    order = compare_versions(second[0], first[0]) if first and second else 0
    return order or (one > two) - (one < two)
