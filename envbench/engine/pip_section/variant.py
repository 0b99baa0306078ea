"""One variant of a pip section: what exactly is asked of uv."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from envbench.engine.pip_section.items import VettedItem
from envbench.engine.pip_section.workspace import pinnable, write_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class PipTrial:
    """What came of resolving one variant."""

    versions: Mapping[str, str] = field(default_factory=dict)
    """Normalised name to version of what pip would install; nothing that conda owns."""
    refusal: str = ""
    """Why there is no solution, in uv's words, cleaned; empty when there is one."""

    @property
    def is_refused(self) -> bool:
        """Whether there is no solution."""
        return bool(self.refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Items, what conda owns, and the Python; hashable, so that each is asked once."""

    items: tuple[str, ...]
    owned: tuple[tuple[str, str], ...]
    guarded: tuple[str, ...] = ()
    """All names that conda owns, also those whose version no pin can state."""
    released: tuple[str, ...] = ()
    """Owned distributions whose version pleases everybody."""
    python_version: str
    lowest: bool = False
    """Whether the items get the oldest versions that fit, instead of the newest."""

    def options(self, directory: Path, vetted: Sequence[VettedItem]) -> Iterator[str]:
        """Write the files that uv reads, and give the options that name them."""
        free = [name in self.released for name, _ in self.owned]
        pins = [f"{name}=={version}" for name, version in self.owned]
        files = {
            "requirements": [item.line for item in vetted],
            "constraints": [pin for pin, is_free in zip(pins, free, strict=True) if not is_free],
            # An override takes the place of whatever anybody asks of that distribution.
            "overrides": [pin for pin, is_free in zip(pins, free, strict=True) if is_free],
        }
        for kind, lines in files.items():
            if lines or kind == "requirements":
                yield f"--{kind}"
                yield str(write_lines(directory / f"{kind}.txt", lines))
        if self.lowest:
            yield from ("--resolution", "lowest-direct")


def make_variant(
    items: Sequence[str],
    owned: Mapping[str, str],
    python_version: str,
    *,
    released: Collection[str] = (),
    lowest: bool = False,
) -> Variant:
    """Bring a variant into the form in which equal ones are equal."""
    pins = pinnable(owned)
    return Variant(
        items=tuple(items),
        owned=tuple(sorted(pins.items())),
        guarded=tuple(sorted(owned)),
        released=tuple(sorted(set(released) & pins.keys())),
        python_version=python_version,
        lowest=lowest,
    )
